package sim

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/audit"
	"github.com/doorbuster/doorbuster/sim/driver"
	"github.com/doorbuster/doorbuster/sim/ledger"
	"github.com/doorbuster/doorbuster/sim/result"
)

// points is how many values a series has at the most, but for a day's tail.
const points = 1440

// length of the run's day, on its clock.
func (j *job) length() time.Duration {
	if j.fit != nil {
		return j.fit.duration
	}
	return j.demand.Length
}

// interval of the series: a minute of a virtual day, more of a log that spans months.
func (j *job) interval() time.Duration {
	if j.fit != nil {
		return j.fit.interval()
	}
	minutes := (j.demand.Length + points*time.Minute - 1) / (points * time.Minute)
	return max(1, minutes) * time.Minute
}

// run is the way of one run, top to bottom: the day passes, the audit closes the books, the result is written down.
func (j *job) run(ctx context.Context, o *Options) (r result.Run) {
	began := time.Now()
	// An engine may panic outside of its operations too, and the other runs shall not pay for it.
	defer func() {
		if p := recover(); p != nil {
			r = j.describe(&account{err: fmt.Errorf("the run panicked: %v\n%s", p, debug.Stack())}, o)
		}
	}()
	if err := ctx.Err(); err != nil {
		return j.describe(&account{err: err}, o)
	}
	a := account{ledger: j.newLedger()}
	a.audit = audit.New(a.ledger, audit.Config{Versions: j.spec.Versions, Pools: j.spec.Pools, Opening: j.demand.Opening, Names: j.demand.Names})
	v, err := j.open(ctx, o, a.audit)
	if err != nil {
		a.err = err
		return j.describe(&a, o)
	}
	a.err = v.Run()
	a.complete = a.err == nil
	a.stats, a.shop = v.Stats(), v.Shop()
	books, err := v.Books()
	a.err = errors.Join(a.err, err)
	// A run that was cut short is judged as far as it came, with a context that still lives.
	a.verdicts = a.audit.Close(context.WithoutCancel(ctx), books, a.complete && err == nil)
	a.err = errors.Join(a.err, v.Close())
	r = j.describe(&a, o)
	r.ElapsedS = time.Since(began).Seconds()
	if o.Progress != nil {
		o.Progress(Progress{Run: j.number, Runs: j.of, Engine: j.spec.Name, Seed: j.seed, Control: j.control, Day: 1, Operations: a.stats.Operations, Done: true})
	}
	return r
}

// limits of wall runs.
var limits = driver.DefaultLimits

// passing is a day that a driver lets pass.
type passing interface {
	Run() error
	Books() (engines.Books, error)
	Stats() driver.Stats
	Shop() *driver.Shop
	Close() error
}

// open readies the driver.
func (j *job) open(ctx context.Context, o *Options, judge driver.Judge) (passing, error) {
	c := driver.Config{
		Scenario: j.scenario, Demand: j.demand, Engine: j.spec, Seed: j.seed, Judge: judge, Interval: j.interval(), Progress: j.progress(o),
	}
	if j.fit == nil {
		return driver.NewVirtual(ctx, c)
	}
	c.Scenario, c.Pace = j.fit.scenario, j.fit.pace
	var env engines.Env
	if j.spec.Virtual {
		env = o.Env(j.scenario.Storage.RTT)
	}
	return driver.NewWall(ctx, c, env, limits)
}

// account is everything that is known of a run when it is over.
type account struct {
	ledger   *ledger.Ledger
	audit    *audit.Audit
	stats    driver.Stats
	shop     *driver.Shop // nil: nothing stands around the engine
	verdicts audit.Verdicts
	complete bool
	err      error
}

func (j *job) newLedger() *ledger.Ledger {
	var hot []engines.SKU
	for sku, is := range j.demand.Hot {
		if is {
			hot = append(hot, engines.SKU(sku))
		}
	}
	return ledger.New(ledger.Config{
		Opening: j.demand.Opening, Channels: len(scenarios.Sources), Hot: hot, Day: j.length(), Interval: j.interval(),
	})
}

func (j *job) progress(o *Options) func(time.Duration, int64) {
	if o.Progress == nil {
		return nil
	}
	return func(at time.Duration, operations int64) {
		o.Progress(Progress{
			Run: j.number, Runs: j.of, Engine: j.spec.Name, Seed: j.seed, Control: j.control,
			Day: min(1, float64(at)/float64(j.length())), Operations: operations,
		})
	}
}

// checks are the audit's, and what the run as a whole has to show.
func (j *job) checks(a *account, o *Options) []result.Check {
	checks := make([]result.Check, 0, len(a.verdicts.Checks)+1)
	replay := ""
	if o.Replay != nil {
		replay = o.Replay(j.spec.Name, j.mode(), j.seed)
	}
	for _, c := range a.verdicts.Checks {
		rc := result.Check{
			Name: c.Name, Promised: c.Always || c.Safety && j.spec.PromisesNoOversell, Verdict: string(c.Verdict),
			Detail: c.Detail, Limit: c.Limit, Actual: c.Actual, NotSeen: c.NotSeen, Replay: replay, Evidence: c.Evidence, FirstAtMS: -1,
		}
		if c.FirstAt >= 0 {
			rc.FirstAtMS = c.FirstAt.Milliseconds()
		}
		checks = append(checks, rc)
	}
	return append(checks, j.faults(a, j.scenario, replay))
}

// faults says whether what was injected was there: a fault that never struck proves nothing.
func (j *job) faults(a *account, sc *scenarios.Scenario, replay string) result.Check {
	c := result.Check{
		Name: "faults", Promised: true, Verdict: result.NotChecked, Detail: "The scenario injects no fault.",
		Limit: "each injected fault is observed", Actual: fmt.Sprintf("%d operations paused", a.stats.Paused),
		NotSeen: "Whether a pause fell between a read and its write.", Replay: replay, Evidence: a.stats.Paused, FirstAtMS: -1,
	}
	switch {
	case sc.Faults.PauseShare == 0:
	case j.fit != nil:
		c.Verdict, c.Detail = result.Unknown, "Pauses are injected in simulated time only."
	case a.stats.Paused == 0:
		c.Verdict, c.Detail = result.Unknown, "Pauses are injected, but none struck."
	default:
		c.Verdict, c.Detail = result.Pass, fmt.Sprintf("%d operations were paused for %v.", a.stats.Paused, sc.Faults.PauseFor)
	}
	return c
}

// verdict judges what the engine promises.
func verdict(r *result.Run) string {
	worst := result.Pass
	for _, c := range r.Checks {
		switch {
		case !c.Promised:
		case c.Verdict == result.Fail:
			return result.Fail
		case c.Verdict == result.Unknown:
			worst = result.Unknown
		}
	}
	if !r.Complete || r.Error != "" {
		return result.Unknown
	}
	return worst
}

// control marks runs invalid where their control did not oversell: then the day can't tell a safe engine from an unsafe one. A run's control is
// that of its seed, or else the one of its backend that ran beside the others.
func control(o *Options, jobs []job, runs []result.Run) {
	if !o.Scenario.Pressure {
		return
	}
	for i := range runs {
		if runs[i].Segment != "" {
			continue // it knows a part of its orders
		}
		name := jobs[i].spec.StockBackend() + "/" + o.Scenario.Control
		of := func(r *result.Run) bool { return r.Engine == name && r.Variant == runs[i].Variant }
		at := slices.IndexFunc(runs, func(r result.Run) bool { return of(&r) && r.Seed == runs[i].Seed })
		if at < 0 {
			at = slices.IndexFunc(runs, func(r result.Run) bool { return of(&r) })
		}
		if at < 0 { // of a run that somebody else's load generator made
			runs[i].Warnings = append(runs[i].Warnings, fmt.Sprintf("The control %s did not run beside it: nothing in this file shows that this day could make an engine oversell.", name))
			continue
		}
		if runs[at].Units.Oversold.Min > 0 {
			continue
		}
		did := "did not oversell"
		if !runs[at].Complete {
			did = "did not run to its end"
		}
		invalidate(&runs[i], fmt.Sprintf("The control %s %s, so nothing shows that this day could make an engine oversell.", name, did))
	}
}

// invalidate says why a run proves nothing, if anything does. What it failed stays so.
func invalidate(r *result.Run, why ...string) {
	if len(why) == 0 {
		return
	}
	r.Valid = false
	r.Invalid = append(r.Invalid, why...)
	if r.Verdict == result.Pass {
		r.Verdict = result.Unknown
	}
}
