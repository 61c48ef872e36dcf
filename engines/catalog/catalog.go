// Package catalog is the one table of every engine that this build has. Whoever adds an engine adds it here.
package catalog

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/memory"
	"github.com/doorbuster/doorbuster/engines/postgres"
	"github.com/doorbuster/doorbuster/engines/redis"
	"github.com/doorbuster/doorbuster/engines/redispostgres"
)

// Servers are where the engines on servers find theirs. One without a URL can't be used.
type Servers struct {
	Postgres postgres.Server
	Redis    redis.Server
}

// On lists every engine, in the order in which reports show them. Nothing is connected before an engine is opened.
func On(s Servers) []engines.Spec {
	if s.Postgres.URL == nil {
		s.Postgres.URL = nowhere("Postgres")
	}
	if s.Redis.URL == nil {
		s.Redis.URL = nowhere("Redis")
	}
	return slices.Concat(
		memory.Specs(),
		postgres.Specs(s.Postgres),
		redis.Specs(s.Redis),
		redispostgres.Specs(s.Redis, s.Postgres),
	)
}

func nowhere(server string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		return "", errors.New("no " + server + " server was given")
	}
}

// All lists every engine, to look at: those on servers can't be opened.
func All() []engines.Spec { return On(Servers{}) }

// Names lists the engines' names, in the same order.
func Names() []string {
	var names []string
	for _, s := range All() {
		names = append(names, s.Name)
	}
	return names
}

// Find returns the engine of that name.
func Find(name string) (engines.Spec, bool) {
	all := All()
	i := slices.IndexFunc(all, func(s engines.Spec) bool { return s.Name == name })
	if i < 0 {
		return engines.Spec{}, false
	}
	return all[i], true
}

// Wall is the world of an engine in memory that runs in real time, each round trip of which takes rtt.
func Wall(rtt time.Duration) engines.Env { return memory.NewWall(rtt) }
