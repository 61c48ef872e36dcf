package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

// A lease is free or has run out by the server's clock, or this takes nothing. Its next holder has the next token.
const takeLease = `INSERT INTO doorbuster.leases AS l (sku, pool, owner, token, expires)
	VALUES ($1, $2, $3, 1, clock_timestamp() + $4 * interval '1 microsecond')
	ON CONFLICT (sku, pool) DO UPDATE SET owner = excluded.owner, token = l.token + 1, expires = excluded.expires
	WHERE l.expires <= clock_timestamp() RETURNING token`

// A lease is given back by who has it still; its time may be over all the same.
const giveLease = `UPDATE doorbuster.leases AS l SET expires = '-infinity' FROM doorbuster.leases was
	WHERE l.sku = $1 AND l.pool = $2 AND l.token = $3 AND was.sku = l.sku AND was.pool = l.pool RETURNING was.expires > clock_timestamp()`

// underLease takes the lease of each of t's keys in order, runs f with their tokens, and gives them back.
func (t *txn) underLease(ctx context.Context, f func(tokens []int64) error) error {
	var tokens []int64
	defer func() { t.giveBack(ctx, tokens) }()
	until := time.Now().Add(t.tuning.LockWait)
	for _, k := range t.keys {
		token, err := t.poll(ctx, k, until)
		if err != nil {
			return err
		}
		tokens = append(tokens, token)
	}
	return f(tokens)
}

// poll asks for one lease until it is had or the time is over: Contended. It leaves its connection to others between two questions.
func (t *txn) poll(ctx context.Context, k key, until time.Time) (token int64, err error) {
	for n := 0; ; n++ {
		err := t.conn.QueryRow(ctx, takeLease, k.sku, k.pool, t.owner, t.tuning.Lease.Microseconds()).Scan(&token)
		if !errors.Is(err, pgx.ErrNoRows) {
			return token, err
		}
		if n == 0 {
			t.count(engines.LockWaits, 1)
		}
		if time.Now().After(until) {
			t.count(engines.LockTimeouts, 1)
			return 0, verdict(engines.Contended)
		}
		t.release()
		if err := t.backoff(ctx, n); err != nil {
			return 0, err
		}
		if err := t.acquire(ctx); err != nil {
			return 0, err
		}
	}
}

// giveBack gives the leases back that are still t's, and counts those that ran out before. A failure is not reported: leases
// run out by themselves.
func (t *txn) giveBack(ctx context.Context, tokens []int64) {
	if len(tokens) == 0 {
		return
	}
	whole := context.WithoutCancel(ctx)
	if t.conn == nil && t.acquire(whole) != nil { // ctx ended while t waited for the next lease
		return
	}
	b := &pgx.Batch{}
	expired := 0
	for i, token := range tokens {
		b.Queue(giveLease, t.keys[i].sku, t.keys[i].pool, token).QueryRow(func(r pgx.Row) error {
			live := false
			err := orNone(r.Scan(&live))
			if err == nil && !live {
				expired++
			}
			return err
		})
	}
	if err := t.conn.SendBatch(whole, b).Close(); err == nil && expired > 0 {
		t.count(engines.LeaseExpiries, expired)
	}
}
