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

const giveLease = `UPDATE doorbuster.leases SET expires = '-infinity' WHERE sku = $1 AND pool = $2 AND token = $3`

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

// poll asks for one lease until it is had or the time is over: Contended.
func (t *txn) poll(ctx context.Context, k key, until time.Time) (token int64, err error) {
	for n := 0; ; n++ {
		err := t.pool.QueryRow(ctx, takeLease, k.sku, k.pool, t.owner, t.tuning.Lease.Microseconds()).Scan(&token)
		if !errors.Is(err, pgx.ErrNoRows) {
			return token, err
		}
		if time.Now().After(until) {
			return 0, verdict(engines.Contended)
		}
		if err := t.backoff(ctx, n); err != nil {
			return 0, err
		}
	}
}

// giveBack gives the leases back that are still t's. A failure is not reported: leases run out by themselves.
func (t *txn) giveBack(ctx context.Context, tokens []int64) {
	if len(tokens) == 0 {
		return
	}
	b := &pgx.Batch{}
	for i, token := range tokens {
		b.Queue(giveLease, t.keys[i].sku, t.keys[i].pool, token)
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitWait)
	defer cancel()
	_ = t.pool.SendBatch(bounded, b).Close()
}
