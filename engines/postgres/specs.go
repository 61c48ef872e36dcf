package postgres

import (
	"context"
	"fmt"

	"github.com/doorbuster/doorbuster/engines"
)

// Server is where the engines find their database.
type Server struct {
	// URL returns the connection string, as libpq and pgxpool read it. It is called whenever an engine is opened, and may start a server.
	URL func(ctx context.Context) (string, error)
	// AllowReset consents to dropping a schema named doorbuster that doorbuster did not make.
	AllowReset bool
}

// Specs lists the strategies on server.
func Specs(server Server) []engines.Spec {
	safe := func(name, about string, s strategy) engines.Spec {
		return engines.Spec{
			Name: "postgres/" + name, About: about, PromisesNoOversell: true, Versions: true,
			Open: func(ctx context.Context, setup engines.Setup) (engines.Engine, error) {
				return open(ctx, server, setup, s)
			},
		}
	}
	unsafe := func(name, about, why string, s strategy) engines.Spec {
		spec := safe(name, about, s)
		spec.PromisesNoOversell, spec.Unsafe = false, why
		return spec
	}
	return []engines.Spec{
		unsafe("naive", "Reads the stock, then writes what it worked out.", "the control: reads, then writes", naive{}),
		safe("pessimistic", "Locks the rows before it reads them and waits for its turn (SELECT … FOR UPDATE).", pessimistic{}),
		safe("nowait", "Locks the rows or fails at once, and retries a few times (FOR UPDATE NOWAIT).", nowait{}),
		safe("optimistic", "Writes only if no row has changed since it was read, and retries a few times with jitter.", optimistic{}),
		safe("conditional", "Asks and writes in one statement (UPDATE … WHERE available >= n).", conditional{}),
		unsafe("lock", "Holds a lease row with an expiry while it reads and then writes.",
			"a holder paused past its lease writes beside the next one", lock{}),
		safe("fenced", "Holds such a lease and shows the stock row its fencing token, which refuses an old one.", fenced{}),
		safe("serializable", "Reads a snapshot and starts over if another wrote a row first (SERIALIZABLE, SQLSTATE 40001).", serializable{}),
		queued(server),
		pooled(server),
	}
}

// queued is the strategy that carries operations out in batches, all kinds of them.
func queued(server Server) engines.Spec {
	return engines.Spec{
		Name: "postgres/queue", About: "Lets one writer on one connection apply the requests of all callers in batches, one commit each, under an epoch.",
		PromisesNoOversell: true, Versions: true,
		Open: func(ctx context.Context, setup engines.Setup) (engines.Engine, error) {
			e, err := open(ctx, server, setup, nil)
			if err != nil {
				return nil, err
			}
			if e.queue, err = newQueue(ctx, e); err != nil {
				e.pool.Close()
				return nil, fmt.Errorf("postgres/queue: %w", err)
			}
			return e, nil
		},
	}
}

// pooled is the strategy that partitions stock by channel.
func pooled(server Server) engines.Spec {
	return engines.Spec{
		Name:               "postgres/quota",
		About:              "Gives each channel a pool of stock, written conditionally and refilled from the richest other pool by rule.",
		PromisesNoOversell: true, Versions: true, Pools: true,
		Open: func(ctx context.Context, setup engines.Setup) (engines.Engine, error) {
			p, err := engines.PoolsOf(setup.Shares)
			if err != nil {
				return nil, fmt.Errorf("postgres/quota: %w", err)
			}
			e, err := open(ctx, server, setup, quota{})
			if err != nil {
				return nil, err
			}
			e.pools = p
			return e, nil
		},
	}
}
