package memory

import (
	"context"

	"github.com/doorbuster/doorbuster/engines"
)

// Specs lists the reference engine's strategies.
func Specs() []engines.Spec {
	one := func(s strategy) build { return func(*engine) strategy { return s } }
	return []engines.Spec{
		unpromising("naive", "Reads the stock, then writes what it worked out.",
			"the control: reads, then writes", one(naive{})),
		safe("pessimistic", "Locks the rows before it reads them and waits for its turn (SELECT … FOR UPDATE).", one(pessimistic{})),
		safe("nowait", "Locks the rows or fails at once, and retries a few times (FOR UPDATE NOWAIT).", one(nowait{})),
		safe("optimistic", "Writes only if no row has changed since it was read, and retries a few times with jitter.", one(optimistic{})),
		safe("conditional", "Asks and writes in one statement (UPDATE … WHERE available >= n).", one(conditional{})),
		unpromising("lock", "Holds a distributed lock with a lease while it reads and then writes (SET NX PX).",
			"a holder paused past its lease writes beside the next one",
			func(e *engine) strategy { return lock{make(leases, len(e.rows))} }),
		safe("fenced", "Holds such a lock and shows storage its fencing token, which refuses an old one.",
			func(e *engine) strategy { return fenced{make(leases, len(e.rows)), make([]uint64, len(e.rows))} }),
		safe("serializable", "Reads a snapshot and starts over if another wrote a row first (SERIALIZABLE, SQLSTATE 40001).", one(serializable{})),
		safe("queue", "Lets one writer per SKU apply the requests of all callers in batches, under an epoch that storage checks.",
			func(e *engine) strategy { return queue{make([]line, len(e.rows))} }),
		safe("stream", "Keeps events that never change, and appends an order's only if the position that they sum to stays at 0 or above.",
			func(e *engine) strategy { return stream{make([]recent, len(e.rows))} }),
		pooled("quota", "Gives each channel a pool of stock, written conditionally and refilled from the richest other pool by rule.", newQuota),
	}
}

func safe(name, about string, b build) engines.Spec {
	return engines.Spec{
		Name: "memory/" + name, About: about, PromisesNoOversell: true, Virtual: true, Versions: true,
		Open: func(_ context.Context, setup engines.Setup) (engines.Engine, error) {
			return open(setup, engines.OnePool, b)
		},
	}
}

func unpromising(name, about, why string, b build) engines.Spec {
	s := safe(name, about, b)
	s.PromisesNoOversell, s.Unsafe = false, why
	return s
}

func pooled(name, about string, b build) engines.Spec {
	s := safe(name, about, b)
	s.Pools = true
	s.Open = func(_ context.Context, setup engines.Setup) (engines.Engine, error) {
		p, err := engines.PoolsOf(setup.Shares)
		if err != nil {
			return nil, err
		}
		return open(setup, p, b)
	}
	return s
}
