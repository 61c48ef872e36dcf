package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/doorbuster/doorbuster/engines"
)

var _ engines.Adopter = (*engine)(nil)

// Adopt implements engines.Adopter.
func (e *engine) Adopt(ctx context.Context, opening []int64) error {
	if e.queue != nil {
		return errors.New("postgres: the strategy queue has one writer, in one process: expected another strategy where several processes share the stock")
	}
	var rows int
	if err := e.pool.QueryRow(ctx, `SELECT count(*) FROM doorbuster.stock`).Scan(&rows); err != nil {
		return fmt.Errorf("postgres: reading the stock: %w", err)
	}
	pools := len(e.pools)
	if want := len(opening) * pools; rows != want {
		return fmt.Errorf("postgres: found %d rows of stock: expected %d, as the process that prepares the stock leaves them", rows, want)
	}
	e.opening = make([]int64, len(opening)*pools)
	for sku, n := range opening {
		e.pools.Divide(n, e.opening[sku*pools:(sku+1)*pools])
	}
	e.skus = len(opening)
	return nil
}
