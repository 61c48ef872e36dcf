package main

import (
	"context"
	"fmt"

	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
)

type mergeCommand struct {
	Result []string `arg:"" help:"Result files, or folders with a result.json."`
	Out    string   `short:"o" required:"" placeholder:"FILE" help:"Where the merged result goes."`
	Audit  bool     `help:"Judge the parts of one run together: read their journals, and the books of the engine as they left it, at DOORBUSTER_POSTGRES or DOORBUSTER_REDIS."`

	AllowRemote bool `help:"With --audit: use a server that is not on this machine."`
}

// Help is printed below the flags.
func (mergeCommand) Help() string {
	return `Example: shards of one set of runs, made on two machines:

  doorbuster merge out/shard1 out/shard2 -o out/all.json

Segments of one distributed run become one run: counts add up, histograms are merged and percentiles worked out again. What each part
could judge by its own orders only is unknown of the whole, unless a part saw it fail. Other runs stand side by side. Parts must have met
the same demand; a run that is in two files is refused; a part that is missing or incomplete makes the whole incomplete.

With --audit the segments' own orders no longer limit what is known: each part's folder also has the journal of what was asked and answered
there, as k6 with k6/x/doorbuster writes it. The journals are judged together, and the engine's books read, so all parts must be over.

Exit codes: 0 merged; 4 merged, and incomplete, or with --audit unproven; 3 with --audit: an engine broke its promise; 2 wrong usage or input, or files that are not parts of one whole; 1 anything else.`
}

// Run is called by kong.
func (c *mergeCommand) Run(ctx context.Context, p process) error {
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
	if c.Audit {
		if err := c.audit(ctx, merged, p); err != nil {
			return err
		}
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
	if code := verdict(merged, nil, false); c.Audit && code != 0 {
		return exitError(code)
	}
	return nil
}
