package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/doorbuster/doorbuster/reports"
	"github.com/doorbuster/doorbuster/reports/compare"
	"github.com/doorbuster/doorbuster/sim/result"
)

type compareCommand struct {
	Old       string   `arg:"" help:"Result file, or folder with a result.json; :ENGINE or :ENGINE@VARIANT behind it takes one engine of it."`
	New       string   `arg:"" help:"What is compared with it, named likewise."`
	Engine    []string `sep:"," placeholder:"B/S" help:"Engines to compare: names or patterns such as memory/*. Repeatable (default: all that both have)."`
	FailOn    []string `sep:"none" placeholder:"E" help:"Exit with 99 if this is so: 'worse', 'p99 worse', 'p99 worse by 5%', or one of them behind 'ENGINE:'. Repeatable."`
	MinEffect []string `sep:"none" placeholder:"FIGURE=X" help:"Smallest difference that matters, such as p99=5% or cancellation=0.05%. Repeatable."`
	Format    string   `enum:"text,markdown,json" default:"text" help:"What to write: text, markdown or json."`
	Out       string   `short:"o" placeholder:"FILE" help:"Write a page (HTML) as well."`
}

// Help is printed below the flags.
func (compareCommand) Help() string {
	return `Examples: a change against what was there before it, and two engines of one result:

  doorbuster compare out/before out/after --fail-on 'p99 worse by 5%'
  doorbuster compare out/seeds:memory/queue out/seeds:memory/conditional -o out/compared.html

Runs are paired by seed; run both sides with the same --seed and --runs 10 or more. A verdict is better, worse, no difference
shown, or too few runs. Figures, and the smallest difference of each that matters unless --min-effect says otherwise
(of a latency in per cent of the old value, of a rate in points):

` + indent(compare.Explain()) + `
Exit codes: 4 if it can't be told whether something that --fail-on names is so (too few runs, or none that prove anything);
99 if it is so; 0 otherwise; 2 wrong usage or input, or results whose demand is not the same; 1 anything else.`
}

func indent(lines string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(lines, "\n"), "\n", "\n  ") + "\n"
}

// Run is called by kong.
func (c *compareCommand) Run(p process) error {
	gates, options, err := c.options()
	if err != nil {
		return usageError{err}
	}
	if c.Out != "" {
		if err := checkOutputs(output{"--out", c.Out}); err != nil {
			return err
		}
	}
	sides, err := readSides(c.Old, c.New)
	if err != nil {
		return usageError{err}
	}
	found, err := compare.Compare(sides[0], sides[1], options)
	if err != nil {
		return usageError{err}
	}
	if err := c.write(p, found); err != nil {
		return err
	}
	return sayGates(p, found, gates)
}

func (c *compareCommand) options() (gates []compare.Gate, o compare.Options, err error) {
	for _, e := range c.FailOn {
		g, err := compare.ParseGate(e)
		if err != nil {
			return nil, o, fmt.Errorf("--fail-on %w", err)
		}
		gates = append(gates, g)
	}
	o.Engines, o.Smallest = c.Engine, map[string]float64{}
	for _, pattern := range c.Engine {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, o, fmt.Errorf("--engine %s: %w", pattern, err)
		}
	}
	for _, e := range c.MinEffect {
		name, smallest, err := compare.ParseSmallest(e)
		if err != nil {
			return nil, o, fmt.Errorf("--min-effect %w", err)
		}
		o.Smallest[name] = smallest
	}
	return gates, o, nil
}

// readSides reads what both names mean; a file that both name is read once.
func readSides(names ...string) ([]compare.Side, error) {
	files := map[string]*result.File{}
	var sides []compare.Side
	for _, name := range names {
		file, engine, variant := splitSide(name)
		at := resultFile(file)
		if files[at] == nil {
			f, err := result.Scan(at, figuresOnly)
			if err != nil {
				return nil, err
			}
			files[at] = f
		}
		sides = append(sides, compare.Side{Name: name, File: files[at], Engine: engine, Variant: variant})
	}
	return sides, nil
}

// figuresOnly drops what is large and isn't compared.
func figuresOnly(r *result.Run) {
	r.Series, r.Hot, r.Examples, r.Histograms = result.Series{}, nil, nil, result.Histograms{}
}

// splitSide takes FILE:ENGINE@VARIANT apart. A file whose own name has a colon is found as it is.
func splitSide(name string) (file, engine, variant string) {
	i := strings.LastIndex(name, ":")
	if i < 0 || fileExists(name) || !strings.Contains(name[i:], "/") {
		return name, "", ""
	}
	engine, variant, _ = strings.Cut(name[i+1:], "@")
	return name[:i], engine, variant
}

func (c *compareCommand) write(p process, found *compare.Comparison) error {
	if c.Out != "" {
		if err := writeWhole(c.Out, func(w io.Writer) error { return reports.CompareHTML(w, found) }); err != nil {
			return err
		}
	}
	switch c.Format {
	case "markdown":
		return reports.CompareMarkdown(p.out, found)
	case "json":
		enc := json.NewEncoder(p.out)
		enc.SetIndent("", " ")
		enc.SetEscapeHTML(false)
		return enc.Encode(found)
	}
	return reports.CompareText(p.out, found, colours(p.out))
}

// sayGates says what each gate found, on standard error, so that standard output is the comparison alone. That something can't be told comes first, as
// everywhere: a build is to see that its gate stood open.
func sayGates(p process, c *compare.Comparison, gates []compare.Gate) error {
	failed, open := false, false
	for _, g := range gates {
		for _, r := range g.Evaluate(c) {
			failed, open = failed || r.Failed, open || r.Open
			sayGate(p.err, r)
		}
	}
	switch {
	case open:
		return exitError(exitUnproven)
	case failed:
		return exitError(exitThreshold)
	}
	return nil
}

func sayGate(w io.Writer, r compare.GateResult) {
	word := "no"
	switch {
	case r.Failed:
		word = "YES"
	case r.Open:
		word = "can't be told"
	}
	what := r.Expr
	if r.Pair != "" {
		what += ": " + r.Pair
	}
	fmt.Fprintf(w, "fail on %s: %s, %s\n", what, word, r.Actual)
}
