package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// serializable reads and writes in one snapshot, without a lock of its own. If another wrote a row since, the server rolls the transaction
// back (SQLSTATE 40001) and it begins again, a few times.
type serializable struct{}

var _ strategy = serializable{}

func (serializable) try(ctx context.Context, t *txn) error {
	return t.in(ctx, pgx.Serializable, func(x *tx) error {
		if err := t.read(ctx, x, readRow); err != nil {
			return err
		}
		return t.writeIfFits(ctx, x)
	})
}
