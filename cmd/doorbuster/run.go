package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
)

// The most of what a command line may ask for: far beyond what is useful, and short of what overflows.
const (
	maxRuns    = 10000
	maxWorkers = 1024

	minDuration = time.Second
	maxDuration = 24 * time.Hour
)

type runCommand struct {
	Scenario string        `arg:"" help:"Name of a scenario (see list scenarios) or a YAML file."`
	Engine   []string      `sep:"none" placeholder:"B/S" help:"Engines to run instead of the scenario's own: names, patterns such as memory/*, or all, with commas between them. Repeatable."`
	Mode     string        `enum:"auto,virtual,wall" default:"auto" help:"Simulated time (virtual) or real time (wall); auto takes what each engine runs in."`
	Seed     uint64        `placeholder:"N" default:"1" help:"Seed of the first run: the same seed meets the same demand (default 1)."`
	Runs     *int          `placeholder:"N" help:"Runs of each engine, with the seeds N, N+1, … (default 1)."`
	Scale    *float64      `placeholder:"X" help:"Share of the scenario's SKUs, above 0 up to 1 (default: the scenario's; in real time, what its peak allows)."`
	Workers  int           `placeholder:"N" help:"Runs at once in simulated time (default: one a core). In real time it is always one."`
	Duration time.Duration `placeholder:"D" help:"How long the day takes in real time, such as 10s, its timers included (default 30s)."`

	Profile *string `placeholder:"NAME" help:"Flags for a purpose; one that is given beside it wins. ci: --runs 6, at most a million arrivals a day (--set demand.arrivals_per_day), --duration 5s. No relation to the demand and storage profiles in scenario files."`

	Servers serverFlags `embed:""`

	Set []string `sep:"none" placeholder:"KEY=VALUE" help:"Replace a value of the scenario, such as holds.policy=cart. Repeatable."`

	Log orderFlags `embed:""`

	Threshold []string `sep:"none" placeholder:"E" help:"Condition that every run must meet, such as 'rates.cancellation < 0.0004'. Repeatable."`
	JUnit     string   `name:"junit" placeholder:"FILE" help:"Write the checks as JUnit XML too."`
	Out       string   `placeholder:"DIR" help:"Folder for result.json and report.html (default out/SCENARIO)."`
}

// Help is printed below the flags.
func (runCommand) Help() string {
	return `Example: five seeds of two strategies, shoppers holding stock from the cart on:

  doorbuster run blackfriday --engine memory/naive,memory/optimistic --runs 5 --set holds.policy=cart

Exit codes: 0 all did as they promised; 3 an engine broke its promise; 4 a run proves nothing; 99 a threshold failed;
130 interrupted; 2 wrong usage or input; 1 anything else.`
}

// Validate is called by kong once the flags are parsed.
func (c *runCommand) Validate() error {
	if c.runs() < 1 || c.runs() > maxRuns {
		return fmt.Errorf("--runs %d: expected 1 to %d", c.runs(), maxRuns)
	}
	if c.Seed > math.MaxUint64-uint64(c.runs()) {
		return fmt.Errorf("--seed %d: the seeds of %d runs would pass %d", c.Seed, c.runs(), uint64(math.MaxUint64))
	}
	if c.Scale != nil && !(*c.Scale > 0 && *c.Scale <= 1) {
		return fmt.Errorf("--scale %v: expected a share of the SKUs, above 0 up to 1", *c.Scale)
	}
	if c.Workers < 0 || c.Workers > maxWorkers {
		return fmt.Errorf("--workers %d: expected up to %d, or 0 for one a core", c.Workers, maxWorkers)
	}
	if c.Duration != 0 && (c.Duration < minDuration || c.Duration > maxDuration) {
		return fmt.Errorf("--duration %v: expected %v to %v", c.Duration, minDuration, maxDuration)
	}
	if c.Duration != 0 && c.Mode == result.Virtual {
		return errors.New("--duration with --mode virtual: it is for real time; leave one of them out")
	}
	if err := c.checkProfile(); err != nil {
		return err
	}
	if err := c.Servers.check(); err != nil {
		return err
	}
	if c.Scale != nil && c.Log.Orders != "" {
		return errors.New("--scale with --orders: an order log is replayed with all of its SKUs; leave --scale out")
	}
	return c.Log.check()
}

// Run is called by kong: it checks all that it was given, runs, and reports.
func (c *runCommand) Run(ctx context.Context, p process) error {
	thresholds, err := parseThresholds(c.Threshold)
	if err != nil {
		return err
	}
	options, err := c.options(p)
	if err != nil {
		return usageError{err}
	}
	if err := checkThresholds(thresholds, options.Engines, options.Scenario); err != nil {
		return usageError{err}
	}
	files := c.outputs(options.Scenario.Name)
	if err := files.check(); err != nil {
		return err
	}
	fleet, err := c.equip(ctx, &options, p.err)
	if err != nil {
		return err
	}
	f, err := runAndShow(ctx, options, p)
	if stopped := fleet.dismiss(); stopped != nil {
		fmt.Fprintln(p.err, "doorbuster:", stopped)
	}
	if f == nil || err != nil && ctx.Err() == nil {
		return errors.Join(err, errIfNil(f))
	}
	return files.deliver(p, f, thresholds, ctx.Err() != nil)
}

// equip finds the servers of the engines that need one, and leaves out the engines whose server is missing.
func (c *runCommand) equip(ctx context.Context, o *sim.Options, w io.Writer) (*fleet, error) {
	fleet, err := c.Servers.muster(ctx, o.Engines, w)
	if err == nil {
		o.Engines, o.Catalog = fleet.reachable(o.Engines), fleet.catalog()
		o.Servers, o.Warnings = fleet.card(), fleet.warnings()
		if len(o.Engines) == 0 {
			err = errors.New("none of the engines can be run: their servers are missing")
		} else {
			err = fleet.try(ctx, o.Engines)
		}
		if err != nil {
			err = errors.Join(err, fleet.dismiss())
		}
	}
	switch {
	case ctx.Err() != nil:
		return nil, exitError(exitInterrupted)
	case err != nil:
		return nil, usageError{err}
	}
	return fleet, nil
}

// runAndShow runs, and shows how far it is.
func runAndShow(ctx context.Context, o sim.Options, p process) (*result.File, error) {
	if n, takes := sim.WallTime(o); n > 0 {
		fmt.Fprintf(p.err, "real time: %d runs, one after the other, about %v after the simulated ones\n", n, takes.Round(time.Second))
	}
	meter := startMeter(p.err)
	defer meter.stop()
	o.Progress = meter.update
	return sim.Run(ctx, o)
}

func errIfNil(f *result.File) error {
	if f == nil {
		return errors.New("the run gave no result")
	}
	return nil
}

func parseThresholds(exprs []string) ([]result.Threshold, error) {
	var all []result.Threshold
	for _, e := range exprs {
		t, err := result.ParseThreshold(e)
		if err != nil {
			return nil, usageError{err}
		}
		all = append(all, t)
	}
	return all, nil
}

// options turns the flags into what sim runs.
func (c *runCommand) options(p process) (sim.Options, error) {
	scenario, err := c.load(p.err)
	if err != nil {
		return sim.Options{}, err
	}
	specs, err := c.engines(scenario)
	if err != nil {
		return sim.Options{}, err
	}
	if err := c.checkLog(specs); err != nil {
		return sim.Options{}, err
	}
	orders, err := c.Log.read(p.err)
	if err != nil {
		return sim.Options{}, err
	}
	var scale float64
	if c.Scale != nil {
		scale = *c.Scale
	}
	return sim.Options{
		Scenario: scenario,
		Engines:  specs,
		Mode:     c.mode(),
		Seeds:    c.seeds(),
		Scale:    scale,
		Duration: c.Duration,
		Env:      catalog.Wall,
		Orders:   orders,
		Amplify:  c.Log.Amplify,
		Workers:  c.Workers,
		Commit:   commit,
		Command:  shellLine(append([]string{"doorbuster"}, p.args...)),
		Replay:   c.replay(scenario.DefaultScale),
	}, nil
}

// mode is empty where each engine has its own.
func (c *runCommand) mode() string {
	if c.Mode == "auto" {
		return ""
	}
	return c.Mode
}

// checkLog refuses an order log where a run would be in real time: its rate can't be fitted into one.
func (c *runCommand) checkLog(specs []engines.Spec) error {
	if c.Log.Orders == "" {
		return nil
	}
	for _, s := range specs {
		if c.Mode == result.Wall || !s.Virtual {
			return fmt.Errorf("--orders: %s would run in real time, and an order log is replayed in simulated time only: expected engines in memory, without --mode wall", s.Name)
		}
	}
	return nil
}

func (c *runCommand) seeds() []uint64 {
	seeds := make([]uint64, c.runs())
	for i := range seeds {
		seeds[i] = c.Seed + uint64(i)
	}
	return seeds
}

func (c *runCommand) outputs(scenario string) outputs {
	dir := c.Out
	if dir == "" {
		dir = filepath.Join("out", scenario)
	}
	return outputs{dir: dir, junit: c.JUnit}
}
