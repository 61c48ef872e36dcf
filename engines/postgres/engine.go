// Package postgres runs the strategies of the reference engine on a PostgreSQL server, with real row locks, real
// snapshots and real commits. Each strategy is one short file with its SQL in view; they differ in how the stock row is
// read and written, and in nothing else.
//
// What is the same for all stands around them: an operation is looked up, carried out in one transaction together with
// its order's grant and its first reply, and begun again if another took a row, an order or an ID before it. Every
// transaction takes stock rows in the order of their keys, then the order, then the operation, so none waits for another in a circle.
//
// An operation that is sent again gets its first reply, versions included. A context that ends cuts an operation short
// with Unknown, but never its COMMIT, which is waited for; Books tells what became of it. No answer is waited for longer than
// Tuning.LockWait and ten seconds, nor a connection longer than that, so an operation on a server that died or hangs ends with
// Unknown and an error.
package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/doorbuster/doorbuster/engines"
)

// Limits of what is waited for, where the URL doesn't say.
const (
	connectWait = 5 * time.Second
	silence     = 10 * time.Second // of the server, beyond the time that it may wait for a lock
	connections = 16               // pool_max_conns
)

// strategy carries a transaction out once, and says how a decrement is kept exclusive. nil means that it was committed; a
// verdict, that it can't be; errLost, that another was faster and a new attempt may go better.
type strategy interface {
	try(ctx context.Context, t *txn) error
}

// engine is what all strategies share.
type engine struct {
	pool     *pgxpool.Pool
	tuning   engines.Tuning
	strategy strategy
	queue    *queue // nil unless operations are carried out in batches
	pools    engines.Pools
	opening  []int64 // units that each stock key began with
	skus     int
	owner    string // of leases: tells processes apart
	count    func(engines.Counter, int)
	watch    *watch // nil if nobody counts
}

// open connects and migrates. Reset gives the engine stock.
func open(ctx context.Context, server Server, setup engines.Setup, s strategy) (*engine, error) {
	url, err := server.URL(ctx)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err) // pgx leaves the password out
	}
	e := &engine{tuning: setup.Tuning.OrDefaults(), strategy: s, pools: engines.OnePool, owner: rand.Text(), count: setup.Count}
	e.configure(config)
	if e.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	if err = migrate(ctx, e.pool, server.AllowReset); err == nil && e.count != nil {
		e.watch, err = newWatch(ctx, e)
	}
	if err != nil {
		e.pool.Close()
		return nil, fmt.Errorf("postgres: %w", err)
	}
	if e.count == nil {
		e.count = func(engines.Counter, int) {}
	}
	return e, nil
}

// configure sets what the URL leaves open. Every lock is waited for at most LockWait, by the server's own clock, and
// statements are planned once: all of them go by a key, so no plan suits one value better than another.
func (e *engine) configure(c *pgxpool.Config) {
	parsed := c.ConnConfig
	if parsed.ConnectTimeout == 0 {
		parsed.ConnectTimeout = connectWait
	}
	if !strings.Contains(c.ConnString(), "pool_max_conns") {
		c.MaxConns = connections
	}
	ms := max(1, e.tuning.LockWait.Milliseconds()) // 0 would mean for ever
	parsed.RuntimeParams["lock_timeout"] = strconv.FormatInt(ms, 10)
	parsed.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	parsed.RuntimeParams["application_name"] = e.name()
	dial := parsed.DialFunc
	parsed.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &patient{Conn: c, patience: e.patience()}, nil
	}
}

// name is what the server knows the engine's connections by.
func (e *engine) name() string { return "doorbuster " + e.owner }

// patience is how long an answer is waited for.
func (e *engine) patience() time.Duration { return e.tuning.LockWait + silence }

// Reset implements engines.Engine. Nothing may be in flight.
func (e *engine) Reset(ctx context.Context, opening []int64) error {
	for sku, n := range opening {
		if n < 0 {
			return fmt.Errorf("postgres: opening stock of SKU %d is %d: want at least 0", sku, n)
		}
	}
	if e.queue != nil {
		e.queue.stale.Store(true)
	}
	pools := len(e.pools)
	e.opening = make([]int64, len(opening)*pools)
	for sku, n := range opening {
		e.pools.Divide(n, e.opening[sku*pools:(sku+1)*pools])
	}
	err := pgx.BeginFunc(ctx, e.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `TRUNCATE doorbuster.stock, doorbuster.orders, doorbuster.operations, doorbuster.leases`); err != nil {
			return err
		}
		rows := pgx.CopyFromSlice(len(e.opening), func(i int) ([]any, error) {
			return []any{int64(i / pools), int16(i % pools), e.opening[i]}, nil
		})
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"doorbuster", "stock"}, []string{"sku", "pool", "available"}, rows); err != nil {
			return err
		}
		// The other tables are empty now, and would be taken for small ever after.
		_, err := tx.Exec(ctx, `ANALYZE doorbuster.stock`)
		return err
	})
	if err != nil {
		return fmt.Errorf("postgres: reset: %w", err)
	}
	e.skus = len(opening)
	return nil
}

// Do implements engines.Engine.
func (e *engine) Do(ctx context.Context, op engines.Op) (engines.Reply, error) {
	if err := op.Check(e.skus); err != nil {
		return engines.Reply{}, err
	}
	if e.queue != nil {
		r, err := e.queue.do(ctx, op)
		return r, e.explain(&op, err)
	}
	t := &txn{engine: e, op: op, out: op.Versions[:0]}
	if err := t.sum(); err != nil {
		return engines.Reply{}, err
	}
	outcome, err := t.run(ctx)
	if err != nil {
		return engines.Reply{}, e.explain(&op, err)
	}
	return engines.Reply{Outcome: outcome, Versions: t.out}, nil
}

// explain says which operation err ended.
func (e *engine) explain(op *engines.Op, err error) error {
	if err == nil {
		return nil
	}
	if disrupted(err) {
		e.pool.Reset() // the other connections are as dead as this one
	}
	return fmt.Errorf("postgres: %s %d: %w", op.Kind, op.ID, err)
}

// Close implements engines.Engine.
func (e *engine) Close() error {
	defer e.pool.Close()
	var err error
	if e.queue != nil {
		err = e.queue.close()
	}
	if e.watch != nil {
		err = errors.Join(err, e.watch.close())
	}
	return err
}
