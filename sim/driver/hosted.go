package driver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
	"github.com/doorbuster/doorbuster/sim/vtime"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// Hosted is a day on the wall clock whose shoppers somebody else plays: a load generator with virtual users of its own. The demand still
// decides who comes when and for what, and this day still says what each of them does next; but their operations are carried out, and timed,
// by whoever has taken the shopper (see Take). What happens without a shopper, such as deliveries, holds that lapse, orders that leave and
// buyers who change their minds, the day does itself, as Wall does.
//
// An operation that nobody takes up in time is dropped, and counted. One that is taken up late keeps its intended time.
type Hosted struct {
	*Wall
	judge    *sharedJudge
	offers   map[engines.Channel]chan *Shopper // closed when no more will come
	shoppers map[engines.OrderID]*Shopper      // with something left to do, by their orders; for the day's goroutine
	over     chan struct{}
}

// Part is the share of the day's shoppers that one of several hosts plays. The zero Part is all of them.
type Part struct {
	// Own says whether shopper number n, from 0, of those of a channel who ask the engine for something is this part's; nil: all are.
	Own func(from engines.Channel, n uint64) bool
	// Later is true of all parts but one: the first also does what belongs to no shopper.
	Later bool
}

// closing is the event of the day's end: who waits for a shopper then gets none.
const closing uint32 = 128

// offered is how many shoppers of a channel may wait to be taken. Those beyond are never taken, so their operations are dropped.
const offered = 1 << 14

// NewHosted opens the engine, as NewWall does; reset says whether to set the opening stock too. The scenario must be plain.
func NewHosted(ctx context.Context, cfg Config, env engines.Env, limits Limits, part Part, reset bool) (*Hosted, error) {
	h := &Hosted{
		judge:  &sharedJudge{judge: cfg.Judge, waiting: map[*ledger.Entry]bool{}},
		offers: map[engines.Channel]chan *Shopper{}, shoppers: map[engines.OrderID]*Shopper{}, over: make(chan struct{}),
	}
	cfg.Judge = h.judge
	if !reset {
		cfg.Engine = asItIs(cfg.Engine)
	}
	var err error
	if h.Wall, err = NewWall(ctx, cfg, env, limits); err != nil {
		return nil, err
	}
	for _, c := range cfg.Scenario.Channels {
		h.offers[engines.Channel(c.Index)] = make(chan *Shopper, offered)
	}
	h.arrivals = &guests{host: h, part: part, asking: Asking{All: h.arrivals, HoldPolicy: cfg.Scenario.Holds.Policy}}
	if part.Later {
		h.feed = &workload.Feed{}
	}
	h.ask, h.live, h.despair, h.after = h.send, h.happen, h.withdraw, h.told
	return h, nil
}

// Run lets the day pass from start on, until the last hold has ended and the last order has left. See Wall.Run.
func (h *Hosted) Run(start time.Time) error {
	defer close(h.over)
	pause(h.ctx, time.Until(start))
	err := h.pass(start)
	for _, s := range h.shoppers { // only if it was cut short
		close(s.steps)
	}
	return err
}

// Take waits for the next shopper of a channel whom nobody has taken. It gives nil when no more will come, and ctx's error if that ends first.
func (h *Hosted) Take(ctx context.Context, from engines.Channel) (*Shopper, error) {
	select {
	case s := <-h.offers[from]: // or nil: no more will come
		return s, nil
	case <-h.over:
		return nil, nil //nolint:nilnil // there is no shopper, and nothing is wrong
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Stats are the driver's own, after Run.
func (h *Hosted) Stats() Stats {
	s := h.Wall.Stats()
	s.Started += h.judge.count()
	return s
}

// send hands a shopper's operation to whoever plays the shopper. The day sends all others itself.
func (h *Hosted) send(c *call) {
	s := h.shoppers[c.entry.Op.Order]
	if c.visit == none || s == nil || !shoppers(c.entry.Op.Kind) {
		h.Wall.send(c)
		return
	}
	e := &c.entry
	e.Intended, e.Start = h.clock.Now(), h.now()
	e.Op.At = e.Intended
	h.stats.Planned++
	h.own(c)
	c.wall.away, c.wall.err, c.wall.reply = true, nil, engines.Reply{}
	h.inFlight++
	h.stats.PoolPeak = max(h.stats.PoolPeak, h.inFlight)
	h.patience.Push(deadline{e.Start + h.limits.Timeout + h.limits.Grace, c.slot, c.uses})
	h.judge.offer(e)
	s.steps <- c
}

// shoppers says whether a shopper does operations of the kind while somebody plays them.
func shoppers(k engines.Kind) bool {
	return k == engines.Reserve || k == engines.Sell || k == engines.Confirm || k == engines.Release
}

// happen is the day's, with an eye on shoppers who leave without asking anything more.
func (h *Hosted) happen(ev vtime.Event) {
	switch ev.Kind {
	case closing:
		for _, offers := range h.offers {
			close(offers)
		}
	case reserve, goOn, pay, giveBack:
		order, asked := h.at(ev.A).order, h.stats.Planned
		h.Wall.happen(ev)
		if w := h.at(ev.A); h.stats.Planned == asked && (w.order != order || w.open == 0) {
			h.leaves(engines.OrderID(order))
		}
	default:
		h.Wall.happen(ev)
	}
}

// withdraw drops an operation that nobody has taken up by now, and loses one that was.
func (h *Hosted) withdraw(c *call) {
	if !h.judge.withdraw(&c.entry) {
		h.lose(c)
		return
	}
	c.wall.away = false
	h.inFlight--
	v := h.at(c.visit)
	v.open--
	h.end(v)
	h.leaves(c.entry.Op.Order)
	h.giveUp(c)
}

// told follows an answered operation: after some, its shopper has nothing more to do.
func (h *Hosted) told(c *call) {
	e := &c.entry
	if c.visit == none || !shoppers(e.Op.Kind) || h.comesAgain(c) {
		return
	}
	if goesOn := e.Op.Kind == engines.Reserve && e.Reply.Outcome == engines.Done && h.at(c.visit).open > 0; !goesOn {
		h.leaves(e.Op.Order)
	}
}

// comesAgain says whether a call is going to be repeated, for it was not given back.
func (h *Hosted) comesAgain(c *call) bool {
	n := len(h.freeCalls)
	return !c.lost && (n == 0 || h.freeCalls[n-1] != c.slot)
}

// leaves ends one of a shopper's orders for who plays them.
func (h *Hosted) leaves(order engines.OrderID) {
	s := h.shoppers[order]
	if s == nil {
		return
	}
	delete(h.shoppers, order)
	if s.orders--; s.orders == 0 {
		close(s.steps)
	}
}

// own gives a call lines of its own, as Wall.send does.
func (h *Hosted) own(c *call) {
	c.wall.cart = append(c.wall.cart[:0], c.entry.Op.Lines...)
	if c.entry.Op.Lines != nil {
		c.entry.Op.Lines = c.wall.cart
	}
	c.lines = append(c.lines[:0], c.entry.Lines...)
	c.entry.Lines = c.lines
}

// asItIs opens an engine whose stock another process has set: it adopts it where it would be reset.
func asItIs(spec engines.Spec) engines.Spec {
	open := spec.Open
	spec.Open = func(ctx context.Context, setup engines.Setup) (engines.Engine, error) {
		e, err := open(ctx, setup)
		if err != nil {
			return nil, err
		}
		if a, ok := e.(engines.Adopter); ok {
			return adopting{a}, nil
		}
		return nil, errors.Join(fmt.Errorf("%s can't sell from a stock that several processes share", spec.Name), e.Close())
	}
	return spec
}

type adopting struct{ engines.Adopter }

func (a adopting) Reset(ctx context.Context, opening []int64) error { return a.Adopt(ctx, opening) }

// sharedJudge lets players tell the judge that they begin an operation. It knows which operations wait for one.
type sharedJudge struct {
	judge Judge

	mu      sync.Mutex
	waiting map[*ledger.Entry]bool
	begun   int64
}

func (j *sharedJudge) offer(e *ledger.Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.waiting[e] = true
}

// withdraw says whether nobody has taken the operation up, and nobody can any more.
func (j *sharedJudge) withdraw(e *ledger.Entry) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	waits := j.waiting[e]
	delete(j.waiting, e)
	return waits
}

// begin takes an operation up at a time, unless it was withdrawn.
func (j *sharedJudge) begin(e *ledger.Entry, at func() time.Duration) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.waiting[e] {
		return false
	}
	delete(j.waiting, e)
	e.Start = at()
	j.begun++
	j.judge.Asked(e)
	return true
}

func (j *sharedJudge) count() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.begun
}

// Asked implements Judge.
func (j *sharedJudge) Asked(e *ledger.Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.judge.Asked(e)
}

// Answered implements Judge. What was never taken up was not asked, whatever became of it.
func (j *sharedJudge) Answered(e *ledger.Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.waiting[e] {
		delete(j.waiting, e)
		return
	}
	j.judge.Answered(e)
}
