package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

// fenced holds leases as lock does, and shows their tokens to the stock rows, which refuse one that is older than the newest
// they have seen. The token is shown when reading too: if only writes showed it, an old holder could still write
// between the next one's read and write.
type fenced struct{}

var _ strategy = fenced{}

const (
	readFenced = `UPDATE doorbuster.stock SET fence = $3
		WHERE sku = $1 AND pool = $2 AND fence <= $3 RETURNING available, taken, seq`
	writeFenced = `UPDATE doorbuster.stock SET available = $3, taken = taken + $4, seq = seq + 1
		WHERE sku = $1 AND pool = $2 AND fence = $5 RETURNING seq, available`
)

func (fenced) try(ctx context.Context, t *txn) error {
	return t.underLease(ctx, func(tokens []int64) error {
		token := func(i int) any { return tokens[i] }
		err := t.read(ctx, t.conn, readFenced, token)
		if err == nil && !t.fits() {
			return verdict(engines.SoldOut)
		}
		if err == nil {
			err = t.in(ctx, pgx.ReadCommitted, func(x *tx) error { return t.write(ctx, x, writeFenced, token) })
		}
		if errors.Is(err, errLost) {
			t.count(engines.FencedWrites, 1)
		}
		return err
	})
}
