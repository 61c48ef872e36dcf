package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

// txn is one operation on its way. Its verbs are what strategies are made of.
type txn struct {
	*engine
	op    engines.Op
	print int64          // fingerprint of op's content
	lines []engines.Line // summed, in SKU order
	order order          // as it was looked up
	keys  []key          // stock keys that op changes, ascending, each once
	was   []row          // what read saw, by key
	out   []engines.Version
}

// key is a stock key and what op does to it, in units.
type key struct {
	sku   int64
	pool  int16
	qty   int64 // of the order's line, or of the feed's
	delta int64 // change of what is available
}

// row is the stock of one key as it was read.
type row struct{ available, taken, seq int64 }

// run takes t to its outcome: it looks up what bars it, and else lets the strategy try, a few times.
func (t *txn) run(ctx context.Context) (engines.Outcome, error) {
	for n := 0; ; n++ {
		err := t.attempt(ctx)
		var v verdict
		switch {
		case err == nil:
			return engines.Done, nil
		case errors.As(err, &v):
			return t.answer(ctx, engines.Outcome(v))
		case lockTimeout(err):
			return t.answer(ctx, engines.Contended)
		case !worthRetrying(err):
			return engines.Unknown, err
		case n >= t.tuning.Retries:
			return t.answer(ctx, engines.Contended)
		}
		if err := t.backoff(ctx, n); err != nil {
			return engines.Unknown, err
		}
	}
}

// attempt carries t out once, on what the database says now.
func (t *txn) attempt(ctx context.Context) error {
	t.out, t.keys, t.was = t.out[:0], t.keys[:0], t.was[:0]
	if err := t.look(ctx); err != nil {
		return err
	}
	t.plan()
	if t.movesStock() {
		return t.strategy.try(ctx, t)
	}
	return t.in(ctx, pgx.ReadCommitted, func(tx pgx.Tx) error { return t.settle(ctx, tx) })
}

// in runs f in a transaction. f's error rolls it back. The commit is not cut short by ctx: halfway through it, nobody
// could say whether it happened.
func (t *txn) in(ctx context.Context, level pgx.TxIsoLevel, f func(pgx.Tx) error) error {
	tx, err := t.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: level})
	if err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitWait)
	defer cancel()
	if err := f(tx); err != nil {
		if undo := tx.Rollback(bounded); undo != nil && !errors.Is(undo, pgx.ErrTxClosed) {
			return errors.Join(err, undo)
		}
		return err
	}
	if err := ctx.Err(); err != nil {
		return errors.Join(err, tx.Rollback(bounded))
	}
	return tx.Commit(bounded)
}

// fits says whether every row that gives stock stays at 0 or above, judged on what was read. What the warehouse
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
	timer := time.NewTimer(time.Duration(2 * rand.Float64() * float64(mean)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
