package memory

import (
	"context"

	"github.com/doorbuster/doorbuster/engines"
)

// naive reads, decides, and writes what it worked out. Whatever happens between the two round trips is overwritten.
type naive struct{}

var _ strategy = naive{}

func (naive) move(ctx context.Context, t *txn) (engines.Outcome, error) {
	if err := t.env.Step(ctx); err != nil {
		return engines.Unknown, err
	}
	t.read()
	return t.writeIfFits(ctx)
}

// writeIfFits is the second half of reading and then writing.
func (t *txn) writeIfFits(ctx context.Context) (engines.Outcome, error) {
	if !t.fits() {
		return t.refuse(engines.SoldOut), nil
	}
	if err := t.env.Step(ctx, t.keys...); err != nil {
		return engines.Unknown, err
	}
	return t.write(), nil
}
