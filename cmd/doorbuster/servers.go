package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/engines/postgres"
	"github.com/doorbuster/doorbuster/engines/redis"
	"github.com/doorbuster/doorbuster/engines/servers"
	"github.com/doorbuster/doorbuster/sim/result"
)

// finders find or start the server of each backend that has one.
var finders = map[string]func(context.Context, servers.Options) (*servers.Server, error){
	"postgres": servers.Postgres,
	"redis":    servers.Redis,
}

// serverFlags say which servers may be used, and how.
type serverFlags struct {
	Require     []string `placeholder:"SERVER,…" help:"Servers without which the run is an error instead of going on with the engines that are left: postgres, redis."`
	AllowRemote bool     `help:"Use a server that is not on this machine."`
	AllowReset  bool     `help:"Consent to dropping what stands under doorbuster's name in a server and isn't doorbuster's."`
}

func (f serverFlags) check() error {
	for _, name := range f.Require {
		if finders[name] == nil {
			return fmt.Errorf("--require %s: expected postgres, redis or both with a comma between them", name)
		}
	}
	return nil
}

// fleet are the servers that one command uses. All its runs share them.
type fleet struct {
	flags   serverFlags
	found   map[string]*servers.Server
	missing map[string]string // why there is none
	end     context.CancelFunc
}

// backendsOf are the servers that an engine needs; none if it is in memory.
func backendsOf(s engines.Spec) []string {
	return slices.DeleteFunc(strings.Split(s.Backend(), "+"), func(b string) bool { return finders[b] == nil })
}

// muster finds or starts the servers that the engines need, and says on w what it found. A server that is not to be had is missing; any
// other error is one. The servers live until dismiss, longer than ctx: what a run left in them is read after an interrupt too.
func (f serverFlags) muster(ctx context.Context, specs []engines.Spec, w io.Writer) (*fleet, error) {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	fl := &fleet{flags: f, found: map[string]*servers.Server{}, missing: map[string]string{}, end: end}
	detach := context.AfterFunc(ctx, end) // an interrupt now ends what is being started
	defer detach()
	for _, spec := range specs {
		for _, name := range backendsOf(spec) {
			if fl.found[name] != nil || fl.missing[name] != "" {
				continue
			}
			if err := fl.find(life, name, w); err != nil {
				return nil, errors.Join(err, fl.dismiss())
			}
		}
	}
	return fl, nil
}

func (fl *fleet) find(ctx context.Context, name string, w io.Writer) error {
	s, err := finders[name](ctx, servers.Options{AllowRemote: fl.flags.AllowRemote})
	var none *servers.Unavailable
	switch {
	case err == nil:
		fl.found[name] = s
		fmt.Fprintf(w, "%s: %s\n", name, inWords(s))
		for _, note := range s.Notes {
			fmt.Fprintf(w, "%s: %s\n", name, note)
		}
		return nil
	case errors.As(err, &none) && !slices.Contains(fl.flags.Require, name):
		fl.missing[name] = err.Error()
		fmt.Fprintf(w, "%s: SKIPPED: %v\n", name, err)
		return nil
	case errors.As(err, &none):
		return fmt.Errorf("--require %s: %w", name, err)
	}
	return err
}

// inWords says what a server is and how durable its figures are.
func inWords(s *servers.Server) string {
	version, _, _ := strings.Cut(s.Version, " on ") // the platform that it was compiled for says nothing here
	words := []string{version}
	if s.Private {
		words = append(words, "private")
	}
	for _, name := range []string{"fsync", "synchronous_commit", "appendonly", "appendfsync"} {
		if value := s.Settings[name]; value != "" {
			words = append(words, name+" "+value)
		}
	}
	if s.Fsync > 0 {
		words = append(words, fmt.Sprintf("an fsync takes %v", s.Fsync.Round(time.Microsecond)))
	}
	return strings.Join(words, ", ")
}

// catalog is every engine, on the servers that were found.
func (fl *fleet) catalog() []engines.Spec {
	var s catalog.Servers
	if found := fl.found["postgres"]; found != nil {
		s.Postgres = postgres.Server{URL: at(found), AllowReset: fl.flags.AllowReset}
	}
	if found := fl.found["redis"]; found != nil {
		s.Redis = redis.Server{URL: at(found), AllowReset: fl.flags.AllowReset}
	}
	return catalog.On(s)
}

func at(s *servers.Server) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return s.URL, nil }
}

// reachable are the engines whose servers were found, bound to them.
func (fl *fleet) reachable(specs []engines.Spec) []engines.Spec {
	var all []engines.Spec
	bound := fl.catalog()
	for _, spec := range specs {
		if slices.ContainsFunc(backendsOf(spec), func(b string) bool { return fl.missing[b] != "" }) {
			continue
		}
		all = append(all, bound[slices.IndexFunc(bound, func(b engines.Spec) bool { return b.Name == spec.Name })])
	}
	return all
}

// try opens and closes one engine on each server: what keeps doorbuster out of it is better known before the runs than after some of them.
func (fl *fleet) try(ctx context.Context, specs []engines.Spec) error {
	tried := map[string]bool{}
	for _, spec := range specs {
		if len(backendsOf(spec)) == 0 || tried[spec.Backend()] {
			continue
		}
		tried[spec.Backend()] = true
		e, err := spec.Open(ctx, engines.Setup{})
		if err == nil {
			err = e.Close()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// card is what the result says of the servers.
func (fl *fleet) card() map[string]result.Server {
	all := map[string]result.Server{}
	for name, s := range fl.found {
		all[name] = result.Server{
			Version: s.Version, Private: s.Private, FsyncUS: float64(s.Fsync) / float64(time.Microsecond), Settings: s.Settings,
		}
	}
	return all
}

// warnings say what was skipped.
func (fl *fleet) warnings() []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(fl.missing)) {
		all = append(all, fmt.Sprintf("Engines on %s were skipped: %s", name, fl.missing[name]))
	}
	return all
}

// dismiss stops the private servers and removes their folders.
func (fl *fleet) dismiss() error {
	var errs []error
	for _, s := range fl.found {
		errs = append(errs, s.Stop())
	}
	fl.end()
	return errors.Join(errs...)
}
