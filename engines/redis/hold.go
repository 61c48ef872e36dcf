package redis

import (
	"context"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
)

// look reads what was recorded of op's ID and order.
func (t *txn) look(ctx context.Context) error {
	first, now := t.lookups(ctx)
	if err := t.wire.do(ctx, first, now); err != nil {
		return err
	}
	return t.seen(first.Val(), now.Val())
}

func (t *txn) lookups(ctx context.Context) (first, now *goredis.StringCmd) {
	return goredis.NewStringCmd(ctx, "get", opKey(t.home, t.op.ID)),
		goredis.NewStringCmd(ctx, "hget", ordersKey(t.home), uint64(t.op.Order))
}

// seen takes in the records of op's ID and order; both may be empty. Its error is errAnswered or a verdict if they bar op.
func (t *txn) seen(first, now string) (err error) {
	if first != "" {
		if err := t.accept("=" + first); err != nil {
			return err
		}
		return errAnswered
	}
	if t.order, err = parseOrder(now); err != nil {
		return err
	}
	for _, k := range t.order.lines {
		if int(k.sku) >= t.skus || int(k.pool) >= len(t.pools) {
			return fmt.Errorf("order %d holds SKU %d in pool %d: the stock has %d SKUs in %d pools; was it reset by another?",
				t.op.Order, k.sku, k.pool, t.skus, len(t.pools))
		}
	}
	if o := t.barred(); o != engines.Unknown {
		return verdict(o)
	}
	return nil
}

// barred is what the state of its order keeps t from. Unknown means nothing.
func (t *txn) barred() engines.Outcome {
	return t.op.Barred(t.order.state, time.Duration(t.order.deadline))
}

// next is the record that op leaves of its order.
func (t *txn) next() string {
	o := t.order
	if t.op.Kind.TakesStock() {
		o.lines = t.keys
		if t.op.Kind == engines.Reserve {
			o.deadline = int64(t.op.At + t.op.HoldFor)
		}
	}
	return o.record(t.op.Kind.Becomes())
}

// settle carries out what no strategy is needed for: what is available stays. Units that are shipped leave the house.
func (t *txn) settle(ctx context.Context) error {
	args := make([]any, 0, len(t.keys))
	for _, k := range t.keys {
		args = append(args, k.qty)
	}
	return t.write(ctx, settleScript, t.keys, args...)
}

// ARGV[6…]: units, by stock key.
var settleScript = newScript(`
for i = 3, #KEYS do
  redis.call('HINCRBY', KEYS[i], 'taken', -ARGV[i + 3])
  redis.call('HINCRBY', KEYS[i], 'shipped', ARGV[i + 3])
end
local versions = ''
`)
