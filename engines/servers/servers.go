// Package servers finds a Postgres and a Redis to test, or starts one for the length of a run.
//
// The first of these that is there is taken:
//
//   - the server at the URL in DOORBUSTER_POSTGRES or DOORBUSTER_REDIS. It must be on this machine unless the caller
//     allows another; nothing in it is touched here, beyond reading its version and settings.
//   - a private server, started from the binaries installed on this machine, in a temporary folder and on a free
//     loopback port. It goes away, with its folder, on Stop or when the context ends. What a harness killed
//     with -9 leaves behind, the next start removes.
//
// Otherwise the answer is an Unavailable error. Containers that docker compose runs are not looked for: set the URL.
//
// Private servers keep every durable setting (fsync, synchronous_commit, appendonly), and the latency of an fsync in
// their folder is measured, so that figures can be read for what they are.
package servers

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// The environment variables that name a server by its URL.
const (
	PostgresEnv = "DOORBUSTER_POSTGRES"
	RedisEnv    = "DOORBUSTER_REDIS"
)

// connectWithin bounds connecting to a server that somebody else runs.
const connectWithin = 10 * time.Second

// Options say what may be used.
type Options struct {
	// AllowRemote permits a URL whose host is not this machine.
	AllowRemote bool

	outlive bool // in tests: the server survives a killed harness, as it does where the system has no death signal
}

// Server is a server to test. Its fields don't change.
type Server struct {
	URL      string            // with its password: show Redact(URL)
	Version  string            // as the server gives it
	PID      int               // of a private server; otherwise 0
	Private  bool              // started here, and stopped here
	Settings map[string]string // what the server says of its durability and size; without those it doesn't show us
	Fsync    time.Duration     // the median of writing and syncing 8 KiB in a private server's folder; otherwise 0
	Notes    []string          // what the user should know of how it was found, a sentence each

	stop func() error
}

// Stop ends a private server and removes its folder, once, and returns when both are gone or a bound of some seconds
// has passed, which is an error. It may be called again, and after the context's end: it then waits for the same stop.
func (s *Server) Stop() error { return s.stop() }

// Postgres finds or starts a Postgres. A private one ends with ctx, which should therefore outlive the last reading of
// what a run left in it. An error is an *Unavailable where there is none to be had; it never shows a password.
func Postgres(ctx context.Context, o Options) (*Server, error) { return find(ctx, o, postgres) }

// Redis finds or starts a Redis, as Postgres does.
func Redis(ctx context.Context, o Options) (*Server, error) { return find(ctx, o, redis) }

// product is what differs between the two.
type product struct {
	name     string
	env      string
	binaries []string // the server's first
	globs    []string // folders to look in after PATH
	get      string   // how to get one
	users    []string // to run as where we are root, by preference

	hosts     func(url string) ([]string, error) // all that the URL may connect to; a path is a socket
	describe  func(ctx context.Context, url string) (description, error)
	prepare   func(ctx context.Context, in *instance) error // once in a fresh folder
	arguments func(in *instance) ([]string, error)          // of the server; once the port is known
	url       func(in *instance) string
}

// description is what a server says of itself.
type description struct {
	version  string
	folder   string // of its data; empty if it doesn't tell
	settings map[string]string
	note     string
}

func (d description) server(url string) *Server {
	s := &Server{URL: url, Version: d.version, Settings: d.settings, stop: func() error { return nil }}
	if d.note != "" {
		s.Notes = []string{d.note}
	}
	return s
}

func find(ctx context.Context, o Options, p product) (*Server, error) {
	if url := os.Getenv(p.env); url != "" {
		s, err := p.given(ctx, url, o)
		if err != nil {
			return nil, fmt.Errorf("%s=%s: %w", p.env, Redact(url), scrub(err, url))
		}
		return s, nil
	}
	bins := p.installed()
	if bins == nil {
		return nil, p.unavailable()
	}
	s, err := p.start(ctx, bins, o)
	if err != nil {
		return nil, fmt.Errorf("start a private %s (%s): %w", p.name, bins[0], err)
	}
	return s, nil
}

// given connects to the server that the user named.
func (p product) given(ctx context.Context, url string, o Options) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	hosts, err := p.hosts(url)
	if err != nil {
		return nil, unreadable(err, url)
	}
	if !o.AllowRemote {
		if err := onLoopback(ctx, hosts); err != nil {
			return nil, err
		}
	}
	d, err := p.describe(ctx, url)
	if err != nil {
		return nil, err
	}
	return d.server(url), nil
}

// Unavailable means that there is no server to be had on this machine.
type Unavailable struct {
	Name   string   // of the product
	Looked []string // for what, in order
	Get    string   // how to get one
}

// Error is the whole story in one line.
func (e *Unavailable) Error() string {
	return fmt.Sprintf("no %s: looked for %s. To get one: %s", e.Name, strings.Join(e.Looked, ", then "), e.Get)
}

func (p product) unavailable() *Unavailable {
	looked := []string{"a URL in " + p.env, strings.Join(p.binaries, " and ") + " on PATH"}
	if len(p.globs) > 0 {
		looked = append(looked, "the same in "+strings.Join(p.globs, ", "))
	}
	get := fmt.Sprintf("%s, or set %s to the URL of a server on this machine.", p.get, p.env)
	return &Unavailable{Name: p.name, Looked: looked, Get: get}
}
