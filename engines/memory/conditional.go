package memory

import (
	"context"

	"github.com/doorbuster/doorbuster/engines"
)

// conditional asks and writes in one statement: UPDATE … SET available = available - n WHERE available >= n.
type conditional struct{}

var _ strategy = conditional{}

func (conditional) move(ctx context.Context, t *txn) (engines.Outcome, error) {
	if err := t.env.Step(ctx, t.keys...); err != nil {
		return engines.Unknown, err
	}
	return t.attempt(), nil
}
