// Package memory is the reference engine: eleven strategies over stock that is kept in this process. The same code runs in
// simulated time and with real goroutines, since whatever takes time stands behind engines.Env.
//
// A strategy is put together from the verbs of a transaction (see txn): read, fits, unchanged, write, refuse. Strategies differ
// exactly in what stands between them: nothing, a lock, a comparison, a lease. What is the same for all stands around
// them: idempotency, the life of a hold, versions, books.
//
// An operation that is sent again gets its first outcome. It gets its first versions too while the order that it granted is open; after
// that they are forgotten, as are those of operations that grant nothing. An order is granted at most once: another
// Reserve or Sell of it is a Conflict.
package memory

import (
	"context"
	"fmt"
	"math"

	"github.com/doorbuster/doorbuster/engines"
)

// row is the stock of one key, in units. Units that are held or committed are taken until they are shipped.
type row struct {
	available int64
	taken     int64
	shipped   int64
	seq       uint64
}

// strategy carries a transaction out, and says how a decrement is kept exclusive.
type strategy interface {
	move(ctx context.Context, t *txn) (engines.Outcome, error)
}

// build makes a strategy with its own state for the stock that e was just reset to.
type build func(e *engine) strategy

// engine is what all strategies share. It is for one goroutine at a time.
type engine struct {
	env      engines.Env
	tuning   engines.Tuning
	pools    engines.Pools
	build    build
	strategy strategy
	skus     int
	rows     []row // by key
	orders   orders
	replies  replies
	idle     *txn     // the first of those that wait to be used again
	soon     []uint32 // grants that Fetch reads
	fetched  uint32   // what it read, so that it does
}

// open returns an engine without stock; Reset gives it some.
func open(setup engines.Setup, p engines.Pools, b build) (engines.Engine, error) {
	if setup.Env == nil {
		return nil, fmt.Errorf("memory engine: no Env to run in")
	}
	e := &engine{env: setup.Env, tuning: setup.Tuning.OrDefaults(), pools: p, build: b}
	if env, ok := setup.Env.(engines.Shared); ok {
		return entered{e, env}, nil
	}
	return e, nil
}

// Reset implements engines.Engine. Nothing may be in flight.
func (e *engine) Reset(_ context.Context, opening []int64) error {
	if int64(len(opening))*int64(len(e.pools)) > math.MaxUint32 {
		return fmt.Errorf("memory engine: %d SKUs in %d pools: more stock keys than 32 bits number", len(opening), len(e.pools))
	}
	for sku, n := range opening {
		if n < 0 {
			return fmt.Errorf("memory engine: opening stock of SKU %d is %d: want at least 0", sku, n)
		}
	}
	e.skus = len(opening)
	e.rows = make([]row, len(opening)*len(e.pools))
	parts := make([]int64, len(e.pools))
	for sku, n := range opening {
		e.pools.Divide(n, parts)
		for pool, part := range parts {
			e.rows[e.key(engines.SKU(sku), pool)].available = part
		}
	}
	e.orders, e.replies, e.idle = orders{}, replies{}, nil
	e.strategy = e.build(e)
	return nil
}

// Do implements engines.Engine.
func (e *engine) Do(ctx context.Context, op engines.Op) (engines.Reply, error) {
	if err := ctx.Err(); err != nil {
		return engines.Reply{}, err // its caller has gone: nothing may happen for it any more
	}
	t, err := e.start(&op)
	if err != nil {
		return engines.Reply{}, err
	}
	outcome, err := e.run(ctx, t)
	reply := engines.Reply{Outcome: outcome, Versions: t.op.Versions}
	e.end(t) // not if a strategy panicked: t may still stand in a queue
	return reply, err
}

// start begins an operation and finds out what keeps it from happening, or else which keys it changes.
func (e *engine) start(op *engines.Op) (*txn, error) {
	if err := op.Check(e.skus); err != nil {
		return nil, err
	}
	t := e.begin(op)
	if !ascending(t.op.Lines) {
		if err := t.sum(); err != nil {
			e.end(t)
			return nil, err
		}
	}
	if t.bar = t.barred(); t.bar == engines.Unknown {
		t.plan()
	}
	return t, nil
}

// run takes t to its outcome.
func (e *engine) run(ctx context.Context, t *txn) (engines.Outcome, error) {
	if t.bar == engines.Unknown && t.movesStock() {
		return e.strategy.move(ctx, t)
	}
	if err := e.env.Step(ctx, t.keys...); err != nil {
		return engines.Unknown, err
	}
	return t.land(), nil
}

// Close implements engines.Engine. There is nothing to release.
func (e *engine) Close() error { return nil }

// key is where the stock of a SKU's pool is kept.
func (e *engine) key(sku engines.SKU, pool int) engines.Key {
	return engines.Key(int(sku)*len(e.pools) + pool)
}

// place is the reverse of key.
func (e *engine) place(k engines.Key) (engines.SKU, engines.Channel) {
	n := engines.Key(len(e.pools))
	if n == 1 { // a division takes longer than all else here
		return engines.SKU(k), 0
	}
	return engines.SKU(k / n), engines.Channel(k % n)
}
