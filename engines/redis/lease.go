package redis

import (
	"context"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
)

// KEYS: the lease, the SKU's tokens. ARGV: the holder, ms. Redis counts in milliseconds: a lease of less is over before it is had.
var acquireScript = bare(`
if tonumber(ARGV[2]) > 0 and not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
return redis.call('INCR', KEYS[2])
`)

// A lease that has run out may be another's by now.
var releaseScript = bare(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`)

// underLease takes the lease of each of t's keys in order, runs f with their tokens, and gives them back.
func (t *txn) underLease(ctx context.Context, f func(tokens []int64) error) error {
	holder := t.owner + ":" + strconv.FormatUint(t.holders.Add(1), 10)
	var tokens []int64
	defer func() { t.giveBack(ctx, holder, len(tokens)) }()
	until := time.Now().Add(t.tuning.LockWait)
	for _, k := range t.keys {
		token, err := t.poll(ctx, k, holder, until)
		if err != nil {
			return err
		}
		tokens = append(tokens, token)
	}
	return f(tokens)
}

// poll asks for one lease until it is had or the time is over: Contended.
func (t *txn) poll(ctx context.Context, k key, holder string, until time.Time) (token int64, err error) {
	for n := 0; ; n++ {
		cmd := goredis.NewIntCmd(ctx, "evalsha", acquireScript.sha, 2, leaseKey(k.sku), tokenKey(k.sku), holder, t.tuning.Lease.Milliseconds())
		if err := t.wire.do(ctx, cmd); err != nil || cmd.Val() > 0 {
			return cmd.Val(), err
		}
		if n == 0 {
			t.count(engines.LockWaits, 1)
		}
		if time.Now().After(until) {
			t.count(engines.LockTimeouts, 1)
			return 0, verdict(engines.Contended)
		}
		if err := t.backoff(ctx, n); err != nil {
			return 0, err
		}
	}
}

// giveBack gives back the leases of t's first n keys that are still t's. A failure is not reported: leases run out by themselves.
func (t *txn) giveBack(ctx context.Context, holder string, n int) {
	if n == 0 {
		return
	}
	cmds := make([]goredis.Cmder, n)
	for i := range cmds {
		cmds[i] = goredis.NewIntCmd(ctx, "evalsha", releaseScript.sha, 1, leaseKey(t.keys[i].sku), holder)
	}
	if err := t.wire.do(context.WithoutCancel(ctx), cmds...); err != nil {
		return
	}
	for _, c := range cmds {
		if c.(*goredis.IntCmd).Val() == 0 {
			t.count(engines.LeaseExpiries, 1)
		}
	}
}
