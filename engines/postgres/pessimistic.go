package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

// pessimistic locks the rows before it reads them and waits for those that are locked, at most the connection's lock_timeout.
type pessimistic struct{}

var _ strategy = pessimistic{}

func (pessimistic) try(ctx context.Context, t *txn) error {
	return t.in(ctx, pgx.ReadCommitted, func(x *tx) error {
		if err := t.read(ctx, x, readRow+` FOR UPDATE`); err != nil {
			return err
		}
		return t.writeIfFits(ctx, x)
	})
}

// writeIfFits decides on what was read and writes in the same transaction.
func (t *txn) writeIfFits(ctx context.Context, x *tx) error {
	if !t.fits() {
		return verdict(engines.SoldOut)
	}
	return t.write(ctx, x, writeRow)
}
