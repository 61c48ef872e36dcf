package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/engines/servers"
	"github.com/doorbuster/doorbuster/scenarios"
)

type listCommand struct {
	Scenarios listScenarios `cmd:"" help:"List the scenarios that come with doorbuster."`
	Engines   listEngines   `cmd:"" help:"List the engines: what each promises, and what runs it here."`
}

type listScenarios struct{}

// Help is printed below the flags.
func (listScenarios) Help() string { return "Example:\n\n  doorbuster list scenarios" }

// Run is called by kong.
func (listScenarios) Run(p process) error {
	return table(p.out, "SCENARIO\tABOUT", func(w io.Writer) {
		for _, info := range scenarios.List() {
			fmt.Fprintf(w, "%s\t%s\n", info.Name, info.About)
		}
	})
}

type listEngines struct {
	AllowRemote bool `help:"Ask a server that is not on this machine too."`
}

// Help is printed below the flags.
func (listEngines) Help() string {
	return `Example:

  doorbuster list engines

HERE says whether the engine can be run on this machine; below the table stands what its server is, or how to get one. Nothing is started
for that: a server that DOORBUSTER_POSTGRES or DOORBUSTER_REDIS names is asked for its version.`
}

// Run is called by kong.
func (c listEngines) Run(ctx context.Context, p process) error {
	missing, found := prospects(ctx, servers.Options{AllowRemote: c.AllowRemote})
	err := table(p.out, "ENGINE\tRUNS IN\tHERE\tPROMISES NO OVERSELL\tHOW", func(w io.Writer) {
		for _, s := range catalog.All() {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", s.Name, runsIn(s), here(s, missing), promise(s), s.About)
		}
	})
	_, more := fmt.Fprintf(p.out, "\n%s\n", strings.Join(found, "\n"))
	return errors.Join(err, more)
}

// prospectors say what each server would be here, and start nothing.
var prospectors = map[string]func(context.Context, servers.Options) (string, error){
	"postgres": servers.PostgresProspect,
	"redis":    servers.RedisProspect,
}

// prospects says of each server what it would be here, a line each, and which are missing.
func prospects(ctx context.Context, o servers.Options) (missing map[string]bool, lines []string) {
	missing = map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(prospectors)) {
		said, err := prospectors[name](ctx, o)
		if err != nil {
			missing[name], said = true, inOneLine(err)
		}
		lines = append(lines, name+": "+said)
	}
	return missing, lines
}

// inOneLine takes out of an error what it says twice: Postgres's driver tries with TLS and without.
func inOneLine(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(slices.Compact(lines), " ")
}

func here(s engines.Spec, missing map[string]bool) string {
	if slices.ContainsFunc(backendsOf(s), func(b string) bool { return missing[b] }) {
		return "no"
	}
	return "yes"
}

func runsIn(s engines.Spec) string {
	if s.Virtual {
		return "simulated time"
	}
	return "real time, on a server"
}

func promise(s engines.Spec) string {
	if s.PromisesNoOversell {
		return "yes"
	}
	return "no: " + s.Unsafe
}

func table(w io.Writer, header string, rows func(io.Writer)) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, err := fmt.Fprintln(tw, header)
	rows(tw)
	return errors.Join(err, tw.Flush())
}
