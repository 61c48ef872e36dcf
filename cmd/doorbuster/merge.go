package main

import (
	"fmt"

	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
)

type mergeCommand struct {
	Result []string `arg:"" help:"Result files, or folders with a result.json."`
	Out    string   `short:"o" required:"" placeholder:"FILE" help:"Where the merged result goes."`
}

// Help is printed below the flags.
func (mergeCommand) Help() string {
	return `Example: shards of one set of runs, made on two machines:

  doorbuster merge out/shard1 out/shard2 -o out/all.json

Segments of one distributed run become one run: counts add up, histograms are merged and percentiles worked out again. What each part
could judge by its own orders only is unknown of the whole, unless a part saw it fail. Other runs stand side by side. Parts must have met
the same demand; a run that is in two files is refused; a part that is missing or incomplete makes the whole incomplete.

Exit codes: 0 merged; 4 merged, and incomplete; 2 wrong usage or input, or files that are not parts of one whole; 1 anything else.`
}

// Run is called by kong.
func (c *mergeCommand) Run(p process) error {
	if err := checkOutputs(output{"--out", c.Out}); err != nil {
		return err
	}
	var parts []result.Part
	for _, name := range c.Result {
		f, err := result.Read(resultFile(name))
		if err != nil {
			return usageError{err}
		}
		parts = append(parts, result.Part{Name: name, File: f})
	}
	merged, err := result.Merge(parts)
	if err != nil {
		return usageError{err}
	}
	sim.Summarize(merged)
	merged.Card.Command = shellLine(append([]string{"doorbuster"}, p.args...))
	if err := result.Write(c.Out, merged); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "merged  %d files, %d runs\nresult  %s\n", len(parts), len(merged.Runs), c.Out)
	if !merged.Complete {
		fmt.Fprintln(p.err, "doorbuster: the merged result is incomplete")
		return exitError(exitUnproven)
	}
	return nil
}
