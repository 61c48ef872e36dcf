package redis

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// txn is one operation on its way. Its verbs are what strategies are made of.
type txn struct {
	*engine
	op        engines.Op
	journaled bool           // its scripts write to the journal too
	print     string         // fingerprint of op's content
	lines     []engines.Line // summed, in SKU order
	home      string         // what the keys of its order and of its own record begin with
	order     order          // as it was looked up
	keys      []key          // stock keys that op changes, each once
	was       []row          // what read saw, by key

	outcome engines.Outcome
	fresh   bool // op's reply was made now
	out     []engines.Version
}

// row is the stock of one key as it was read.
type row struct{ available, taken int64 }

// run takes t to its reply: it lets the strategy try, a few times. A script that the server has forgotten is loaded again, once.
func (t *txn) run(ctx context.Context) error {
	reloaded := false
	for n := 0; ; n++ {
		err := t.attempt(ctx, n > 0)
		var v verdict
		switch {
		case err == nil, errors.Is(err, errAnswered):
			return nil
		case errors.As(err, &v):
			return t.answer(ctx, engines.Outcome(v))
		case forgotten(err) && !reloaded:
			reloaded = true
			if err := t.load(ctx); err != nil {
				return err
			}
			continue
		case !errors.Is(err, errLost):
			return err
		case n >= t.tuning.Retries:
			return t.answer(ctx, engines.Contended)
		}
		t.count(engines.Retries, 1)
		if err := t.backoff(ctx, n); err != nil {
			return err
		}
	}
}

// attempt carries t out once. The lines of an order are looked up where op doesn't name them.
func (t *txn) attempt(ctx context.Context, again bool) error {
	t.out, t.keys, t.was, t.order = t.out[:0], t.keys[:0], t.was[:0], order{}
	if err := t.locate(ctx); err != nil {
		return err
	}
	if again || !t.op.Kind.NamesLines() {
		if err := t.look(ctx); err != nil {
			return err
		}
	}
	t.plan()
	if t.movesStock() {
		return t.strategy.try(ctx, t)
	}
	return t.settle(ctx)
}

// fits says whether every key that gives stock stays at 0 or above, judged on what was read. What the warehouse
// reports has happened already, so it fits always.
func (t *txn) fits() bool {
	for i, k := range t.keys {
		if t.op.Kind.TakesStock() && t.was[i].available+k.delta < 0 {
			return false
		}
	}
	return true
}

// maxDoublings bounds how far a sleep between two attempts grows: 32 times the first.
const maxDoublings = 5

// backoff sleeps before attempt n+1, twice as long on average each time, and never as long as its neighbours.
func (t *txn) backoff(ctx context.Context, n int) error {
	mean := t.tuning.Backoff << min(n, maxDoublings)
	return sleep(ctx, time.Duration(2*rand.Float64()*float64(mean)))
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
