package redis

import (
	"context"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
)

// naive reads, decides, and writes what it worked out. Whatever happens between the two is overwritten.
type naive struct{}

var _ strategy = naive{}

func (naive) try(ctx context.Context, t *txn) error {
	if err := t.read(ctx); err != nil {
		return err
	}
	if !t.fits() {
		return verdict(engines.SoldOut)
	}
	keys, args := t.changes()
	return t.write(ctx, naiveScript, keys, args...)
}

// ARGV[6…], for each stock key: its place, what is available now, and how much more is taken.
const setStock = `
local versions = ''
for i = 3, #KEYS do
  local a = 3 * i - 3
  redis.call('HSET', KEYS[i], 'available', ARGV[a + 1])
  redis.call('HINCRBY', KEYS[i], 'taken', ARGV[a + 2])
  versions = versions .. ARGV[a] .. redis.call('HINCRBY', KEYS[i], 'seq', 1) .. ',' .. ARGV[a + 1] .. ';'
end
`

var naiveScript = newScript(setStock)

// changes are the keys that t changes, and what setStock needs to know: what was read plus the change, so a stale read loses updates.
func (t *txn) changes() (keys []key, args []any) {
	for i, k := range t.keys {
		if k.delta != 0 {
			keys = append(keys, k)
			args = append(args, place(k), t.was[i].available+k.delta, t.taken(k))
		}
	}
	return keys, args
}

// read reads the stock, with what was recorded of op's ID and order, in one round trip.
func (t *txn) read(ctx context.Context) error {
	first, now := t.lookups(ctx)
	cmds := []goredis.Cmder{first, now}
	rows := make([]*goredis.SliceCmd, len(t.keys))
	for i, k := range t.keys {
		rows[i] = goredis.NewSliceCmd(ctx, "hmget", t.at(k), "available", "taken")
		cmds = append(cmds, rows[i])
	}
	if err := t.wire.do(ctx, cmds...); err != nil {
		return err
	}
	return t.took(first.Val(), now.Val(), rows)
}
