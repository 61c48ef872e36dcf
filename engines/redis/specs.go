package redis

import (
	"context"
	"fmt"

	"github.com/doorbuster/doorbuster/engines"
)

// Server is where the engines find their Redis.
type Server struct {
	// URL returns redis://[user][:password@]host[:port][/database]. It is called whenever an engine is opened, and may start a server.
	URL func(ctx context.Context) (string, error)
	// AllowReset consents to removing keys that begin with "doorbuster:" and that doorbuster did not make.
	AllowReset bool
}

// Specs lists the strategies on server.
func Specs(server Server) []engines.Spec {
	safe := func(name, about string, s strategy) engines.Spec {
		return engines.Spec{
			Name: "redis/" + name, About: about, PromisesNoOversell: true, Versions: true,
			Open: func(ctx context.Context, setup engines.Setup) (engines.Engine, error) {
				return open(ctx, server, setup, engines.OnePool, s)
			},
		}
	}
	unsafe := func(name, about, why string, s strategy) engines.Spec {
		spec := safe(name, about, s)
		spec.PromisesNoOversell, spec.Unsafe = false, why
		return spec
	}
	return []engines.Spec{
		unsafe("naive", "Reads the stock, then writes what it worked out (GET, SET).", "the control: reads, then writes", naive{}),
		safe("optimistic", "Watches the stock, writes only if nobody else did, and retries a few times with jitter (WATCH, MULTI).", optimistic{}),
		safe("conditional", "Asks and writes in one Lua script.", conditional{}),
		unsafe("lock", "Holds a lock with a lease while it reads and then writes (SET NX PX).",
			"a holder paused past its lease writes beside the next one", lock{}),
		safe("fenced", "Holds such a lock and shows the stock its fencing token, which refuses an old one.", fenced{}),
		queued(server),
		pooled(server),
	}
}

// queued is the strategy with a reader of its own.
func queued(server Server) engines.Spec {
	return engines.Spec{
		Name: "redis/queue", About: "Writes requests to a stream; the readers of one consumer group apply them in batches, and take over those of a reader that died.",
		PromisesNoOversell: true, Versions: true,
		Open: func(ctx context.Context, setup engines.Setup) (engines.Engine, error) {
			e, err := open(ctx, server, setup, engines.OnePool, nil)
			if err != nil {
				return nil, err
			}
			q, err := newQueue(e)
			if err != nil {
				_ = e.Close()
				return nil, fmt.Errorf("redis/queue: %w", err)
			}
			e.strategy = q
			return e, nil
		},
	}
}

// pooled is the strategy that partitions stock.
func pooled(server Server) engines.Spec {
	return engines.Spec{
		Name: "redis/quota", About: "Gives each channel a pool of stock, written by a script and refilled from the richest other pool by rule.",
		PromisesNoOversell: true, Versions: true, Pools: true,
		Open: func(ctx context.Context, setup engines.Setup) (engines.Engine, error) {
			p, err := engines.PoolsOf(setup.Shares)
			if err != nil {
				return nil, err
			}
			return open(ctx, server, setup, p, quota{})
		},
	}
}
