package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/audit"
	"github.com/doorbuster/doorbuster/sim/driver"
	"github.com/doorbuster/doorbuster/sim/result"
)

// Hosting says how a planned run is made.
type Hosting struct {
	Engine engines.Spec
	Part   driver.Part // of the shoppers; the zero Part is all of them
	// Segment names the part, as result.Run.Segment does; empty: it is the whole. A part leaves the stock as it finds it, and does not read the
	// engine's books, which hold the others' orders too: so it proves nothing by itself.
	Segment string
	Journal io.Writer     // of what was asked and answered, for Join; nil: none is kept
	Lead    time.Duration // by how much whoever plays a shopper may be ready before the shopper comes
}

// Hosted is a planned run that somebody else's load generator makes: it takes shoppers and plays them. The way from there is that of any other
// run: the ledger, the audit, the result.
type Hosted struct {
	plan    *Plan
	job     job
	hosting Hosting
	host    *driver.Hosted
	account account
	journal *journal
	stop    context.CancelFunc
	opened  time.Time
	last    time.Duration // when the part's last shopper comes

	begin sync.Once
	start time.Time
	over  chan struct{} // closed when the day has passed; nil before it begins
	close sync.Once
	file  *result.File
}

// Open readies the engine: a whole run sets the opening stock.
func (p *Plan) Open(ctx context.Context, hosting Hosting) (*Hosted, error) {
	h := &Hosted{plan: p, job: p.job, hosting: hosting, opened: time.Now()}
	h.job.spec = hosting.Engine
	a := &h.account
	a.ledger = h.job.newLedger()
	a.audit = audit.New(a.ledger, audit.Config{
		Versions: hosting.Engine.Versions, Pools: hosting.Engine.Pools, Opening: h.job.demand.Opening, Names: h.job.demand.Names,
	})
	c := driver.Config{
		Scenario: h.job.fit.scenario, Demand: h.job.demand, Engine: h.job.spec, Seed: h.job.seed, Judge: a.audit,
		Interval: h.job.interval(), Pace: h.job.fit.pace,
	}
	if hosting.Journal != nil {
		h.journal = newJournal(hosting.Journal, a.audit)
		c.Judge = h.journal
	}
	var env engines.Env
	if h.job.spec.Virtual {
		env = p.options.Env(h.job.scenario.Storage.RTT)
	}
	ctx, h.stop = context.WithCancel(context.WithoutCancel(ctx)) // the run outlives the call that opens it
	var err error
	h.host, err = driver.NewHosted(ctx, c, env, limits, hosting.Part, hosting.Segment == "")
	if err != nil {
		h.stop()
		return nil, err
	}
	h.last = p.last(hosting.Part)
	runtime.GC() // what was there before is collected before this run is measured
	return h, nil
}

// Begin lets the day pass from start on, once: later calls change nothing.
func (h *Hosted) Begin(start time.Time) {
	h.begin.Do(func() {
		h.start, h.over = start, make(chan struct{})
		if h.journal != nil {
			h.journal.begin(h.job.header(), start)
		}
		go func() {
			defer close(h.over)
			h.account.err = h.host.Run(start)
		}()
	})
}

// Take waits for the next shopper of a channel whom nobody has taken; nil: no more will come. The day must have begun.
func (h *Hosted) Take(ctx context.Context, from engines.Channel) (*driver.Shopper, error) {
	return h.host.Take(ctx, from)
}

// Engine is the one that the run is made with.
func (h *Hosted) Engine() engines.Spec { return h.hosting.Engine }

// Close ends the run, judges it and writes it down, once: later calls give the same. A day whose last shopper has come, or was about to, may end;
// any other was cut short.
func (h *Hosted) Close(ctx context.Context) *result.File {
	h.close.Do(func() { h.file = h.closed(ctx) })
	return h.file
}

func (h *Hosted) closed(ctx context.Context) *result.File {
	defer h.stop()
	a := &h.account
	a.err = h.finish(ctx)
	a.complete = a.err == nil
	a.stats = h.host.Stats()
	var books engines.Books
	if h.hosting.Segment == "" {
		var err error
		books, err = h.host.Books()
		a.err = errors.Join(a.err, err)
	}
	a.verdicts = a.audit.Close(context.WithoutCancel(ctx), books, a.complete && a.err == nil)
	a.err = errors.Join(a.err, h.host.Close())
	if h.journal != nil {
		a.err = errors.Join(a.err, h.journal.end(a.complete))
	}
	r := h.job.describe(a, &h.plan.options)
	h.asPart(&r)
	r.ElapsedS = time.Since(h.opened).Seconds()
	o := h.plan.options
	o.Engines = []engines.Spec{h.hosting.Engine}
	f := assemble(&o, []job{h.job}, []result.Run{r})
	f.ElapsedS = r.ElapsedS
	return f
}

// finish waits for the end of a day whose last shopper has come, and stops any other.
func (h *Hosted) finish(ctx context.Context) error {
	h.begin.Do(func() {}) // too late
	if h.over == nil {
		return errors.New("no shopper was ever taken")
	}
	if at := time.Since(h.start); at < h.last-h.hosting.Lead {
		h.stop()
		<-h.over
		return fmt.Errorf("the load generator ended %v into a day whose last shopper comes after %v",
			max(0, at).Round(time.Millisecond), h.last.Round(time.Millisecond))
	}
	select {
	case <-h.over:
	case <-ctx.Done():
		h.stop()
		<-h.over
		return fmt.Errorf("the load generator did not wait for the last holds and orders: %w", cmp.Or(context.Cause(ctx), ctx.Err()))
	}
	return h.account.err
}

// alone are the checks that a part's own orders can fail.
var alone = []string{"oversold", "once", "holds"}

// asPart says of a part what it can't know: all that the other parts' orders have a share in.
func (h *Hosted) asPart(r *result.Run) {
	if r.Segment = h.hosting.Segment; r.Segment == "" {
		return
	}
	r.Units.Oversold.Max = r.Units.Promised
	r.Orders.RefusedFalsely, r.Orders.FalseBy, r.Rates.FalseRefusal = 0, map[string]int64{}, 0
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Verdict != result.NotChecked && (c.Verdict != result.Fail || !slices.Contains(alone, c.Name)) {
			c.Verdict, c.FirstAtMS = result.Unknown, -1
			c.Detail = "The run's other parts had a share in it, whose orders this one doesn't know."
		}
	}
	if r.Verdict = verdict(r); r.Verdict == result.Pass {
		r.Verdict = result.Unknown
	}
	r.Warnings = append(r.Warnings, "It is a part of a run: the books are read, and all checked, when all parts are over.")
}
