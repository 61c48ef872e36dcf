// Package redis runs the strategies of the reference engine on a Redis server. Each is one short file with its Lua in view; they
// differ in how the stock is read and written, and in nothing else. The pessimistic, nowait and serializable strategies have
// no counterpart here: Redis has neither row locks that a client waits for nor isolation levels.
//
// What is the same for all: what an operation writes, it writes in one script: stock, its order's grant and its first reply. The script
// goes no further if the operation's ID has been answered before, or if the order is not what it was when it was looked up.
//
// # Keys
//
// All keys begin with "doorbuster:"; no other key is ever read or written, and nothing is ever flushed.
//
//	doorbuster:{7}:stock      hash    available, taken, shipped, seq of SKU 7; also fence (fenced)
//	doorbuster:{7}:stock:2    hash    the same of its pool 2, and floor (quota)
//	doorbuster:{7}:lease      string  the holder of SKU 7's lock; goes away by itself (lock, fenced)
//	doorbuster:{7}:token      string  the last fencing token (lock, fenced)
//	doorbuster:orders         hash    order → state|deadline|its lines, while they bind units
//	doorbuster:op:113         string  fingerprint|outcome|versions: the first reply of operation 113
//	doorbuster:queue          stream  requests (queue); doorbuster:replies:… are the lists that answer other processes
//	doorbuster:journal        stream  operations that took effect, until they are copied (OpenJournaled)
//	doorbuster:made           string  says that the keys are ours
//
// What belongs to one SKU has one hash tag and so lives in one slot of a Redis Cluster. A script's keys must all be in one slot, so on a cluster
// an order and its operations live beside its SKU, as doorbuster:{7}:orders and doorbuster:{7}:op:113, and doorbuster:home:5
// tells where order 5 went, since a payment doesn't name the SKU. Whether the server is a cluster is found out when the engine is opened. On a cluster
//   - an operation on SKUs in two slots is refused with an error: two slots can't be written at once;
//   - an order stays in the slot of its first request, and asking for it in another is a Conflict;
//   - an ID is known in the slot where it was used: used again in another, it is not noticed;
//   - queue is refused, since its stream lives in one slot.
//
// # What is kept how long
//
// Holds end by operations, not by a time to live. The first reply of an operation is kept for 24 hours of the server's clock. Sent again
// after that, an operation is a new one: of an order it then meets what became of the order (Conflict, NotFound), but a receipt would be added twice.
//
// # What is waited for
//
// A context that ends takes an operation out that hasn't been sent. One that has been sent is waited for, at most as long as the URL's
// read_timeout says, else 5 s; connecting takes at most dial_timeout, else 5 s. After that the answer is Unknown with an error. An operation
// of queue waits in the stream for at most two Leases and a read_timeout, and is then taken back, which takes two read_timeouts at most.
//
// Amounts above 2^53 units are refused, since Lua counts in floating point.
package redis

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"sync/atomic"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
)

// strategy carries a transaction out once, and says how a decrement is kept exclusive. nil means that the operation has its reply; a
// verdict, that it can't be carried out; errLost, that another was faster and a new attempt may go better.
type strategy interface {
	try(ctx context.Context, t *txn) error
}

// engine is what all strategies share.
type engine struct {
	rdb        goredis.UniversalClient
	wire       *wire
	cluster    bool
	journal    bool // scripts write to the journal too
	allowReset bool
	tuning     engines.Tuning
	count      func(engines.Counter, int)
	strategy   strategy
	pools      engines.Pools
	skus       int
	stock      []string // keys, by SKU and pool
	owner      string   // tells processes apart
	holders    atomic.Uint64
	closing    sync.Once
	watchers   chan struct{} // one for each connection that optimistic may hold
}

// open connects, and refuses a server that could lose stock. Reset gives the engine stock.
func open(ctx context.Context, server Server, setup engines.Setup, p engines.Pools, s strategy) (*engine, error) {
	url, err := server.URL(ctx)
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	rdb, cluster, err := connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	e := &engine{
		rdb: rdb, cluster: cluster, allowReset: server.AllowReset, tuning: setup.Tuning.OrDefaults(),
		count: setup.Count, strategy: s, pools: p, owner: rand.Text(), watchers: make(chan struct{}, maxWatchers),
	}
	if e.count == nil {
		e.count = func(engines.Counter, int) {}
	}
	if err := e.load(ctx); err != nil {
		_ = rdb.Close()
		return nil, fmt.Errorf("redis: %w", explain(err))
	}
	e.wire = newWire(rdb)
	return e, nil
}

// Do implements engines.Engine.
func (e *engine) Do(ctx context.Context, op engines.Op) (engines.Reply, error) {
	return e.do(ctx, op, false)
}

func (e *engine) do(ctx context.Context, op engines.Op, silent bool) (engines.Reply, error) {
	if err := op.Check(e.skus); err != nil {
		return engines.Reply{}, err
	}
	t := &txn{engine: e, op: op, out: op.Versions[:0], journaled: e.journal && !silent}
	if err := t.sum(); err != nil {
		return engines.Reply{}, err
	}
	if err := t.run(ctx); err != nil {
		return engines.Reply{}, fmt.Errorf("redis: %s %d: %w", op.Kind, op.ID, t.explain(err))
	}
	return engines.Reply{Outcome: t.outcome, Versions: t.out}, nil
}

// Close implements engines.Engine. It may be called again.
func (e *engine) Close() (err error) {
	e.closing.Do(func() {
		if q, ok := e.strategy.(*queue); ok {
			q.close()
		}
		e.wire.close()
		err = e.rdb.Close()
	})
	return err
}
