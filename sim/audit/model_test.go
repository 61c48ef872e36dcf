package audit

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// event is one side of an operation: it is asked or answered.
type event struct {
	at  time.Duration
	run func()
}

// history is a random run on an engine that does one thing after the other: each operation takes effect at a moment
// between its question and its answer. In truth it is a story, with its books.
type history struct {
	*story
	rt      *rapid.T
	clock   time.Duration // when the last operation took effect
	events  []event
	avail   []int64
	seq     []uint64
	orders  []*modelOrder
	lossy   bool
	forget  int // the take that forgets to write its decrement, from 1; 0: none
	takes   int
	planted bool

	thenSellOut bool
}

// modelOrder is an order in the engine.
type modelOrder struct {
	id    engines.OrderID
	lines []engines.Line
	state engines.GrantState
	until time.Duration // deadline of its hold
	free  time.Duration // when its caller has an answer
	known bool          // the caller got it
}

func newHistory(t *testing.T, rt *rapid.T, c Config) *history {
	opening := rapid.SliceOfN(rapid.Int64Range(0, 8), 1, 3).Draw(rt, "opening")
	return &history{story: tell(t, c, opening...), rt: rt, clock: time.Second, avail: slices.Clone(opening), seq: make([]uint64, len(opening))}
}

func (h *history) int(what string, from, to int) int {
	return rapid.IntRange(from, to).Draw(h.rt, what)
}

// do has an operation take effect next. The effect says the outcome and changes avail; versions follow from that.
func (h *history) do(after time.Duration, ask func() *call, lines []engines.Line, lossy bool, effect func() engines.Outcome) (end time.Duration, known bool) {
	h.clock = max(h.clock, after) + time.Duration(h.int("pause", 1, 5))*time.Millisecond
	start := max(after, h.clock-time.Duration(h.int("before", 0, 20))*time.Millisecond)
	end = h.clock + time.Duration(h.int("after", 0, 20))*time.Millisecond
	was := slices.Clone(h.avail)
	out := effect()
	var versions []engines.Version
	for _, l := range lines {
		if h.avail[l.SKU] != was[l.SKU] {
			h.seq[l.SKU]++
			versions = append(versions, engines.Version{SKU: l.SKU, Seq: h.seq[l.SKU], After: h.avail[l.SKU]})
		}
	}
	known = !(lossy && h.lossy && h.int("lost", 0, 9) == 0)
	again := h.int("again", 0, 9) == 0
	var c *call
	h.events = append(h.events,
		event{start, func() { h.now = start; c = ask() }},
		event{end, func() {
			h.now = end
			if !known {
				c.lost(out)
				return
			}
			c.answer(out, versions...)
			if again {
				c.again(out, versions...)
			}
		}})
	return end, known
}

func (h *history) someLines() []engines.Line {
	var lines []engines.Line
	for sku := range h.avail {
		if n := h.int("units", 0, 2); n > 0 {
			lines = append(lines, x(engines.SKU(sku), int32(n)))
		}
	}
	return lines
}

func (h *history) take() {
	lines := h.someLines()
	if len(lines) == 0 {
		return
	}
	o := &modelOrder{id: engines.OrderID(len(h.orders) + 1), lines: lines}
	h.orders = append(h.orders, o)
	kind, becomes := engines.Reserve, engines.Held
	if h.int("sell", 0, 1) == 1 {
		kind, becomes = engines.Sell, engines.Committed
	}
	forgets := false
	before := slices.Clone(h.avail)
	o.free, o.known = h.do(h.clock-10*time.Millisecond, func() *call { return h.story.take(kind, o.id, lines) }, lines, true, func() engines.Outcome {
		if h.int("contended", 0, 9) == 0 {
			return engines.Contended
		}
		for _, l := range lines {
			if h.avail[l.SKU] < int64(l.Qty) {
				return engines.SoldOut
			}
		}
		for _, l := range lines {
			h.avail[l.SKU] -= int64(l.Qty)
		}
		o.state, o.until = becomes, h.clock+time.Duration(h.int("hold", 1, 200))*time.Millisecond
		h.takes++
		forgets = h.takes == h.forget
		return engines.Done
	})
	if forgets {
		h.avail, h.planted = before, true // its reply claims a stock that was never written
	}
}

// next moves an order on whose caller knows where it stands.
func (h *history) next() {
	if len(h.orders) == 0 {
		return
	}
	o := h.orders[h.int("order", 0, len(h.orders)-1)]
	if !o.known || !o.state.Open() {
		return
	}
	kinds := []engines.Kind{engines.Cancel, engines.Ship}
	if o.state == engines.Held {
		kinds = []engines.Kind{engines.Confirm, engines.Release, engines.Expire}
	}
	kind := kinds[h.int("kind", 0, len(kinds)-1)]
	asked := max(o.free, h.clock)
	if kind == engines.Expire {
		asked = max(asked, o.until)
	}
	ask := func() *call { c := h.of(kind, o.id); c.e.HoldUntil, c.e.Op.At = o.until, asked; return c }
	o.free, o.known = h.do(asked, ask, o.lines, kind == engines.Confirm, func() engines.Outcome { return h.settle(o, kind, asked) })
}

func (h *history) settle(o *modelOrder, kind engines.Kind, asked time.Duration) engines.Outcome {
	back := int64(1)
	switch {
	case kind == engines.Confirm && asked >= o.until:
		return engines.Expired
	case kind == engines.Confirm || kind == engines.Ship:
		back = 0
	}
	for _, l := range o.lines {
		h.avail[l.SKU] += back * int64(l.Qty)
	}
	o.state = map[engines.Kind]engines.GrantState{
		engines.Confirm: engines.Committed, engines.Release: engines.Released, engines.Expire: engines.Lapsed,
		engines.Cancel: engines.Cancelled, engines.Ship: engines.Shipped,
	}[kind]
	return engines.Done
}

func (h *history) supply() {
	lines := h.someLines()
	if len(lines) == 0 {
		return
	}
	kind := []engines.Kind{engines.Receive, engines.Return, engines.Adjust}[h.int("supply", 0, 2)]
	if kind == engines.Adjust {
		for i := range lines {
			lines[i].Qty *= -1
			if h.avail[lines[i].SKU] < 2 || h.forget > 0 {
				return // an engine can't help a loss of what it has sold
			}
		}
	}
	h.do(h.clock-10*time.Millisecond, func() *call { return h.feed(kind, lines...) }, lines, true, func() engines.Outcome {
		for _, l := range lines {
			h.avail[l.SKU] += int64(l.Qty)
		}
		return engines.Done
	})
}

// run generates the history, plays it in the order of time, and judges it.
func (h *history) run() Verdicts {
	for range h.int("steps", 1, 60) {
		switch h.int("step", 0, 5) {
		case 0, 1:
			h.take()
		case 5:
			h.supply()
		default:
			h.next()
		}
	}
	if h.thenSellOut {
		h.sellOut()
	}
	slices.SortStableFunc(h.events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	for _, e := range h.events {
		e.run()
	}
	for sku := range h.avail {
		b := h.books[engines.SKU(sku)]
		b.Available, b.Seq = h.avail[sku], h.seq[sku]
	}
	return h.close()
}

func TestNoCheckAccusesACorrectEngine(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := newHistory(t, rt, Config{Versions: true})
		h.lossy = true
		got := h.run()
		for _, c := range got.Checks {
			if c.Verdict == Fail && c.Name != "refused_falsely" {
				rt.Errorf("%s: %s", c.Name, c.Detail)
			}
		}
		if got.Oversold.Min != 0 {
			rt.Errorf("oversold %v", got.Oversold)
		}
		h.balance(rt)
	})
}

// balance checks that every order is counted exactly once.
func (h *history) balance(rt *rapid.T) {
	sum := h.log.Totals()
	open := int64(0)
	for _, o := range h.log.Orders {
		switch o.Stage() {
		case ledger.Holding, ledger.Stalled:
			open++
		}
	}
	if counted := sum.Promised + sum.Refused + sum.Unknown + sum.CancelledPayment + open; counted != sum.Asked {
		rt.Errorf("%d orders were asked for, %d are counted: %+v, open %d", sum.Asked, counted, sum, open)
	}
}

func TestVersionsCatchAForgottenDecrement(t *testing.T) {
	caught := 0
	rapid.Check(t, func(rt *rapid.T) {
		h := newHistory(t, rt, Config{Versions: true})
		h.forget = h.int("forget", 1, 5)
		got := h.run()
		if !h.planted {
			return
		}
		caught++
		if c := find(t, got, "versions"); c.Verdict != Fail {
			rt.Errorf("versions: %s: %s", c.Verdict, c.Detail)
		}
	})
	if caught == 0 {
		t.Error("no history had the fault")
	}
}

// Without versions the fault shows as soon as the unit that was granted twice is promised twice.
func TestOversoldCatchesAForgottenDecrement(t *testing.T) {
	caught := 0
	rapid.Check(t, func(rt *rapid.T) {
		h := newHistory(t, rt, Config{})
		h.forget = h.int("forget", 1, 5)
		h.thenSellOut = true
		got := h.run()
		if !h.planted {
			return
		}
		caught++
		if c := find(t, got, "oversold"); c.Verdict != Fail {
			rt.Errorf("oversold: %s: %s", c.Verdict, c.Detail)
		}
	})
	if caught == 0 {
		t.Error("no history had the fault")
	}
}

// sellOut pays every hold in time and sells what is left, when nothing else is under way.
func (h *history) sellOut() {
	h.clock += time.Second
	for _, o := range h.orders {
		if o.state == engines.Held {
			o.until = h.clock + time.Minute
			ask := func() *call { return h.of(engines.Confirm, o.id) }
			h.do(h.clock, ask, o.lines, false, func() engines.Outcome { return h.settle(o, engines.Confirm, h.clock) })
		}
	}
	for sku, n := range h.avail {
		if n > 0 {
			id, lines := engines.OrderID(len(h.orders)+1), []engines.Line{x(engines.SKU(sku), int32(n))}
			h.orders = append(h.orders, &modelOrder{id: id, state: engines.Committed})
			h.do(h.clock, func() *call { return h.sell(id, lines...) }, lines, false, func() engines.Outcome { return engines.Done })
		}
	}
}
