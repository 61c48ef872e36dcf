package redis

import (
	"context"
	"errors"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
)

// fenced holds leases as lock does, and shows their tokens to the stock, which refuses one that is older than the newest it
// has seen. The token is shown when reading too: if only writes showed it, an old holder could still write between the next
// one's read and write.
type fenced struct{}

var _ strategy = fenced{}

func (fenced) try(ctx context.Context, t *txn) error {
	return t.underLease(ctx, func(tokens []int64) error {
		err := t.tryFenced(ctx, tokens)
		if errors.Is(err, errLost) {
			t.count(engines.FencedWrites, 1)
		}
		return err
	})
}

// KEYS: a stock key. ARGV: the token.
var readFencedScript = bare(`
if tonumber(ARGV[1]) < tonumber(redis.call('HGET', KEYS[1], 'fence') or 0) then return {'', ''} end
if redis.call('EXISTS', KEYS[1]) == 0 then return {false, false} end
redis.call('HSET', KEYS[1], 'fence', ARGV[1])
return redis.call('HMGET', KEYS[1], 'available', 'taken')
`)

// The tokens come after what setStock needs.
var fencedScript = newScript(`
for i = 3, #KEYS do
  if redis.call('HGET', KEYS[i], 'fence') ~= ARGV[3 * #KEYS - 3 + i] then return '-' end
end
` + setStock)

func (t *txn) tryFenced(ctx context.Context, tokens []int64) error {
	if err := t.readFenced(ctx, tokens); err != nil {
		return err
	}
	if !t.fits() {
		return verdict(engines.SoldOut)
	}
	keys, args := t.changes()
	for i, k := range t.keys {
		if k.delta != 0 {
			args = append(args, tokens[i])
		}
	}
	return t.write(ctx, fencedScript, keys, args...)
}

func (t *txn) readFenced(ctx context.Context, tokens []int64) error {
	first, now := t.lookups(ctx)
	cmds := []goredis.Cmder{first, now}
	rows := make([]*goredis.SliceCmd, len(t.keys))
	for i, k := range t.keys {
		rows[i] = goredis.NewSliceCmd(ctx, "evalsha", readFencedScript.sha, 1, t.at(k), tokens[i])
		cmds = append(cmds, rows[i])
	}
	if err := t.wire.do(ctx, cmds...); err != nil {
		return err
	}
	for _, r := range rows {
		if r.Val()[0] == "" {
			return errLost
		}
	}
	return t.took(first.Val(), now.Val(), rows)
}
