package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/engines/servers"
)

// finding replaces the finders for a test.
func finding(t *testing.T, postgres, redis func() (*servers.Server, error)) {
	t.Helper()
	usual := finders
	t.Cleanup(func() { finders = usual })
	finders = map[string]func(context.Context, servers.Options) (*servers.Server, error){
		"postgres": func(context.Context, servers.Options) (*servers.Server, error) { return postgres() },
		"redis":    func(context.Context, servers.Options) (*servers.Server, error) { return redis() },
	}
}

func none() (*servers.Server, error) {
	return nil, &servers.Unavailable{Name: "Redis", Looked: []string{"one"}, Get: "install it"}
}

func unused() (*servers.Server, error) { panic("nobody asked for this server") }

func specs(t *testing.T, names ...string) (all []engines.Spec) {
	t.Helper()
	for _, name := range names {
		s, ok := catalog.Find(name)
		if !ok {
			t.Fatalf("there is no engine %s", name)
		}
		all = append(all, s)
	}
	return all
}

// A server that is not to be had leaves its engines out, which is said on the spot and in the result.
func TestMissingServerIsSkippedLoudly(t *testing.T) {
	finding(t, unused, none)
	var said bytes.Buffer
	f, err := serverFlags{}.muster(t.Context(), specs(t, "memory/naive", "redis/naive", "redis/queue"), &said)
	if err != nil {
		t.Fatal(err)
	}
	if left := f.reachable(specs(t, "memory/naive", "redis/naive")); len(left) != 1 || left[0].Name != "memory/naive" {
		t.Errorf("left are %v", left)
	}
	if strings.Count(said.String(), "redis: SKIPPED: no Redis: looked for one. To get one: install it") != 1 {
		t.Errorf("said %q", said.String())
	}
	if w := f.warnings(); len(w) != 1 || !strings.HasPrefix(w[0], "Engines on redis were skipped: no Redis") {
		t.Errorf("the warnings are %q", w)
	}
}

// Unless the run requires it; and a server that is there and can't be used is an error always.
func TestRequiredServerIsAnError(t *testing.T) {
	finding(t, unused, none)
	_, err := serverFlags{Require: []string{"redis"}}.muster(t.Context(), specs(t, "redis/naive"), &bytes.Buffer{})
	if err == nil || !strings.HasPrefix(err.Error(), "--require redis: no Redis") {
		t.Errorf("required: %v", err)
	}
	finding(t, unused, func() (*servers.Server, error) { return nil, errors.New("connection refused") })
	if _, err := (serverFlags{}).muster(t.Context(), specs(t, "redis/naive"), &bytes.Buffer{}); err == nil {
		t.Error("a server that refuses connections is skipped")
	}
}

func TestServersAreDescribed(t *testing.T) {
	s := &servers.Server{
		Version: "PostgreSQL 15.20 (Debian) on x86_64-pc-linux-gnu, 64-bit", Private: true, Fsync: 122_400 * time.Nanosecond,
		Settings: map[string]string{"fsync": "on", "synchronous_commit": "off"},
	}
	if got, want := inWords(s), "PostgreSQL 15.20 (Debian), private, fsync on, synchronous_commit off, an fsync takes 122µs"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	f := &fleet{found: map[string]*servers.Server{"postgres": s}}
	if c := f.card()["postgres"]; c.FsyncUS != 122.4 || !c.Private || c.Settings["synchronous_commit"] != "off" {
		t.Errorf("the card says %+v", c)
	}
}
