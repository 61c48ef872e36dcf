package memory

import (
	"context"

	"github.com/doorbuster/doorbuster/engines"
)

// optimistic reads, and writes only if no row has another version by then; else it begins again, a few times.
type optimistic struct{}

var _ strategy = optimistic{}

func (optimistic) move(ctx context.Context, t *txn) (engines.Outcome, error) {
	for n := 0; ; n++ {
		if err := t.env.Step(ctx); err != nil {
			return engines.Unknown, err
		}
		t.read()
		if !t.fits() {
			return t.refuse(engines.SoldOut), nil
		}
		if err := t.env.Step(ctx, t.keys...); err != nil {
			return engines.Unknown, err
		}
		if t.unchanged() {
			return t.write(), nil
		}
		if again, err := t.retry(ctx, n); err != nil {
			return engines.Unknown, err
		} else if !again {
			return t.refuse(engines.Contended), nil
		}
	}
}
