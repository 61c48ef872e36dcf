package audit

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// story is a run told by hand. Its books are honest: they follow what was answered done. A test plants lies by
// answering what no honest engine would, or by changing the books.
type story struct {
	t     *testing.T
	audit *Audit
	log   *ledger.Ledger
	now   time.Duration
	lines map[engines.OrderID][]engines.Line
	feeds uint64
	books map[engines.SKU]*engines.Stock
	held  map[engines.OrderID]engines.GrantState
	told  map[engines.OpID]engines.Outcome
	mute  error // the books' answer to every question about an operation
}

// tell begins a story with one SKU for each opening stock.
func tell(t *testing.T, c Config, opening ...int64) *story {
	c.Opening = opening
	s := &story{
		t: t, lines: map[engines.OrderID][]engines.Line{}, books: map[engines.SKU]*engines.Stock{},
		held: map[engines.OrderID]engines.GrantState{}, told: map[engines.OpID]engines.Outcome{},
	}
	s.log = ledger.New(ledger.Config{Opening: opening, Channels: 3, Day: time.Minute})
	if c.Lines == nil {
		c.Lines = func(id engines.OrderID) []engines.Line { return s.lines[id] }
	}
	s.audit = New(s.log, c)
	for sku, n := range opening {
		s.books[engines.SKU(sku)] = &engines.Stock{SKU: engines.SKU(sku), Available: n}
	}
	return s
}

// call is one operation that was asked.
type call struct {
	*story
	e ledger.Entry
}

// at sets the clock, in seconds.
func (s *story) at(seconds float64) *story {
	s.now = time.Duration(seconds * float64(time.Second))
	return s
}

func x(sku engines.SKU, qty int32) engines.Line { return engines.Line{SKU: sku, Qty: qty} }

func (s *story) ask(k engines.Kind, id engines.OpID, order engines.OrderID, lines []engines.Line) *call {
	c := &call{story: s, e: ledger.Entry{Lines: lines, Intended: s.now, Start: s.now}}
	c.e.Op = engines.Op{ID: id, Kind: k, Order: order, At: s.now}
	if k.NamesLines() {
		c.e.Op.Lines = lines
	}
	s.audit.Asked(&c.e)
	return c
}

func (s *story) take(k engines.Kind, order engines.OrderID, lines []engines.Line) *call {
	s.lines[order] = lines
	return s.ask(k, engines.OrderOp(order, k), order, lines)
}

func (s *story) of(k engines.Kind, order engines.OrderID) *call {
	return s.ask(k, engines.OrderOp(order, k), order, s.lines[order])
}

func (s *story) feed(k engines.Kind, lines ...engines.Line) *call {
	s.feeds++
	return s.ask(k, engines.FeedOp(1, s.feeds), 0, lines)
}

func (s *story) reserve(order engines.OrderID, lines ...engines.Line) *call {
	return s.take(engines.Reserve, order, lines)
}

func (s *story) sell(order engines.OrderID, lines ...engines.Line) *call {
	return s.take(engines.Sell, order, lines)
}

func (s *story) confirm(order engines.OrderID) *call { return s.of(engines.Confirm, order) }
func (s *story) release(order engines.OrderID) *call { return s.of(engines.Release, order) }
func (s *story) expire(order engines.OrderID) *call  { return s.of(engines.Expire, order) }
func (s *story) cancel(order engines.OrderID) *call  { return s.of(engines.Cancel, order) }
func (s *story) ship(order engines.OrderID) *call    { return s.of(engines.Ship, order) }

// on names the channel.
func (c *call) on(ch engines.Channel) *call { c.e.Op.Channel = ch; return c }

// until sets the deadline of the hold, in seconds.
func (c *call) until(seconds float64) *call {
	c.e.HoldUntil = time.Duration(seconds * float64(time.Second))
	return c
}

// v is a version of SKU 0.
func v(seq uint64, after int64) engines.Version { return engines.Version{Seq: seq, After: after} }

func (c *call) answer(o engines.Outcome, versions ...engines.Version) *call {
	c.e.End, c.e.Reply = c.now, engines.Reply{Outcome: o, Versions: versions}
	c.audit.Answered(&c.e)
	if _, known := c.story.told[c.e.Op.ID]; !known {
		c.story.told[c.e.Op.ID] = o
		c.happens(o)
	}
	return c
}

func (c *call) done(versions ...engines.Version) *call { return c.answer(engines.Done, versions...) }
func (c *call) soldOut(versions ...engines.Version) *call {
	return c.answer(engines.SoldOut, versions...)
}
func (c *call) contended() *call { return c.answer(engines.Contended) }
func (c *call) notFound() *call  { return c.answer(engines.NotFound) }

// lost loses the answer of an operation that had, in truth, the given outcome.
func (c *call) lost(truth engines.Outcome) *call {
	c.answer(engines.Unknown)
	c.story.told[c.e.Op.ID] = truth
	c.happens(truth)
	return c
}

// again sends the operation once more, now, and gets an answer at once.
func (c *call) again(o engines.Outcome, versions ...engines.Version) {
	e := c.e
	e.Resend, e.First, e.Start, e.End = true, c.e.Reply, c.now, c.now
	e.Reply = engines.Reply{Outcome: o, Versions: versions}
	c.audit.Answered(&e)
}

// happens enters what was done into the honest books.
func (c *call) happens(o engines.Outcome) {
	if o != engines.Done {
		return
	}
	for _, l := range c.e.Lines {
		b, q := c.story.books[l.SKU], int64(l.Qty)
		switch c.e.Op.Kind {
		case engines.Reserve:
			b.Available, b.Held = b.Available-q, b.Held+q
		case engines.Sell:
			b.Available, b.Committed = b.Available-q, b.Committed+q
		case engines.Confirm:
			b.Held, b.Committed = b.Held-q, b.Committed+q
		case engines.Release, engines.Expire:
			b.Held, b.Available = b.Held-q, b.Available+q
		case engines.Cancel:
			b.Committed, b.Available = b.Committed-q, b.Available+q
		case engines.Ship:
			b.Committed, b.Shipped = b.Committed-q, b.Shipped+q
		case engines.Count:
			b.Available = q - b.Held - b.Committed
		default:
			b.Available += q
		}
	}
	if to, ok := map[engines.Kind]engines.GrantState{
		engines.Reserve: engines.Held, engines.Sell: engines.Committed, engines.Confirm: engines.Committed,
		engines.Release: engines.Released, engines.Expire: engines.Lapsed, engines.Cancel: engines.Cancelled, engines.Ship: engines.Shipped,
	}[c.e.Op.Kind]; ok {
		c.story.held[c.e.Op.Order] = to
	}
}

func (s *story) close() Verdicts { return s.closed(true) }

func (s *story) closed(complete bool) Verdicts {
	return s.audit.Close(context.Background(), engines.Books{Stock: s.stock(), Grants: s.grants(), Outcome: s.outcome}, complete)
}

func (s *story) outcome(id engines.OpID) (engines.Outcome, error) { return s.told[id], s.mute }

func (s *story) stock() iter.Seq2[engines.Stock, error] {
	return func(yield func(engines.Stock, error) bool) {
		for _, b := range s.books {
			if !yield(*b, nil) {
				return
			}
		}
	}
}

func (s *story) grants() iter.Seq2[engines.Grant, error] {
	return func(yield func(engines.Grant, error) bool) {
		for id, state := range s.held {
			g := engines.Grant{Order: id, State: state}
			if state.Open() {
				g.Lines = s.lines[id]
			}
			if !yield(g, nil) {
				return
			}
		}
	}
}

func find(t testing.TB, v Verdicts, name string) Check {
	t.Helper()
	for _, c := range v.Checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no check %q", name)
	return Check{}
}

func (s *story) want(v Verdicts, name string, verdict Verdict) Check {
	s.t.Helper()
	c := find(s.t, v, name)
	if c.Verdict != verdict {
		s.t.Errorf("%s: %s (%s), want %s", name, c.Verdict, c.Detail, verdict)
	}
	return c
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

var errLost = errors.New("the backend has forgotten")
