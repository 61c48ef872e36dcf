package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/doorbuster/doorbuster/engines"
)

// txn is one operation on its way. Its verbs are what strategies are made of.
type txn struct {
	*engine
	op    engines.Op
	conn  *pgxpool.Conn  // while an attempt runs
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

// direct is a strategy that can carry some operations out in one statement, which finds out by itself what bars them. A statement
// that changed nothing, since it met something that it can't judge, is errLost.
type direct interface {
	suits(t *txn) bool
	once(ctx context.Context, t *txn) (engines.Outcome, error)
}

// run takes t to its outcome: it looks up what bars it, and else lets the strategy try, a few times.
func (t *txn) run(ctx context.Context) (engines.Outcome, error) {
	for n := 0; ; n++ {
		o, err := t.attempt(ctx, n)
		switch {
		case !worthRetrying(err):
			return o, err
		case n >= t.tuning.Retries:
			return t.giveUp(ctx)
		}
		t.count(engines.Retries, 1)
		if err := t.backoff(ctx, n); err != nil {
			return engines.Unknown, err
		}
	}
}

// attempt carries t out once, on what the database says now, and says what its caller may believe.
func (t *txn) attempt(ctx context.Context, n int) (engines.Outcome, error) {
	if err := t.acquire(ctx); err != nil {
		return engines.Unknown, err
	}
	defer t.release()
	o, err := t.carryOut(ctx, n)
	var v verdict
	switch {
	case err == nil:
		return o, nil
	case errors.As(err, &v):
		return t.answer(ctx, engines.Outcome(v))
	case lockTimeout(err):
		t.count(engines.LockTimeouts, 1)
		return t.answer(ctx, engines.Contended)
	case sqlState(err) == serializationFailure:
		t.count(engines.SerialFailures, 1)
	}
	return engines.Unknown, err
}

func (t *txn) carryOut(ctx context.Context, n int) (engines.Outcome, error) {
	t.out, t.keys, t.was = t.out[:0], t.keys[:0], t.was[:0]
	if s, ok := t.strategy.(direct); ok && n == 0 && s.suits(t) {
		o, err := s.once(ctx, t)
		if !worthRetrying(err) {
			return o, err
		}
	}
	if err := t.look(ctx); err != nil {
		return engines.Unknown, err
	}
	t.plan()
	if t.movesStock() {
		return engines.Done, t.strategy.try(ctx, t)
	}
	return engines.Done, t.in(ctx, pgx.ReadCommitted, func(tx *tx) error { return tx.settle(ctx, t, &pgx.Batch{}) })
}

// giveUp answers an operation that others were always faster than.
func (t *txn) giveUp(ctx context.Context) (engines.Outcome, error) {
	if err := t.acquire(ctx); err != nil {
		return engines.Unknown, err
	}
	defer t.release()
	return t.answer(ctx, engines.Contended)
}

// acquire takes a connection of the pool. It waits for one no longer than for an answer.
func (t *txn) acquire(ctx context.Context) (err error) {
	bounded, cancel := context.WithTimeoutCause(ctx, t.patience(), errNoConnection)
	defer cancel()
	if t.conn, err = t.pool.Acquire(bounded); err != nil && ctx.Err() == nil && bounded.Err() != nil {
		return context.Cause(bounded)
	}
	return err
}

func (t *txn) release() {
	if t.conn != nil {
		t.conn.Release()
		t.conn = nil
	}
}

// fits says whether every row that gives stock stays at 0 or above, judged on what was read. What the warehouse
// reports has happened already, so it fits always.
func (t *txn) fits() bool {
	for i := range t.keys {
		if t.gives() && t.short(i) > 0 {
			return false
		}
	}
	return true
}

// gives says whether op needs units that are available.
func (t *txn) gives() bool { return t.op.Kind.TakesStock() || t.op.Kind == engines.Transfer }

// short is how many units the i-th row lacks, judged on what was read.
func (t *txn) short(i int) int64 {
	if t.keys[i].delta >= 0 {
		return 0
	}
	return -(t.was[i].available + t.keys[i].delta)
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
