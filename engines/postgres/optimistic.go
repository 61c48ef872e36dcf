package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

// optimistic reads without a lock, and writes only if no row has another version by then; else it begins again, a few times.
type optimistic struct{}

var _ strategy = optimistic{}

const writeSameVersion = `UPDATE doorbuster.stock SET available = $3, taken = taken + $4, seq = seq + 1
	WHERE sku = $1 AND pool = $2 AND seq = $5 RETURNING seq, available`

func (optimistic) try(ctx context.Context, t *txn) error {
	if err := t.read(ctx, t.conn, readRow); err != nil {
		return err
	}
	if !t.fits() {
		return verdict(engines.SoldOut)
	}
	return t.in(ctx, pgx.ReadCommitted, func(x *tx) error {
		return t.write(ctx, x, writeSameVersion, func(i int) any { return t.was[i].seq })
	})
}
