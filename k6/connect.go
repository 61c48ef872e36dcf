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
	life, end := context.WithCancel(context.WithoutCancel(ctx)) // the run outlives the call that opens it
	f := finder{settings: s, life: life, end: end}
	on := catalog.Servers{
		Postgres: postgres.Server{URL: f.find("postgres", servers.Postgres), AllowReset: s.AllowReset},
		Redis:    redis.Server{URL: f.find("redis", servers.Redis), AllowReset: s.AllowReset},
	}
	if f.err != nil {
		return spec, nil, errors.Join(f.err, f.release())
	}
	bound := catalog.On(on)
	return bound[slices.IndexFunc(bound, func(b engines.Spec) bool { return b.Name == s.Engine })], f.release, nil
}

// finder finds the servers of one engine. The first error stays.
type finder struct {
	settings settings
	life     context.Context //nolint:containedctx // of private servers
	end      context.CancelFunc
	found    []*servers.Server
	err      error
}

// find gives the URL of a backend's server, as the engine takes it; nil if the engine has no use for it.
func (f *finder) find(backend string, find func(context.Context, servers.Options) (*servers.Server, error)) func(context.Context) (string, error) {
	names, _, _ := strings.Cut(f.settings.Engine, "/")
	if f.err != nil || !slices.Contains(strings.Split(names, "+"), backend) {
		return nil
	}
	var server *servers.Server
	if server, f.err = find(f.life, servers.Options{AllowRemote: f.settings.AllowRemote}); f.err != nil {
		return nil
	}
	f.found = append(f.found, server)
	if server.Private && f.settings.Part {
		f.err = fmt.Errorf("part: %s would run on a private server of this process: expected a %s that all parts share, in DOORBUSTER_%s",
			f.settings.Engine, backend, strings.ToUpper(backend))
	}
	return func(context.Context) (string, error) { return server.URL, nil }
}

// release stops private servers.
func (f *finder) release() error {
	var errs []error
	for _, server := range f.found {
		errs = append(errs, server.Stop())
	}
	f.end()
	return errors.Join(errs...)
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
