package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
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

type listEngines struct{}

// Help is printed below the flags.
func (listEngines) Help() string { return "Example:\n\n  doorbuster list engines" }

// Run is called by kong.
func (listEngines) Run(p process) error {
	return table(p.out, "ENGINE\tRUNS IN\tPROMISES NO OVERSELL\tHOW", func(w io.Writer) {
		for _, s := range catalog.All() {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", s.Name, runsIn(s), promise(s), s.About)
		}
	})
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
