// Package postgres runs the strategies of the reference engine on a PostgreSQL server, with real row locks, real
// snapshots and real commits. Each strategy is one short file with its SQL in view; they differ in how the stock row is
// read and written, and in nothing else.
//
// What is the same for all stands around them: an operation is looked up, carried out in one transaction together with
// its order's grant and its first reply, and begun again if another took a row, an order or an ID before it. Every
// transaction takes stock rows in the order of their keys, then the order, then the operation, so none waits for another in a circle.
//
// An operation that is sent again gets its first reply, versions included. A context that ends cuts an operation short
// with Unknown, but never its COMMIT, which is waited for up to commitWait; Books tells what became of it.
package postgres

import (
	"context"
	"crypto/rand"
	"fmt"
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
	commitWait  = 10 * time.Second
	connections = 16 // pool_max_conns
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
	skus     int
	owner    string // of leases: tells processes apart
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
	tuning := setup.Tuning.OrDefaults()
	configure(config, tuning)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	if err := migrate(ctx, pool, server.AllowReset); err != nil {
		pool.Close()
		return nil, fmt.Errorf("postgres: %w", err)
	}
	return &engine{pool: pool, tuning: tuning, strategy: s, owner: rand.Text()}, nil
}

// configure sets what the URL leaves open. Every lock is waited for at most LockWait, by the server's own clock.
func configure(c *pgxpool.Config, t engines.Tuning) {
	parsed := c.ConnConfig
	if parsed.ConnectTimeout == 0 {
		parsed.ConnectTimeout = connectWait
	}
	if !strings.Contains(c.ConnString(), "pool_max_conns") {
		c.MaxConns = connections
	}
	ms := max(1, t.LockWait.Milliseconds()) // 0 would mean for ever
	parsed.RuntimeParams["lock_timeout"] = strconv.FormatInt(ms, 10)
	if parsed.RuntimeParams["application_name"] == "" {
		parsed.RuntimeParams["application_name"] = "doorbuster"
	}
}

// Reset implements engines.Engine. Nothing may be in flight.
func (e *engine) Reset(ctx context.Context, opening []int64) error {
	for sku, n := range opening {
		if n < 0 {
			return fmt.Errorf("postgres: opening stock of SKU %d is %d: want at least 0", sku, n)
		}
	}
	err := pgx.BeginFunc(ctx, e.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `TRUNCATE doorbuster.stock, doorbuster.orders, doorbuster.holds, doorbuster.operations, doorbuster.leases`); err != nil {
			return err
		}
		rows := pgx.CopyFromSlice(len(opening), func(i int) ([]any, error) { return []any{int64(i), int16(0), opening[i]}, nil })
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"doorbuster", "stock"}, []string{"sku", "pool", "available"}, rows)
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
	t := &txn{engine: e, op: op, out: op.Versions[:0]}
	if err := t.sum(); err != nil {
		return engines.Reply{}, err
	}
	run := t.run
	if e.queue != nil {
		run = func(ctx context.Context) (engines.Outcome, error) { return e.queue.do(ctx, t) }
	}
	outcome, err := run(ctx)
	if disrupted(err) {
		e.pool.Reset() // the other connections are as dead as this one
	}
	if err != nil {
		return engines.Reply{}, fmt.Errorf("postgres: %s %d: %w", op.Kind, op.ID, err)
	}
	return engines.Reply{Outcome: outcome, Versions: t.out}, nil
}

// Close implements engines.Engine.
func (e *engine) Close() error {
	defer e.pool.Close()
	if e.queue != nil {
		return e.queue.close()
	}
	return nil
}
