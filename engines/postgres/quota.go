package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

// quota keeps a pool of stock for each channel and writes conditionally in the caller's, so channels don't meet in one row. If that is
// short, the richest other pool gives: half of what it can spare, or what is short if that is more, for else every sale from then on would need a
// transfer. A transfer locks all pools of the SKU; units are revoked in the transaction that grants and sells them, and before,
// so the pools never promise more than there is.
//
// A pool of which a count found less than was sold owes units, and the others must not sell what it owes. Only feeds can bring that about, and
// they lock all pools: they mark every one as owing, and a marked pool isn't sold from without a look at all.
type quota struct{}

var _ strategy = quota{}

// maxTransfers bounds how often one operation asks other pools.
const maxTransfers = 2

const (
	sellFromPool = `UPDATE doorbuster.stock SET available = available + $3, taken = taken + $4, seq = seq + 1
		WHERE sku = $1 AND pool = $2 AND available + $3 >= 0 AND NOT owing RETURNING seq, available`
	addToPool = `UPDATE doorbuster.stock SET available = available + $3, taken = taken + $4, seq = seq + 1
		WHERE sku = $1 AND pool = $2 RETURNING seq, available`
	readPools  = `SELECT available, taken, seq, pool FROM doorbuster.stock WHERE sku = $1 ORDER BY pool`
	lockPools  = readPools + ` FOR UPDATE`
	markOwing  = `UPDATE doorbuster.stock SET owing = $2 WHERE sku = $1 AND owing <> $2`
	lockPooled = readRow + ` FOR UPDATE`
)

func (s quota) try(ctx context.Context, t *txn) error {
	switch {
	case t.op.Kind.TakesStock():
		err := s.sell(ctx, t)
		if !errors.Is(err, errLost) {
			return err
		}
		return s.lookAround(ctx, t)
	case t.feeds():
		return s.feed(ctx, t)
	case t.op.Kind == engines.Transfer:
		return t.in(ctx, pgx.ReadCommitted, func(x *tx) error {
			if err := t.read(ctx, x, lockPooled); err != nil {
				return err
			}
			return t.writeIfFits(ctx, x)
		})
	}
	return t.in(ctx, pgx.ReadCommitted, func(x *tx) error { return s.add(ctx, t, x, addToPool) })
}

// sell takes the units from the channel's own pool. errLost means that it isn't enough, or that all pools have to be looked at.
func (s quota) sell(ctx context.Context, t *txn) error {
	return t.in(ctx, pgx.ReadCommitted, func(x *tx) error { return s.add(ctx, t, x, sellFromPool) })
}

// add changes each row by itself.
func (quota) add(ctx context.Context, t *txn, x *tx, sql string) error {
	b := &pgx.Batch{}
	for _, k := range t.keys {
		b.Queue(sql, k.sku, k.pool, k.delta, t.taken(k)).QueryRow(t.version(k))
	}
	if err := x.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	return x.settle(ctx, t, &pgx.Batch{})
}

// feed divides what happened in the warehouse over all pools of its SKUs.
func (quota) feed(ctx context.Context, t *txn) error {
	return t.in(ctx, pgx.ReadCommitted, func(x *tx) error {
		if err := t.read(ctx, x, lockPooled); err != nil {
			return err
		}
		b := &pgx.Batch{}
		n := len(t.pools)
		for i := 0; i < len(t.keys); i += n {
			owing := false
			for j := i; j < i+n; j++ {
				owing = owing || t.was[j].available+t.keys[j].delta < 0
			}
			b.Queue(markOwing, t.keys[i].sku, owing)
		}
		if err := x.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		return t.write(ctx, x, writeRow)
	})
}

// lookAround sells with the help of other pools. It first looks without a lock, for where nobody can give, an order is refused, and those
// that are refused shouldn't wait for each other.
func (s quota) lookAround(ctx context.Context, t *txn) error {
	t.out = t.out[:0]
	p := &positions{txn: t}
	if err := p.read(ctx, t.conn, readPools); err != nil {
		return err
	}
	if !p.sells() && !p.canFill() {
		return verdict(engines.SoldOut)
	}
	return t.in(ctx, pgx.ReadCommitted, func(x *tx) error {
		if err := p.read(ctx, x, lockPools); err != nil {
			return err
		}
		for n := 0; !p.sells(); n++ {
			if n == maxTransfers || !p.canFill() {
				return p.refuse(ctx, x)
			}
			p.fill()
		}
		return p.sell(ctx, x)
	})
}
