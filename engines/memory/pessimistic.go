package memory

import (
	"context"
	"errors"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// pessimistic locks the rows before it reads them, and waits for those that are locked: SELECT … FOR UPDATE.
type pessimistic struct{}

var _ strategy = pessimistic{}

func (pessimistic) move(ctx context.Context, t *txn) (engines.Outcome, error) {
	held, err := t.lock(ctx, t.tuning.LockWait)
	defer t.unlock(held)
	if errors.Is(err, engines.ErrBusy) {
		return t.refuse(engines.Contended), nil
	}
	if err != nil {
		return engines.Unknown, err
	}
	return naive{}.move(ctx, t)
}

// lock takes the rows' locks in key order, so that no two operations wait for each other, each within the time that
// is left of wait. It says how many it holds, whatever the error.
func (t *txn) lock(ctx context.Context, wait time.Duration) (held int, err error) {
	until := t.env.Now() + wait
	for _, k := range t.keys {
		if err := t.env.Lock(ctx, k, max(0, until-t.env.Now())); err != nil {
			return held, err
		}
		held++
	}
	return held, nil
}

// unlock gives back the first held locks.
func (t *txn) unlock(held int) {
	for _, k := range t.keys[:held] {
		t.env.Unlock(k)
	}
}
