package k6

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.k6.io/k6/v2/lib"

	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
)

// shared is a demand, once in the process: its plan, and its run when that is open.
type shared struct {
	settings settings
	plan     *sim.Plan
	stages   []stream // k6's scenarios, by channel

	mu      sync.Mutex
	run     *sim.Hosted // nil: not opened
	release func() error
	journal *os.File
	file    *result.File // when the run is over
}

func newShared(s settings) (*shared, error) {
	sc, err := scenarios.Load(s.Scenario, catalog.Names(), s.Set)
	if err != nil {
		return nil, fmt.Errorf("new Demand: %w", err)
	}
	plan, err := sim.NewPlan(sim.Options{
		Scenario: sc, Seeds: []uint64{s.Seed}, Duration: s.Duration, Scale: s.Scale, Env: catalog.Wall, Catalog: catalog.All(), Command: "k6",
	})
	if err != nil {
		return nil, fmt.Errorf("new Demand: %w", err)
	}
	return &shared{settings: s, plan: plan, stages: streams(plan, s.VUs)}, nil
}

// open readies the engine, for the whole run or for the part that k6's options name.
func (d *shared) open(ctx context.Context, options *lib.Options) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.run != nil {
		return errors.New("it is open already: expected one call, in setup()")
	}
	hosting, err := d.hosting(options)
	if err != nil {
		return err
	}
	server, release, err := connect(ctx, d.settings)
	if err != nil {
		return err
	}
	hosting.Engine = server
	if d.run, err = d.start(ctx, hosting); err != nil {
		return errors.Join(err, release())
	}
	d.release = release
	return nil
}

// start opens the run, with a journal if it is a part.
func (d *shared) start(ctx context.Context, hosting sim.Hosting) (*sim.Hosted, error) {
	if err := os.MkdirAll(d.settings.Out, 0o777); err != nil {
		return nil, err
	}
	if !d.settings.Part {
		return d.plan.Open(ctx, hosting)
	}
	var err error
	if d.journal, err = os.Create(filepath.Join(d.settings.Out, sim.JournalName)); err != nil {
		return nil, err
	}
	hosting.Journal = d.journal
	return d.plan.Open(ctx, hosting)
}

// lead is how much later than k6's scenarios the day begins: k6 then starts each iteration before its shopper comes.
func (d *shared) lead() time.Duration { return step(d.plan.Duration()) * 3 / 2 }

// close ends the run, once, and gives its result.
func (d *shared) close(ctx context.Context) (*result.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.run == nil {
		return nil, errors.New("it was never opened: expected a call of open() in setup()")
	}
	if d.file != nil {
		return d.file, nil
	}
	f := d.run.Close(ctx)
	err := d.release()
	if d.journal != nil {
		err = errors.Join(err, d.journal.Close())
	}
	if err != nil {
		f.Warnings = append(f.Warnings, err.Error())
	}
	d.file = f
	return f, nil
}

// opened is the run, if there is one.
func (d *shared) opened() *sim.Hosted {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.run
}
