package k6

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/engines/gateway"
	"github.com/doorbuster/doorbuster/engines/postgres"
	"github.com/doorbuster/doorbuster/engines/redis"
	"github.com/doorbuster/doorbuster/engines/servers"
)

// connect finds the engine of a demand, and the servers that it needs, and returns how to give them back.
func connect(ctx context.Context, s settings) (spec engines.Spec, release func() error, err error) {
	if isURL(s.Engine) {
		spec, err = served(ctx, s.Engine)
		return spec, func() error { return nil }, err
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	var found []*servers.Server
	release = func() error {
		var errs []error
		for _, f := range found {
			errs = append(errs, f.Stop())
		}
		end()
		return errors.Join(errs...)
	}
	var on catalog.Servers
	backends := strings.Split(strings.SplitN(s.Engine, "/", 2)[0], "+")
	url := func(name string, find func(context.Context, servers.Options) (*servers.Server, error)) func(context.Context) (string, error) {
		if err != nil || !slices.Contains(backends, name) {
			return nil
		}
		var server *servers.Server
		if server, err = find(life, servers.Options{AllowRemote: s.AllowRemote}); err != nil {
			return nil
		}
		found = append(found, server)
		if server.Private && s.Part {
			err = fmt.Errorf("part: %s would run on a private server of this process: expected a %s that all parts share, in DOORBUSTER_%s", s.Engine, name, strings.ToUpper(name))
		}
		return func(context.Context) (string, error) { return server.URL, nil }
	}
	on.Postgres = postgres.Server{URL: url("postgres", servers.Postgres), AllowReset: s.AllowReset}
	on.Redis = redis.Server{URL: url("redis", servers.Redis), AllowReset: s.AllowReset}
	if err != nil {
		return spec, nil, errors.Join(err, release())
	}
	bound := catalog.On(on)
	return bound[slices.IndexFunc(bound, func(b engines.Spec) bool { return b.Name == s.Engine })], release, nil
}

// served is the engine behind doorbuster serve.
func served(ctx context.Context, url string) (engines.Spec, error) {
	client := gateway.NewClient(url)
	name, err := client.Name(ctx)
	if err != nil {
		return engines.Spec{}, fmt.Errorf("engine %s: %w", url, err)
	}
	spec, found := catalog.Find(name)
	if !found {
		return spec, fmt.Errorf("engine %s: it serves %q, which this build doesn't know", url, name)
	}
	spec.Virtual = false // here it is behind a network
	spec.Open = func(context.Context, engines.Setup) (engines.Engine, error) { return client, nil }
	return spec, nil
}
