// Package sim runs scenarios: demand goes to engines, a ledger keeps what was asked and answered, an audit judges it, and a result
// file says what happened. Below it stand the parts: the demand (workload), simulated time (vtime), the driver, the ledger, the audit and the
// result file. Nothing here names a backend.
package sim

import (
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
	Engines  []engines.Spec                          // to run, in this order
	Catalog  []engines.Spec                          // where the control is looked up
	Seeds    []uint64                                // one run of each engine for each
	Scale    float64                                 // share of the SKUs, in (0, 1]; 0: the scenario's default
	Orders   *workload.Log                           // a real order log as the demand; nil: drawn from the scenario
	Amplify  int                                     // how many times each logged order comes; 0: once
	Workers  int                                     // runs at once; 0: one a core
	Commit   string                                  // of the program, for the card
	Command  string                                  // as typed, for the card
	Replay   func(engine string, seed uint64) string // the command that runs one engine and seed again
	Progress func(Progress)                          // called often, from several goroutines; may be nil
}

// Progress is how far one run is.
type Progress struct {
	Run, Runs  int // which one of how many
	Engine     string
	Seed       uint64
	Control    bool
	Day        float64 // share of the simulated day that is over
	Operations int64
	Done       bool
}

// Run runs every engine with every seed, and the control beside them, and returns what happened. When ctx is cancelled it returns
// a file that is marked incomplete, together with ctx's error.
func Run(ctx context.Context, o Options) (*result.File, error) {
	began := time.Now()
	jobs, err := plan(&o)
	if err != nil {
		return nil, err
	}
	runs := make([]result.Run, len(jobs))
	next := make(chan int, len(jobs))
	for i := range jobs {
		next <- i
	}
	close(next)
	var workers sync.WaitGroup
	for range min(len(jobs), max(1, o.Workers)) {
		workers.Go(func() {
			for i := range next {
				runs[i] = jobs[i].run(ctx, &o)
			}
		})
	}
	workers.Wait()
	file := assemble(&o, jobs, runs)
	file.ElapsedS = time.Since(began).Seconds()
	return file, ctx.Err()
}

// job is one run.
type job struct {
	number, of int
	spec       engines.Spec
	seed       uint64
	control    bool // it runs only to show that the demand can make an engine oversell
	demand     *workload.Demand
}

// plan lists the runs: each engine with each seed, and for each backend its control, where the scenario needs one and nobody asked for it.
func plan(o *Options) ([]job, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if len(o.Seeds) == 0 {
		o.Seeds = []uint64{1}
	}
	if o.Scale == 0 {
		o.Scale = o.Scenario.DefaultScale
	}
	demand, control := o.demand(o.Scale), (*workload.Demand)(nil)
	var jobs []job
	asked := map[string]bool{}
	for _, spec := range o.Engines {
		asked[spec.Name] = true
		for _, seed := range o.Seeds {
			jobs = append(jobs, job{spec: spec, seed: seed, demand: demand})
		}
	}
	for _, spec := range o.Engines {
		name := spec.Backend() + "/" + o.Scenario.Control
		if !o.Scenario.Pressure || asked[name] {
			continue
		}
		asked[name] = true
		cs, ok := find(o.Catalog, name)
		if !ok {
			return nil, fmt.Errorf("scenario %s: its control %s is not in the catalog", o.Scenario.Name, name)
		}
		if control == nil {
			control = demand
			if o.Scale > o.Scenario.DefaultScale {
				control = o.demand(o.Scenario.DefaultScale)
			}
		}
		jobs = append(jobs, job{spec: cs, seed: o.Seeds[0], control: true, demand: control})
	}
	for i := range jobs {
		jobs[i].number, jobs[i].of = i, len(jobs)
	}
	return jobs, nil
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
