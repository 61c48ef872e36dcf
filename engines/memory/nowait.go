package memory

import (
	"context"
	"errors"

	"github.com/doorbuster/doorbuster/engines"
)

// nowait locks the rows or fails at once, and tries again a few times: SELECT … FOR UPDATE NOWAIT.
type nowait struct{}

var _ strategy = nowait{}

func (s nowait) move(ctx context.Context, t *txn) (engines.Outcome, error) {
	for n := 0; ; n++ {
		o, err := s.try(ctx, t)
		if o != engines.Unknown || err != nil {
			return o, err
		}
		if again, err := t.retry(ctx, n); err != nil {
			return engines.Unknown, err
		} else if !again {
			return t.refuse(engines.Contended), nil
		}
	}
}

// try is one transaction; Unknown without an error means that a row was locked.
func (nowait) try(ctx context.Context, t *txn) (engines.Outcome, error) {
	held, err := t.lock(ctx, 0)
	if errors.Is(err, engines.ErrBusy) {
		t.unlock(held)
		return engines.Unknown, t.env.Step(ctx) // the refusal takes a round trip to arrive
	}
	defer t.unlock(held)
	if err != nil {
		return engines.Unknown, err
	}
	return naive{}.move(ctx, t)
}
