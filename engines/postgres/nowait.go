package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// nowait locks the rows or fails at once (SQLSTATE 55P03), and tries again a few times.
type nowait struct{}

var _ strategy = nowait{}

func (nowait) try(ctx context.Context, t *txn) error {
	return t.in(ctx, pgx.ReadCommitted, func(tx pgx.Tx) error {
		err := t.read(ctx, tx, readRow+` FOR UPDATE NOWAIT`)
		if lockTimeout(err) {
			return errLost
		}
		if err != nil {
			return err
		}
		return t.writeIfFits(ctx, tx, writeRow)
	})
}
