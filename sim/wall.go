package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/result"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// DefaultDuration is how long a wall run's day takes unless Options say otherwise.
const DefaultDuration = 30 * time.Second

// What a wall run must keep to, or it is invalid: it shows the generator's limits, not the engine's.
const (
	lagShare     = 0.005                 // of the run's duration, for the 99th percentile: 7 minutes of a day, in which a spike of 10 keeps its shape
	leastLag     = 20 * time.Millisecond // which no generator on a shared machine keeps below for sure
	droppedLimit = 0.001                 // share of the operations planned
)

// wallPoints is how many values a wall run's series has at the most, but for its tail.
const wallPoints = 240

// WallTime is how many wall runs there will be, and about how long they take together.
func WallTime(o Options) (runs int, takes time.Duration) {
	jobs, err := plan(&o)
	if err != nil {
		return 0, 0 // Run says it
	}
	for i := range jobs {
		if f := jobs[i].fit; f != nil {
			runs++
			takes += f.duration + time.Duration(float64(o.Scenario.Holds.For)/f.pace) + readyAndAudit
		}
	}
	return runs, takes
}

// controlTries is how often a control may try to oversell in real time. Nothing makes two of its operations meet there: on a fast server
// and in few seconds they now and then don't, which says nothing of the day. An engine that promises anything has one try.
const controlTries = 3

// runWall is a wall run, of a control the first one that oversold.
func (j *job) runWall(ctx context.Context, o *Options) result.Run {
	r := j.run(ctx, o)
	for try := 2; try <= controlTries && j.scenario.Pressure && j.spec.Strategy() == j.scenario.Control && r.Complete && r.Units.Oversold.Min == 0; try++ {
		r = j.run(ctx, o)
		r.Warnings = append(r.Warnings, fmt.Sprintf("The control did not oversell at first: this is its try %d of at most %d.", try, controlTries))
	}
	return r
}

// readyAndAudit is about what it takes to ready an engine before a wall run and to read its books after it.
const readyAndAudit = time.Second

// fit is how a scenario's day is fitted into a wall run.
type fit struct {
	duration time.Duration
	pace     float64             // seconds of the day in one second
	share    float64             // of each SKU's demand and stock
	peak     float64             // operations a second to expect at the peak
	scenario *scenarios.Scenario // with that share
	demand   *workload.Demand
}

// fitIn compresses the day into the duration, and takes so much of the demand that the peak is what the scenario allows a wall run.
// It runs fewer SKUs as long as one doorbuster stands for its whole demand in its proportion to the others; where that is
// still too much, each SKU has less demand and less stock alike. A scale that is not 0 is kept.
func fitIn(o *Options) *fit {
	sc := o.Scenario
	f := &fit{duration: o.Duration, pace: sc.Day.Seconds() / o.Duration.Seconds(), share: 1}
	scale := o.Scale
	if scale == 0 {
		smallest := 1 / float64(max(1, sc.Demand.Hot.SKUs))
		least := workload.New(sc, smallest)
		scale = min(1, max(smallest, smallest*sc.WallPeakPerS/f.peakOf(least)))
	}
	f.share = min(1, sc.WallPeakPerS/f.peakOf(workload.New(sc, scale)))
	thin := *sc
	thin.Demand.ArrivalsPerDay *= f.share
	f.scenario, f.demand = &thin, workload.New(&thin, scale)
	f.peak = f.peakOf(f.demand)
	return f
}

// peakOf is a demand's highest rate in the run, in operations a second.
func (f *fit) peakOf(d *workload.Demand) float64 {
	return d.PeakPerS() * d.OperationsPerArrival() * f.pace
}

// interval of the series.
func (f *fit) interval() time.Duration { return max(f.duration/wallPoints, 10*time.Millisecond) }

// warning says what of the demand was left out.
func (f *fit) warning() string {
	text := fmt.Sprintf("Wall runs have the day in %v, at a peak of %.0f operations a second: %d SKUs", f.duration, f.peak, len(f.demand.Opening))
	if f.share < 1 {
		return text + fmt.Sprintf(", each with %.3g %% of its demand and of its stock.", 100*f.share)
	}
	return text + ", each with its whole demand."
}

func (j *job) wallDay() result.WallDay {
	f := j.fit
	if f == nil {
		return result.WallDay{}
	}
	inFlight := limits.InFlight
	if j.played {
		inFlight = 0
	}
	return result.WallDay{
		DurationS: f.duration.Seconds(), Pace: f.pace, Scale: f.demand.Scale, SKUs: len(f.demand.Opening), DemandShare: f.share, PeakPerS: f.peak,
		InFlightLimit: inFlight, TimeoutS: limits.Timeout.Seconds(),
		LagLimitMS: milliseconds(max(leastLag, time.Duration(lagShare*float64(f.duration)))), DroppedLimit: droppedLimit,
	}
}

// overloaded is why a wall run's load was not what it should have been.
func overloaded(r *result.Run) (why []string) {
	if r.Load.LagMSP99 > r.Wall.LagLimitMS {
		why = append(why, fmt.Sprintf("The generator lagged: one operation in a hundred was sent %.1f ms late or more, and the limit is %g ms.",
			r.Load.LagMSP99, r.Wall.LagLimitMS))
	}
	if share := ratio(r.Load.Dropped, r.Load.Planned); share > r.Wall.DroppedLimit {
		found := fmt.Sprintf("found %d in flight before them", r.Wall.InFlightLimit)
		if r.Wall.InFlightLimit == 0 {
			found = fmt.Sprintf("no virtual user took up within %v", limits.Timeout+limits.Grace)
		}
		why = append(why, fmt.Sprintf("The generator dropped %d of %d operations (%.2g %%), which %s; the limit is %g %%.",
			r.Load.Dropped, r.Load.Planned, 100*share, found, 100*r.Wall.DroppedLimit))
	}
	return why
}
