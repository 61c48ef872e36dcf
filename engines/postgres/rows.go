package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

// db is where statements go: a transaction, or a connection, where each batch is a transaction of its own.
type db interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// read reads the stock rows, one statement a row in key order, all in one round trip. sql takes a row's sku and pool, and of
// extra what it returns for the row's index; it returns available, taken and seq. A row that isn't found is errLost.
func (t *txn) read(ctx context.Context, on db, sql string, extra ...func(i int) any) error {
	b := &pgx.Batch{}
	t.was = make([]row, len(t.keys))
	for i, k := range t.keys {
		r := &t.was[i]
		b.Queue(sql, with([]any{k.sku, k.pool}, i, extra)...).QueryRow(func(got pgx.Row) error {
			return found(got.Scan(&r.available, &r.taken, &r.seq))
		})
	}
	if err := on.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if t.feeds() {
		t.spread()
	}
	return nil
}

// write sets the stock rows to what was read plus the change, so a stale read loses updates. sql takes a row's sku, pool, new
// available, change of taken, and extra; it returns the row's seq and available. Then it settles the rest of the transaction.
func (t *txn) write(ctx context.Context, x *tx, sql string, extra ...func(i int) any) error {
	b := &pgx.Batch{}
	for i, k := range t.keys {
		if k.delta == 0 {
			continue
		}
		args := []any{k.sku, k.pool, t.was[i].available + k.delta, t.taken(k)}
		b.Queue(sql, with(args, i, extra)...).QueryRow(t.version(k))
	}
	if err := x.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	return x.settle(ctx, t, &pgx.Batch{})
}

// version keeps the version that a statement made of k.
func (t *txn) version(k key) func(pgx.Row) error {
	return func(got pgx.Row) error {
		v := engines.Version{SKU: engines.SKU(k.sku), Pool: engines.Channel(k.pool)}
		err := found(got.Scan(&v.Seq, &v.After))
		t.out = append(t.out, v)
		return err
	}
}

// anyVersion keeps the version that a statement made of k, if it made one.
func (t *txn) anyVersion(k key) func(pgx.Row) error {
	keep := t.version(k)
	return func(got pgx.Row) error {
		before := len(t.out)
		err := keep(got)
		if errors.Is(err, errLost) {
			t.out, err = t.out[:before], nil
		}
		return err
	}
}

func with(args []any, i int, extra []func(i int) any) []any {
	for _, f := range extra {
		args = append(args, f(i))
	}
	return args
}

// found turns the lack of a row into errLost.
func found(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return errLost
	}
	return err
}

// Reading and writing as they are without any protection. The strategies that protect themselves otherwise use them too.
const (
	readRow  = `SELECT available, taken, seq FROM doorbuster.stock WHERE sku = $1 AND pool = $2`
	writeRow = `UPDATE doorbuster.stock SET available = $3, taken = taken + $4, seq = seq + 1 WHERE sku = $1 AND pool = $2 RETURNING seq, available`
)

// readThenWrite decides on what was read in one transaction and writes in another.
func (t *txn) readThenWrite(ctx context.Context) error {
	if err := t.read(ctx, t.conn, readRow); err != nil {
		return err
	}
	if !t.fits() {
		return verdict(engines.SoldOut)
	}
	return t.in(ctx, pgx.ReadCommitted, func(x *tx) error { return t.write(ctx, x, writeRow) })
}
