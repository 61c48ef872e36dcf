package main

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/engines/servers"
)

// A server that isn't to be had takes its engines with it, those that need another one too, and the list says how to get it.
func TestListSaysWhichEnginesRunHere(t *testing.T) {
	usual := prospectors
	t.Cleanup(func() { prospectors = usual })
	prospectors = map[string]func(context.Context, servers.Options) (string, error){
		"postgres": func(context.Context, servers.Options) (string, error) { return "a private server", nil },
		"redis": func(context.Context, servers.Options) (string, error) {
			return "", &servers.Unavailable{Name: "Redis", Looked: []string{"one"}, Get: "install it"}
		},
	}
	var out bytes.Buffer
	if err := (listEngines{}).Run(t.Context(), process{out: &out, err: &out}); err != nil {
		t.Fatal(err)
	}
	for engine, here := range map[string]string{"memory/naive": "yes", "postgres/naive": "yes", "redis/naive": "no", "redis+postgres/predecrement": "no"} {
		row := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(engine) + ` +(simulated time|real time, on a server) +` + here + ` `)
		if !row.MatchString(out.String()) {
			t.Errorf("%s: expected %s in\n%s", engine, here, out.String())
		}
	}
	if want := "\npostgres: a private server\nredis: no Redis: looked for one. To get one: install it\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("below the table it says\n%s", out.String())
	}
}
