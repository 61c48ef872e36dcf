package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

// conditional asks and writes in one statement a row. It reads nothing beforehand: the server evaluates the condition on the row
// that it has locked. A row that doesn't fit takes back those before it.
type conditional struct{}

var _ strategy = conditional{}

// $6 says that available must not fall below 0. $5 says that $3 is a count of what is on hand, of which taken is not available.
const writeIfEnough = `UPDATE doorbuster.stock
	SET available = CASE WHEN $5 THEN $3 - taken ELSE available + $3 END, taken = taken + $4, seq = seq + 1
	WHERE sku = $1 AND pool = $2 AND (NOT $6 OR available + $3 >= 0) RETURNING seq, available`

func (conditional) try(ctx context.Context, t *txn) error {
	return t.in(ctx, pgx.ReadCommitted, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		count, takes := t.op.Kind == engines.Count, t.op.Kind.TakesStock()
		for _, k := range t.keys {
			if k.delta != 0 || count {
				b.Queue(writeIfEnough, k.sku, k.pool, k.delta, t.taken(k), count, takes).QueryRow(t.version(k))
			}
		}
		err := tx.SendBatch(ctx, b).Close()
		if takes && errors.Is(err, errLost) {
			return verdict(engines.SoldOut)
		}
		if err != nil {
			return err
		}
		return t.settle(ctx, tx)
	})
}
