package sweep

import (
	"context"
	"math"
	"time"

	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// What an estimate takes: trials of some arrivals of a few points, as long as there is time.
const (
	trialArrivals = 20_000.0
	trialPoints   = 3
	trialTime     = time.Second
)

// Estimate says about how long the whole sweep takes with so many workers. It runs the first points with one seed and a small part of their arrivals, at
// two sizes, since part of the time doesn't depend on how many come: a channel is sent every quantity whether or not it was sold.
func Estimate(ctx context.Context, o *Options, workers int) (time.Duration, error) {
	began, sum, n := time.Now(), time.Duration(0), 0
	for p := range o.Plan.All() {
		if n == trialPoints || n > 0 && time.Since(began) > trialTime {
			break
		}
		took, err := o.trial(ctx, p)
		if err != nil {
			return 0, err
		}
		sum += took
		n++
	}
	points := float64(o.Plan.Mine()) / float64(max(workers, 1))
	takes := float64(sum) / float64(max(n, 1)) * points * float64(len(o.Sim.Seeds))
	return time.Duration(min(takes, math.MaxInt64/2)), ctx.Err()
}

// trial is the time that one point takes for one seed.
func (o *Options) trial(ctx context.Context, p Point) (time.Duration, error) {
	planned := 0.0
	run := func(share float64) (time.Duration, error) {
		scenario, err := o.Load(Sets(p.Settings))
		if err != nil {
			return 0, err
		}
		so := o.Sim
		so.Scenario, so.Seeds, so.Mode, so.Workers, so.Progress = scenario, o.Sim.Seeds[:1], result.Virtual, 1, nil
		planned = thin(scenario, so.Scale, share) * float64(len(so.Engines))
		if share == 0 {
			return 0, nil
		}
		began := time.Now()
		_, err = sim.Run(ctx, so)
		return time.Since(began), err
	}
	if _, err := run(0); err != nil {
		return 0, err
	}
	share := min(1, trialArrivals/max(planned, 1))
	large, err := run(share)
	if err != nil || share == 1 {
		return large, err
	}
	small, err := run(share / 4)
	slope := float64(large-small) / (share * 3 / 4)
	return max(small, small+time.Duration(max(0, slope)*(1-share/4))), err
}

// thin leaves a scenario a share of its arrivals, in every variant, and returns how many there were to expect before.
func thin(sc *scenarios.Scenario, scale, share float64) (planned float64) {
	for _, v := range sc.Whole() {
		at := scale
		if at == 0 {
			at = v.DefaultScale
		}
		planned += workload.New(v, at).Planned()
		v.Demand.ArrivalsPerDay *= share
	}
	return planned
}
