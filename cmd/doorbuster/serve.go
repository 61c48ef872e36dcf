package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/engines/gateway"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/driver"
	"github.com/doorbuster/doorbuster/sim/workload"
)

type serveCommand struct {
	Engine      string   `required:"" placeholder:"B/S" help:"The engine to serve: see list engines."`
	Listen      string   `default:"127.0.0.1:8080" placeholder:"ADDR" help:"Address and port to listen on (default ${default}); port 0 takes a free one."`
	Scenario    string   `default:"blackfriday" placeholder:"S" help:"Scenario, or its YAML file, that says what the opening stock is (default ${default})."`
	Scale       *float64 `placeholder:"X" help:"Share of the scenario's SKUs, above 0 up to 1 (default: the scenario's)."`
	AllowReset  bool     `help:"Let POST /v1/reset replace the stock of an engine on a server; engines in memory always do."`
	AllowRemote bool     `help:"Listen on an address that other machines reach, and use a server that is not on this machine."`
}

// Help is printed below the flags.
func (serveCommand) Help() string {
	return `Example: a hundredth of the Black Friday's articles, in memory, and one order of a unit:

  doorbuster serve --engine memory/conditional --scale 0.01
  curl -H 'Idempotency-Key: 20' --json '{"kind":"sell","order":1,"lines":[{"sku":0,"qty":1}]}' 127.0.0.1:8080/v1/operations

The stock is set anew at the start. Ctrl-C waits for the requests in flight, and ends with exit code 0. There is no login and no encryption: it is
a test stand.

Exit codes: 0 served until Ctrl-C; 130 interrupted before it served; 2 wrong usage or a server that can't be used; 1 anything else.`
}

// Validate is called by kong once the flags are parsed.
func (c *serveCommand) Validate() error {
	if c.Scale != nil && !(*c.Scale > 0 && *c.Scale <= 1) {
		return fmt.Errorf("--scale %v: expected a share of the SKUs, above 0 up to 1", *c.Scale)
	}
	return c.checkListen()
}

// checkListen keeps what is served on this machine, unless it may leave it. A name could be any machine's: it is an address that is asked for.
func (c *serveCommand) checkListen() error {
	addr, err := netip.ParseAddrPort(strings.Replace(c.Listen, "localhost:", "127.0.0.1:", 1))
	if err != nil {
		return fmt.Errorf("--listen %q: expected an IP address and a port, such as 127.0.0.1:8080", c.Listen)
	}
	if !addr.Addr().IsLoopback() && !c.AllowRemote {
		return fmt.Errorf("--listen %s: other machines reach it: expected an address of this machine alone, such as 127.0.0.1:8080, or --allow-remote", c.Listen)
	}
	return nil
}

// Run is called by kong: it serves until it is interrupted.
func (c *serveCommand) Run(ctx context.Context, p process) error {
	spec, err := engineNamed(c.Engine)
	if err != nil {
		return usageError{err}
	}
	sc, err := scenarios.Load(c.Scenario, catalog.Names(), nil)
	if err != nil {
		return usageError{err}
	}
	flags := serverFlags{Require: backendsOf(spec), AllowRemote: c.AllowRemote}
	fleet, err := flags.muster(ctx, []engines.Spec{spec}, p.err)
	if err != nil {
		return notServed(ctx, err)
	}
	err = c.serve(ctx, fleet.reachable([]engines.Spec{spec})[0], sc, p)
	return errors.Join(err, fleet.dismiss())
}

// engineNamed is the one engine of a name.
func engineNamed(name string) (engines.Spec, error) {
	spec, found := catalog.Find(name)
	if !found {
		return spec, fmt.Errorf("--engine %q: expected one engine: did you mean %q? See doorbuster list engines", name, scenarios.Nearest(name, catalog.Names()))
	}
	return spec, nil
}

// serve opens the engine, stocks it and answers for it.
func (c *serveCommand) serve(ctx context.Context, spec engines.Spec, sc *scenarios.Scenario, p process) error {
	engine, err := spec.Open(ctx, c.setup(spec, sc))
	if err != nil {
		return notServed(ctx, err)
	}
	server := gateway.New(engine, gateway.Options{Name: spec.Name, Resets: c.AllowReset || spec.Virtual})
	opening := workload.New(sc, c.scale(sc)).Opening
	if err = server.Reset(ctx, opening); err != nil {
		err = notServed(ctx, err)
	} else {
		err = c.listen(ctx, server, p, fmt.Sprintf("%s with %d SKUs of %s", spec.Name, len(opening), sc.Name))
	}
	return errors.Join(err, engine.Close())
}

// notServed is what an error before anything is served means: an interrupt, or a server that can't be used.
func notServed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return exitError(exitInterrupted)
	}
	return usageError{err}
}

// setup opens an engine as a wall run of the scenario does.
func (c *serveCommand) setup(spec engines.Spec, sc *scenarios.Scenario) engines.Setup {
	var env engines.Env
	if spec.Virtual {
		env = catalog.Wall(sc.Storage.RTT)
	}
	return driver.Setup(sc, env)
}

func (c *serveCommand) scale(sc *scenarios.Scenario) float64 {
	if c.Scale == nil {
		return sc.DefaultScale
	}
	return *c.Scale
}

// listen says where it listens, and answers until ctx ends.
func (c *serveCommand) listen(ctx context.Context, s *gateway.Server, p process, what string) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return usageError{fmt.Errorf("--listen: %w", err)}
	}
	fmt.Fprintf(p.err, "serving %s on http://%s; Ctrl-C ends it\n", what, l.Addr())
	return s.Serve(ctx, l)
}
