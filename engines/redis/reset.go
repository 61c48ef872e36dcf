package redis

import (
	"context"
	"errors"
	"fmt"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
)

// mostUnits is the largest amount that Lua counts exactly.
const mostUnits = 1 << 53

// page is how many keys are asked for, or written, in one round trip.
const page = 1000

// Reset implements engines.Engine. Nothing may be in flight. Keys under our prefix are removed one by one, and only if we made
// them or their loss was consented to.
func (e *engine) Reset(ctx context.Context, opening []int64) error {
	for sku, n := range opening {
		if n < 0 || n > mostUnits {
			return fmt.Errorf("redis: opening stock of SKU %d is %d: want from 0 to 2^53", sku, n)
		}
	}
	err := e.reset(ctx, opening)
	if err != nil {
		return fmt.Errorf("redis: reset: %w", explain(err))
	}
	return nil
}

func (e *engine) reset(ctx context.Context, opening []int64) error {
	if err := e.ours(ctx); err != nil {
		return err
	}
	if err := e.rdb.Set(ctx, madeKey, madeBy, 0).Err(); err != nil {
		return err
	}
	if err := e.eachKey(ctx, e.unlink); err != nil {
		return err
	}
	if err := e.stockUp(ctx, opening); err != nil {
		return err
	}
	e.skus = len(opening)
	if q, ok := e.strategy.(*queue); ok {
		q.begin()
	}
	return nil
}

var errForeign = errors.New(`somebody else's`)

// ours says whether the keys under our prefix may be removed.
func (e *engine) ours(ctx context.Context) error {
	made, err := e.rdb.Get(ctx, madeKey).Result()
	if err == nil && made != madeBy {
		err = errForeign
	}
	if err == nil || e.allowReset {
		return nil
	}
	if !errors.Is(err, goredis.Nil) && !errors.Is(err, errForeign) && code(err) != "WRONGTYPE" {
		return err
	}
	return e.eachKey(ctx, func(_ context.Context, _ *goredis.Client, keys []string) error {
		return fmt.Errorf("key %q begins with our prefix, and %s doesn't say %q: doorbuster did not make it, and would remove it; "+
			"nothing was touched; use another database or consent to a reset", keys[0], madeKey, madeBy)
	})
}

// eachKey calls f with all keys under our prefix, some at a time.
func (e *engine) eachKey(ctx context.Context, f func(context.Context, *goredis.Client, []string) error) error {
	scan := func(ctx context.Context, c *goredis.Client) error {
		for cursor := uint64(0); ; {
			keys, next, err := c.Scan(ctx, cursor, prefix+"*", page).Result()
			if err == nil && len(keys) > 0 {
				err = f(ctx, c, keys)
			}
			if cursor = next; err != nil || cursor == 0 {
				return err
			}
		}
	}
	if c, ok := e.rdb.(*goredis.ClusterClient); ok {
		return c.ForEachMaster(ctx, scan)
	}
	return scan(ctx, e.rdb.(*goredis.Client))
}

// unlink removes keys, each by itself: on a cluster they are in many slots. The server frees their memory later. The mark stays, so that
// what a Reset cut short leaves is still ours.
func (e *engine) unlink(ctx context.Context, c *goredis.Client, keys []string) error {
	_, err := c.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for _, k := range keys {
			if k != madeKey {
				p.Unlink(ctx, k)
			}
		}
		return nil
	})
	return err
}

// stockUp writes the opening stock, divided over the pools.
func (e *engine) stockUp(ctx context.Context, opening []int64) error {
	n := len(e.pools)
	e.stock = make([]string, 0, len(opening)*n)
	parts := make([]int64, n)
	p := e.rdb.Pipeline()
	for sku, units := range opening {
		e.pools.Divide(units, parts)
		for pool, part := range parts {
			name := stockKey(engines.SKU(sku), pool, n)
			e.stock = append(e.stock, name)
			p.HSet(ctx, name, "available", part, "taken", 0, "shipped", 0, "seq", 0)
			if n > 1 {
				p.HSet(ctx, name, "floor", int64(e.tuning.Floor*float64(part)))
			}
		}
		if p.Len() < page && sku < len(opening)-1 {
			continue
		}
		if _, err := p.Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
