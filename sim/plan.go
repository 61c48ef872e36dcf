package sim

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/driver"
	"github.com/doorbuster/doorbuster/sim/result"
)

// Plan is a wall run that somebody else's load generator is going to make: the demand fitted into it, before there is an engine. It is the one
// that Run would make with the same options. It is read-only and may be shared.
type Plan struct {
	options Options
	job     job
}

// NewPlan fits the first seed's day into a wall run. Engines, Mode and Orders of the options aren't used.
func NewPlan(o Options) (*Plan, error) {
	sc := o.Scenario
	if !sc.Plain() || len(sc.Whole()) > 1 {
		return nil, fmt.Errorf("scenario %s has variants, or a shop around its engine, whose channels act for all orders at once: "+
			"expected one whose channels all ask the engine (unified), such as blackfriday", sc.Name)
	}
	o.Mode = result.Wall
	o.defaults()
	f := fitIn(&o)
	return &Plan{o, job{of: 1, seed: o.Seeds[0], scenario: sc, demand: f.demand, fit: f, played: true}}, nil
}

// Duration of the run's day.
func (p *Plan) Duration() time.Duration { return p.job.fit.duration }

// Opening is the stock, in units, by SKU.
func (p *Plan) Opening() []int64 { return p.job.demand.Opening }

// Names of SKUs.
func (p *Plan) Names(s engines.SKU) string { return p.job.demand.Names(s) }

// Scenario of the run.
func (p *Plan) Scenario() *scenarios.Scenario { return p.job.scenario }

// Channel is the one of a name among the scenario's.
func (p *Plan) Channel(name string) (engines.Channel, bool) {
	all := p.job.scenario.Channels
	i := slices.IndexFunc(all, func(c scenarios.Channel) bool { return c.Name == name })
	if i < 0 {
		return 0, false
	}
	return engines.Channel(all[i].Index), true
}

// Visit is a planned shopper who asks the engine for something. Times are on the clock of the run.
type Visit struct {
	Channel engines.Channel
	Number  uint64          // among the channel's visits, from 0
	Order   engines.OrderID // the shopper's first
	Orders  int             // how many there are, one after the other
	At      time.Duration
	Stay    time.Duration // until the last step at the latest, with an engine that takes no time
}

// Visits of the whole day, in the order of time.
func (p *Plan) Visits() iter.Seq[Visit] {
	f := p.job.fit
	real := func(d time.Duration) time.Duration { return time.Duration(float64(d) / f.pace) }
	return func(yield func(Visit) bool) {
		policy := f.scenario.Holds.Policy
		asking := driver.Asking{All: f.demand.Arrivals(p.job.seed), HoldPolicy: policy}
		for {
			plan, order, n := asking.Next()
			if plan == nil || order != 0 && !yield(Visit{plan.Channel, n, order, driver.Orders(plan, policy), real(plan.At), real(driver.Stay(plan))}) {
				return
			}
		}
	}
}

// Stock sets the opening stock for parts that share an engine, and nothing else.
func (p *Plan) Stock(ctx context.Context, spec engines.Spec) error {
	e, err := spec.Open(ctx, driver.Setup(p.job.fit.scenario, nil))
	if err != nil {
		return fmt.Errorf("opening %s: %w", spec.Name, err)
	}
	if err := e.Reset(ctx, p.Opening()); err != nil {
		return errors.Join(fmt.Errorf("setting the opening stock of %s: %w", spec.Name, err), e.Close())
	}
	return e.Close()
}

// last is when the last shopper of a part comes.
func (p *Plan) last(part driver.Part) (at time.Duration) {
	for v := range p.Visits() {
		if part.Own == nil || part.Own(v.Channel, v.Number) {
			at = v.At
		}
	}
	return at
}
