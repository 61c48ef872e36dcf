package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
	"github.com/doorbuster/doorbuster/sim/sweep"
)

// A sweep that is larger than this, or takes longer, has to be confirmed.
const (
	unaskedPoints = 1000
	unaskedTime   = 10 * time.Minute
)

type sweepCommand struct {
	Scenario string   `arg:"" help:"Name of a scenario (see list scenarios) or a YAML file."`
	Set      []string `sep:"none" required:"" placeholder:"KEY=VALUES" help:"What to vary: a range START:END:STEP of numbers or times, or a list with commas. One value holds at every point. Repeatable."`
	Engine   []string `sep:"none" placeholder:"B/S" help:"Engines to run instead of the scenario's own. Those on a server can't be swept."`
	Seed     uint64   `placeholder:"N" default:"1" help:"Seed of the first run: every point meets the same demand (default 1)."`
	Runs     int      `placeholder:"N" default:"1" help:"Runs of each point, with the seeds N, N+1, … (default 1)."`
	Scale    *float64 `placeholder:"X" help:"Share of the scenario's SKUs, above 0 up to 1 (default: the scenario's)."`
	Sample   int64    `placeholder:"N" help:"A Latin hypercube of N points, drawn from the seed, instead of the full grid."`
	Shard    string   `placeholder:"I/N" help:"Run the I-th of N parts only; doorbuster merge joins them."`
	Yes      bool     `help:"Run a sweep of many points or much time without asking."`
	Workers  int      `placeholder:"N" help:"Points at once (default: one a core)."`
	Out      string   `placeholder:"DIR" help:"Folder for result.json and report.html (default out/SCENARIO-sweep). Finished points in it are kept."`
}

// Help is printed below the flags.
func (sweepCommand) Help() string {
	return `Example: how much should displays hold back, and how often must they hear of sales?

  doorbuster sweep my-shop --set buffers.policy=dynamic --set buffers.z=0:3:0.5 --set sync.every=1s,1m,15m --runs 5

Keys are those of run --set; sync.every sets both sync.polling.every and sync.imports.every. The report has the frontier of orders
cancelled against orders refused falsely, what each key changes, and a recommendation with its interval. Interrupted or not, the
same command goes on with the points that are missing. More than ` + fmt.Sprint(unaskedPoints) + ` points, or more than about ` +
		roughly(unaskedTime) + `, need --yes.

Exit codes: those of run.`
}

// Validate is called by kong once the flags are parsed.
func (c *sweepCommand) Validate() error {
	if c.Runs < 1 || c.Runs > maxRuns {
		return fmt.Errorf("--runs %d: expected 1 to %d", c.Runs, maxRuns)
	}
	if c.Seed > math.MaxUint64-uint64(c.Runs) {
		return fmt.Errorf("--seed %d: the seeds of %d runs would pass %d", c.Seed, c.Runs, uint64(math.MaxUint64))
	}
	if c.Scale != nil && !(*c.Scale > 0 && *c.Scale <= 1) {
		return fmt.Errorf("--scale %v: expected a share of the SKUs, above 0 up to 1", *c.Scale)
	}
	if c.Workers < 0 || c.Workers > maxWorkers {
		return fmt.Errorf("--workers %d: expected up to %d, or 0 for one a core", c.Workers, maxWorkers)
	}
	return nil
}

// Run is called by kong: it checks all that it was given, shows what it is going to do, sweeps, and reports.
func (c *sweepCommand) Run(ctx context.Context, p process) error {
	o, err := c.options(p)
	if err != nil {
		return usageError{err}
	}
	files := c.outputs(o)
	if err := c.goOn(o, files); err != nil {
		return usageError{err}
	}
	if err := c.confirm(ctx, o, p.err); err != nil {
		return err
	}
	if err := files.check(); err != nil {
		return err
	}
	f, err := sweepAndShow(ctx, o, files, p)
	if f == nil || err != nil && ctx.Err() == nil {
		return errors.Join(err, files.keep(f))
	}
	return files.deliver(p, f, nil, ctx.Err() != nil)
}

// sweepAndShow sweeps, and shows how far it is.
func sweepAndShow(ctx context.Context, o *sweep.Options, files outputs, p process) (*result.File, error) {
	meter := startMeter(p.err)
	meter.of = "points"
	defer meter.stop()
	o.Progress = meter.update
	o.Save = files.keep
	return sweep.Run(ctx, *o)
}

// keep writes the result alone.
func (o outputs) keep(f *result.File) error {
	if f == nil {
		return nil
	}
	return result.Write(o.result(), f)
}

// options turns the flags into what sweep runs.
func (c *sweepCommand) options(p process) (*sweep.Options, error) {
	shard, err := sweep.ParseShard(c.Shard)
	if err != nil {
		return nil, err
	}
	plan, err := sweep.NewPlan(c.Set, c.Sample, c.Seed, shard)
	if err != nil {
		return nil, err
	}
	if err := refuseKeys(plan.Keys()); err != nil {
		return nil, err
	}
	load := func(set []string) (*scenarios.Scenario, error) {
		return scenarios.Load(c.Scenario, catalog.Names(), set)
	}
	scenario, err := load(nil)
	if err != nil {
		return nil, err
	}
	specs, err := c.engines(scenario)
	if err != nil {
		return nil, err
	}
	o := &sweep.Options{Plan: plan, Load: load, Replay: c.replay(scenario.DefaultScale), Sim: sim.Options{
		Scenario: scenario, Engines: specs, Catalog: catalog.All(), Mode: result.Virtual, Seeds: c.seeds(),
		Workers: c.Workers, Commit: commit, Command: shellLine(append([]string{"doorbuster"}, p.args...)),
	}}
	if c.Scale != nil {
		o.Sim.Scale = *c.Scale
	}
	return o, sweep.Try(o)
}

func (c *sweepCommand) seeds() []uint64 {
	seeds := make([]uint64, c.Runs)
	for i := range seeds {
		seeds[i] = c.Seed + uint64(i)
	}
	return seeds
}

// replay gives for each point the command that runs one of its engines and seeds again, with all that the result depends on.
func (c *sweepCommand) replay(scale float64) func(result.Settings) func(engine, mode string, seed uint64) string {
	if c.Scale != nil {
		scale = *c.Scale
	}
	return func(s result.Settings) func(engine, mode string, seed uint64) string {
		return func(engine, _ string, seed uint64) string {
			words := []string{"doorbuster", "run", c.Scenario, "--engine", engine, "--seed", strconv.FormatUint(seed, 10)}
			for _, set := range sweep.Sets(s) {
				words = append(words, "--set", set)
			}
			return shellLine(append(words, "--scale", strconv.FormatFloat(scale, 'g', -1, 64)))
		}
	}
}

// refuseKeys refuses keys that are flags of their own, or that make of a scenario another one.
func refuseKeys(keys []string) error {
	instead := map[string]string{"engines": "--engine", "default_scale": "--scale"}
	for _, key := range keys {
		top, _, _ := strings.Cut(key, ".")
		top, _, _ = strings.Cut(top, "[")
		switch flag := instead[top]; {
		case flag != "":
			return fmt.Errorf("--set %s: expected %s for that", key, flag)
		case top == "name" || top == "about" || top == "variants" || top == "published" || top == "idealised":
			return fmt.Errorf("--set %s: that makes no difference to a day: expected a key such as buffers.z or sync.every", key)
		}
	}
	return nil
}

// engines are those to run. An engine on a server has no place in a sweep.
func (c *sweepCommand) engines(scenario *scenarios.Scenario) ([]engines.Spec, error) {
	patterns := scenario.Engines
	if c.Engine != nil {
		var err error
		if patterns, err = patternsIn(c.Engine); err != nil {
			return nil, err
		}
	}
	var specs []engines.Spec
	names, err := scenarios.Expand(patterns, catalog.Names())
	for _, name := range names {
		switch s, _ := catalog.Find(name); {
		case s.Virtual:
			specs = append(specs, s)
		case len(patterns) != 1 || patterns[0] != "all":
			return nil, fmt.Errorf("--engine %s: it runs on a server, in real time only, where chance and the machine move figures as much as a setting does; a sweep runs in simulated time: expected engines in memory, and doorbuster run --set for a server", name)
		}
	}
	return specs, err
}

func (c *sweepCommand) outputs(o *sweep.Options) outputs {
	dir := c.Out
	if dir == "" {
		dir = filepath.Join("out", o.Sim.Scenario.Name+"-sweep")
		if c.Shard != "" {
			dir += "-" + strings.ReplaceAll(c.Shard, "/", "of")
		}
	}
	return outputs{dir: dir}
}

// goOn takes over the runs of an earlier sweep in the folder, if there is one.
func (c *sweepCommand) goOn(o *sweep.Options, files outputs) error {
	if !fileExists(files.result()) {
		return nil
	}
	earlier, err := result.Read(files.result())
	if err != nil {
		return fmt.Errorf("%w; a sweep goes on with the result in its folder: expected another --out, or that file to be moved away", err)
	}
	o.Spent = time.Duration(earlier.ElapsedS * float64(time.Second))
	o.Kept, err = sweep.Resume(o, files.result(), earlier)
	return err
}

// confirm shows the plan, and refuses a large one that was not agreed to.
func (c *sweepCommand) confirm(ctx context.Context, o *sweep.Options, w io.Writer) error {
	workers := c.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	takes, err := sweep.Estimate(ctx, o, workers)
	switch {
	case ctx.Err() != nil:
		return exitError(exitInterrupted)
	case err != nil:
		return usageError{err}
	}
	text := planInWords(o, workers, takes)
	if points := o.Plan.Mine(); !c.Yes && (points > unaskedPoints || takes > unaskedTime) {
		return usagef("%s\nThat is more than %d points or %s: expected --yes, or fewer points by --sample or --shard. Nothing was run", text, unaskedPoints, roughly(unaskedTime))
	}
	fmt.Fprintln(w, text)
	return nil
}
