package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

// nowait locks the rows or fails at once (SQLSTATE 55P03), and tries again a few times.
type nowait struct{}

var _ strategy = nowait{}

func (nowait) try(ctx context.Context, t *txn) error {
	return t.in(ctx, pgx.ReadCommitted, func(x *tx) error {
		err := t.read(ctx, x, readRow+` FOR UPDATE NOWAIT`)
		if lockTimeout(err) {
			t.count(engines.LockWaits, 1)
			return errLost
		}
		if err != nil {
			return err
		}
		return t.writeIfFits(ctx, x)
	})
}
