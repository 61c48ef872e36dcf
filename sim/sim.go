// Package sim runs scenarios: demand goes to engines, a ledger keeps what was asked and answered, an audit judges it, and a result
// file says what happened. Below it stand the parts: the demand (workload), simulated time (vtime), the driver, the ledger, the audit and the
// result file. Nothing here names a backend.
package sim

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/result"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// Options say what to run.
type Options struct {
	Scenario *scenarios.Scenario
	Engines  []engines.Spec                                // to run, in this order
	Catalog  []engines.Spec                                // where the control is looked up
	Mode     string                                        // result.Virtual or result.Wall; empty: simulated time for each engine that runs in it
	Seeds    []uint64                                      // one run of each engine for each
	Scale    float64                                       // share of the SKUs, in (0, 1]; 0: the scenario's default, or what a wall run can bear
	Duration time.Duration                                 // of a wall run's day; 0: DefaultDuration
	Env      func(rtt time.Duration) engines.Env           // the world of an engine in memory that runs in real time
	Orders   *workload.Log                                 // a real order log as the demand; nil: drawn from the scenario
	Amplify  int                                           // how many times each logged order comes; 0: once
	Workers  int                                           // virtual runs at once; 0: one a core
	Commit   string                                        // of the program, for the card
	Command  string                                        // as typed, for the card
	Servers  map[string]result.Server                      // that wall runs use, for the card
	Warnings []string                                      // for the file, beside its own
	Replay   func(engine, mode string, seed uint64) string // the command that runs one engine and seed again
	Progress func(Progress)                                // called often, from several goroutines; may be nil
}

// Progress is how far one run is.
type Progress struct {
	Run, Runs  int // which one of how many
	Engine     string
	Seed       uint64
	Control    bool
	Day        float64 // share of the day that is over
	Operations int64
	Done       bool
}

// Run runs every engine with every seed, and the control beside them, and returns what happened: first the virtual runs, several at once,
// then the wall runs, one after the other, for nothing may disturb what they measure. When ctx is cancelled it returns a file that is marked
// incomplete, together with ctx's error.
func Run(ctx context.Context, o Options) (*result.File, error) {
	began := time.Now()
	jobs, err := plan(&o)
	if err != nil {
		return nil, err
	}
	runs := make([]result.Run, len(jobs))
	var virtual, wall []int
	for i := range jobs {
		if jobs[i].fit == nil {
			virtual = append(virtual, i)
		} else {
			wall = append(wall, i)
		}
	}
	atOnce(o.Workers, virtual, func(i int) { runs[i] = jobs[i].run(ctx, &o) })
	atOnce(1, wall, func(i int) { runs[i] = jobs[i].runWall(ctx, &o) })
	file := assemble(&o, jobs, runs)
	file.ElapsedS = time.Since(began).Seconds()
	return file, ctx.Err()
}

// atOnce does each of the numbers, in order, so many at the same time.
func atOnce(workers int, numbers []int, do func(int)) {
	next := make(chan int, len(numbers))
	for _, i := range numbers {
		next <- i
	}
	close(next)
	var busy sync.WaitGroup
	for range min(len(numbers), max(1, workers)) {
		busy.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	busy.Wait()
}

// job is one run.
type job struct {
	number, of int
	spec       engines.Spec
	seed       uint64
	control    bool                // it runs only to show that the demand can make an engine oversell
	scenario   *scenarios.Scenario // one variant of it
	demand     *workload.Demand
	fit        *fit // of a wall run; nil: it is virtual
	played     bool // a wall run whose shoppers somebody else's load generator plays
}

func (j *job) mode() string {
	if j.fit != nil {
		return result.Wall
	}
	return result.Virtual
}

// plan lists the runs: of each variant each engine with each seed, and for each backend its control, where the scenario needs one and nobody asked for it.
func plan(o *Options) ([]job, error) {
	o.defaults()
	var jobs []job
	for _, variant := range o.Scenario.Whole() {
		its := *o
		its.Scenario = variant
		p := planner{Options: &its, asked: map[string]bool{}}
		if err := p.plan(); err != nil {
			return nil, err
		}
		jobs = append(jobs, p.jobs...)
	}
	for i := range jobs {
		jobs[i].number, jobs[i].of = i, len(jobs)
	}
	return jobs, nil
}

// plan lists the runs of one variant.
func (p *planner) plan() error {
	for _, spec := range p.Engines {
		p.asked[spec.Name] = true
		for _, seed := range p.Seeds {
			p.add(spec, seed, false)
		}
	}
	for _, spec := range p.Engines {
		name := spec.StockBackend() + "/" + p.Scenario.Control
		if !p.Scenario.Pressure || p.asked[name] {
			continue
		}
		p.asked[name] = true
		cs, ok := find(p.Catalog, name)
		if !ok {
			return fmt.Errorf("scenario %s: its control %s is not in the catalog", p.Scenario.Name, name)
		}
		p.add(cs, p.Seeds[0], true)
	}
	return nil
}

func (o *Options) defaults() {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if len(o.Seeds) == 0 {
		o.Seeds = []uint64{1}
	}
	if o.Duration == 0 {
		o.Duration = DefaultDuration
	}
}

// planner shares one demand among all runs that meet the same.
type planner struct {
	*Options
	jobs            []job
	asked           map[string]bool
	demand, control *workload.Demand
	fit             *fit
}

func (p *planner) add(spec engines.Spec, seed uint64, control bool) {
	j := job{spec: spec, seed: seed, control: control, scenario: p.Scenario}
	switch {
	case p.Mode == result.Wall || !spec.Virtual:
		if p.fit == nil {
			p.fit = fitIn(p.Options)
		}
		j.fit, j.demand = p.fit, p.fit.demand
	case control:
		j.demand = p.controlDemand()
	default:
		j.demand = p.wholeDemand()
	}
	p.jobs = append(p.jobs, j)
}

func (p *planner) wholeDemand() *workload.Demand {
	if p.demand == nil {
		p.demand = p.Options.demand(cmp.Or(p.Scale, p.Scenario.DefaultScale))
	}
	return p.demand
}

// controlDemand is at the default scale at the most: a control shows whether the day can make an engine oversell, not how far.
func (p *planner) controlDemand() *workload.Demand {
	if p.Scale <= p.Scenario.DefaultScale {
		return p.wholeDemand()
	}
	if p.control == nil {
		p.control = p.Options.demand(p.Scenario.DefaultScale)
	}
	return p.control
}

func (o *Options) demand(scale float64) *workload.Demand {
	if o.Orders != nil {
		return workload.NewReplay(o.Scenario, o.Orders, o.Amplify)
	}
	return workload.New(o.Scenario, scale)
}

func find(catalog []engines.Spec, name string) (engines.Spec, bool) {
	for _, s := range catalog {
		if s.Name == name {
			return s, true
		}
	}
	return engines.Spec{}, false
}
