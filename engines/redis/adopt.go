package redis

import (
	"context"
	"errors"
	"fmt"

	"github.com/doorbuster/doorbuster/engines"
)

var _ engines.Adopter = (*engine)(nil)

// Adopt implements engines.Adopter.
func (e *engine) Adopt(ctx context.Context, opening []int64) error {
	if _, ok := e.strategy.(*queue); ok {
		return errors.New("redis: the strategy queue has one writer, in one process: expected another strategy where several processes share the stock")
	}
	pools := len(e.pools)
	names := make([]string, 0, len(opening)*pools)
	for sku := range opening {
		for pool := range pools {
			names = append(names, stockKey(engines.SKU(sku), pool, pools))
		}
	}
	var found int64
	p := e.rdb.Pipeline()
	for _, name := range names {
		p.Exists(ctx, name)
	}
	replies, err := p.Exec(ctx)
	if err != nil {
		return fmt.Errorf("redis: reading the stock: %w", explain(err))
	}
	for _, r := range replies {
		found += r.(interface{ Val() int64 }).Val()
	}
	if found != int64(len(names)) {
		return fmt.Errorf("redis: found %d stock keys of %d: expected all, as the process that prepares the stock leaves them", found, len(names))
	}
	e.stock, e.skus = names, len(opening)
	return nil
}
