package memory

import (
	"context"
	"errors"

	"github.com/doorbuster/doorbuster/engines"
)

// serializable runs in a snapshot: it reads without a lock, and locks the rows when it writes them. If another
// wrote one since the snapshot, the first updater has won and the whole transaction begins again, as on SQLSTATE 40001.
type serializable struct{}

var _ strategy = serializable{}

func (s serializable) move(ctx context.Context, t *txn) (engines.Outcome, error) {
	for n := 0; ; n++ {
		o, err := s.try(ctx, t)
		if o != engines.Unknown || err != nil {
			return o, err
		}
		t.env.Count(engines.SerialFailures, 1)
		if again, err := t.retry(ctx, n); err != nil {
			return engines.Unknown, err
		} else if !again {
			return t.refuse(engines.Contended), nil
		}
	}
}

// try is one transaction; Unknown without an error is a serialization failure.
func (serializable) try(ctx context.Context, t *txn) (engines.Outcome, error) {
	if err := t.env.Step(ctx); err != nil {
		return engines.Unknown, err
	}
	t.read()
	if !t.fits() {
		return t.refuse(engines.SoldOut), nil
	}
	held, err := t.lock(ctx, t.tuning.LockWait)
	defer t.unlock(held)
	if errors.Is(err, engines.ErrBusy) {
		return t.refuse(engines.Contended), nil
	}
	if err != nil {
		return engines.Unknown, err
	}
	if !t.unchanged() {
		return engines.Unknown, nil
	}
	if err := t.env.Step(ctx, t.keys...); err != nil {
		return engines.Unknown, err
	}
	return t.write(), nil
}
