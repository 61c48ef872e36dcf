package driver

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/vtime"
)

// Limits bound what a wall run waits for and holds.
type Limits struct {
	InFlight int           // operations inside the engine at once; what is due beyond them is dropped, and counted
	Timeout  time.Duration // of an operation: its context's deadline; without an answer by then it is Unknown
	Grace    time.Duration // how much later an engine that ignores the deadline is given up, and how long one may take to close
	Open     time.Duration // for connecting, and for setting the opening stock
	Books    time.Duration // for reading the books, and before that for a server that is starting again
}

// DefaultLimits are those of a run that doesn't set its own.
var DefaultLimits = Limits{
	InFlight: 4096,
	Timeout:  5 * time.Second,
	Grace:    2 * time.Second,
	Open:     30 * time.Second,
	Books:    30 * time.Second,
}

// Wall is a day on the wall clock, compressed by Config.Pace. It is an open load: an operation is sent when it is due, however busy the
// engine is with those before it.
//
// One goroutine lets the day pass and talks to the judge; operations run on goroutines of their own, which stamp when they began and when
// they were answered. An operation is told to the judge as asked before it is sent, and as answered after it was: so the judge sees
// each as taking at least as long as it did, and accuses no engine falsely.
type Wall struct {
	day
	ctx    context.Context
	limits Limits
	start  time.Time

	handed   chan *call // to the goroutines
	replies  chan *call // from them
	workers  int        // that are not lost in an operation
	inFlight int
	patience vtime.Ring[deadline] // of the operations in flight, in the order in which they were sent
	failed   error                // an engine's panic

	lag     *hdrhistogram.Histogram // µs from the intended to the actual start
	errors  errorLog
	counts  [engines.CounterCount]atomic.Int64
	reading context.CancelFunc // ends the reading of the books

	live    func(vtime.Event) // lets an event of the day happen
	despair func(*call)       // gives a call up that has no answer
	after   func(*call)       // is told of a call that was answered; nil: nobody is
}

// flight is what a goroutine notes of the operation that it carries out.
type flight struct {
	began, ended time.Duration
	reply        engines.Reply
	err          error
	away         bool           // sent and not yet answered, for the day's goroutine
	cart         []engines.Line // Op.Lines, of its own: the engine may read them long after the shopper left
}

// deadline is when an operation is given up.
type deadline struct {
	at   time.Duration
	slot uint32
	uses uint64
}

// NewWall opens the engine and sets the day's opening stock. env is the world of an engine in memory, nil for others.
func NewWall(ctx context.Context, cfg Config, env engines.Env, limits Limits) (*Wall, error) {
	w := &Wall{
		ctx: ctx, limits: limits, lag: hdrhistogram.New(1, int64(time.Hour/time.Microsecond), 3),
		handed: make(chan *call, limits.InFlight), replies: make(chan *call, limits.InFlight),
	}
	w.begin(cfg)
	w.live, w.despair = w.happen, w.lose
	w.ask, w.officeWait = w.send, max(w.real(officeWait), wallOfficeWait)
	setup := Setup(cfg.Scenario, env)
	setup.Count = func(c engines.Counter, n int) { w.counts[c].Add(int64(n)) }
	opening, cancel := context.WithTimeout(ctx, limits.Open)
	defer cancel()
	var err error
	if w.engine, err = cfg.Engine.Open(opening, setup); err != nil {
		return nil, fmt.Errorf("opening %s: %w", cfg.Engine.Name, err)
	}
	if err := w.engine.Reset(opening, cfg.Demand.Opening); err != nil {
		return nil, errors.Join(fmt.Errorf("setting the opening stock of %s: %w", cfg.Engine.Name, err), w.Close())
	}
	if err := w.openShop(opening); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// wallOfficeWait is the least that the back office waits before it repeats itself: a second of a compressed day is no time at all.
const wallOfficeWait = 20 * time.Millisecond

// Run lets the day pass, until the last hold has ended, the last order has left and the last operation was answered or given up.
// An error is the context's, or an engine's panic.
func (w *Wall) Run() error {
	runtime.GC() // what the runs before left behind is collected before this one is measured
	return w.pass(time.Now())
}

// pass lets the day pass that began at start.
func (w *Wall) pass(start time.Time) error {
	w.start = start
	w.dawn()
	err := w.loop()
	w.land()
	close(w.handed)
	w.stats.Counts, w.stats.Lag, w.stats.Errors = w.counted(), w.lag, w.errors.list()
	return errors.Join(err, w.failed)
}

func (w *Wall) now() time.Duration { return time.Since(w.start) }

// loop handles what is due and takes in what was answered. What is due goes first; but where it never ends, every few events one answer
// gets its turn.
func (w *Wall) loop() error {
	const few = 8
	for n := 1; ; n++ {
		if err := w.ctx.Err(); err != nil || w.failed != nil {
			return err
		}
		now := w.now()
		ev, due := w.clock.PopDue(now)
		if due {
			w.handle(ev)
		} else {
			w.clock.Advance(now)
		}
		if due && n%few != 0 || w.hear() || due {
			continue
		}
		w.loseTheLate(now)
		next, ok := w.clock.NextAt()
		if !ok && w.inFlight == 0 {
			return nil
		}
		w.wait(next, ok)
	}
}

func (w *Wall) handle(ev vtime.Event) {
	if ev.Kind != interval {
		w.live(ev)
		return
	}
	w.sample(w.inFlight, 0)
}

// send hands an operation to a goroutine, if there is room for another one in flight.
func (w *Wall) send(c *call) {
	e := &c.entry
	e.Intended, e.Start = w.clock.Now(), w.now()
	e.Op.At = e.Intended
	if !e.Resend {
		w.stats.Planned++
	}
	if w.inFlight >= w.limits.InFlight {
		w.drop(c)
		return
	}
	if !e.Resend {
		w.stats.Started++
		w.cfg.Judge.Asked(e)
	}
	c.wall.cart = append(c.wall.cart[:0], e.Op.Lines...)
	if e.Op.Lines != nil {
		e.Op.Lines = c.wall.cart
	}
	c.lines = append(c.lines[:0], e.Lines...)
	e.Lines = c.lines
	w.launch(c)
}

// launch lets a goroutine that has nothing to do, or a new one, carry the operation out, at once if a processor is free.
func (w *Wall) launch(c *call) {
	c.wall.away = true
	w.inFlight++
	w.stats.PoolPeak = max(w.stats.PoolPeak, w.inFlight)
	w.patience.Push(deadline{c.entry.Start + w.limits.Timeout + w.limits.Grace, c.slot, c.uses})
	if w.workers < w.inFlight {
		w.workers++
		go w.work()
	}
	w.handed <- c
	runtime.Gosched() // the operation is next on this thread: to wake another one up takes longer than to begin it
}

// drop leaves out an operation that can't be started. The shopper takes it for a refusal; the back office comes back to it.
func (w *Wall) drop(c *call) {
	if w.tryAgain(c) {
		return
	}
	if c.visit != none {
		v := w.at(c.visit)
		v.open--
		w.end(v)
	}
	w.giveUp(c)
}

// hear takes in one answer, if there is one.
func (w *Wall) hear() bool {
	select {
	case c := <-w.replies:
		w.landed(c)
		return true
	default:
		return false
	}
}

// landed is a call that came back. One that was given up before is only put away.
func (w *Wall) landed(c *call) {
	if c.lost {
		c.lost = false
		w.workers++
		w.giveUp(c)
		return
	}
	c.wall.away = false
	w.inFlight--
	c.entry.Start = c.wall.began
	record(w.lag, c.wall.began-c.entry.Intended)
	reply := c.wall.reply
	if c.wall.err != nil {
		reply = engines.Reply{}
		w.noteError(c)
	}
	w.answered(c, reply, c.wall.ended)
}

func (w *Wall) answered(c *call, reply engines.Reply, at time.Duration) {
	w.answer(c, reply, at)
	if w.after != nil {
		w.after(c)
	}
}

func record(h *hdrhistogram.Histogram, d time.Duration) {
	_ = h.RecordValue(min(max(int64(d/time.Microsecond), 0), h.HighestTrackableValue())) // it is within the range
}

// loseTheLate gives up operations whose engine ignores their deadline.
func (w *Wall) loseTheLate(now time.Duration) {
	for w.patience.Len() > 0 {
		d := *w.patience.Peek()
		c := w.calls[d.slot]
		late := c.uses == d.uses && c.wall.away
		if late && d.at > now {
			return
		}
		w.patience.Pop()
		if late {
			w.despair(c)
		}
	}
}

// lose answers for an engine that doesn't. Its goroutine keeps the call until it comes back, if ever.
func (w *Wall) lose(c *call) {
	c.wall.away, c.lost = false, true
	w.inFlight--
	w.workers--
	w.errors.add("no answer after the deadline of its context had passed", w.now())
	w.answered(c, engines.Reply{}, w.now())
}

// coarse is by how much Go's timers may be late.
const coarse = 2 * time.Millisecond

// wait sleeps until something is due or was answered. Close to what is due it sleeps precisely and doesn't listen: answers have
// been stamped, and can wait for a millisecond.
func (w *Wall) wait(next time.Duration, any bool) {
	left := time.Hour
	if any {
		left = next - w.now()
	}
	if w.patience.Len() > 0 {
		left = min(left, w.patience.Peek().at-w.now())
	}
	if left <= coarse+time.Millisecond {
		sleepPrecisely(min(max(left, 0), time.Millisecond))
		return
	}
	t := time.NewTimer(left - coarse)
	defer t.Stop()
	select {
	case c := <-w.replies:
		w.landed(c)
	case <-t.C:
	case <-w.ctx.Done():
	}
}

// land waits, after a run that was cut short, for what is in flight, and gives up what doesn't come back in time.
func (w *Wall) land() {
	t := time.NewTimer(w.limits.Grace)
	defer t.Stop()
	w.ask = func(c *call) { w.giveUp(c) } // nothing more is sent
	for w.inFlight > 0 {
		select {
		case c := <-w.replies:
			w.landed(c)
			continue
		case <-t.C:
		}
		for _, c := range w.calls {
			if c.wall.away {
				w.despair(c)
			}
		}
	}
}

func (w *Wall) counted() (all [engines.CounterCount]int64) {
	for i := range all {
		all[i] = w.counts[i].Load()
	}
	return all
}

// Stats are the driver's own, after Run.
func (w *Wall) Stats() Stats { return w.stats }
