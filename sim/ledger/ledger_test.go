package ledger

import (
	"slices"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// day is a ledger of one channel and SKU 0, with a clock in seconds.
type day struct {
	*Ledger
	t *testing.T
}

func newDay(t *testing.T, opening int64) day {
	return day{New(Config{Opening: []int64{opening, 0}, Channels: 2, Hot: []engines.SKU{0}, Day: 3 * time.Minute}), t}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func (d day) ask(at float64, k engines.Kind, order engines.OrderID, qty int32) *Entry {
	e := &Entry{
		Op:    engines.Op{ID: engines.OrderOp(order, k), Kind: k, Order: order, Channel: 1},
		Lines: []engines.Line{{SKU: 0, Qty: qty}}, Intended: seconds(at), Start: seconds(at),
	}
	d.Asked(e)
	return e
}

func (d day) answer(at float64, e *Entry, o engines.Outcome) {
	e.End, e.Reply.Outcome = seconds(at), o
	d.Answered(e)
}

// do asks and answers a second later.
func (d day) do(at float64, k engines.Kind, order engines.OrderID, qty int32, o engines.Outcome) *Entry {
	e := d.ask(at, k, order, qty)
	d.answer(at+1, e, o)
	return e
}

func (d day) again(at float64, e *Entry, o engines.Outcome) {
	r := *e
	r.Resend, r.First = true, e.Reply
	d.answer(at, &r, o)
	if e.Reply.Outcome == engines.Unknown {
		e.Reply = r.Reply
	}
}

func (d day) want(what string, got, want int64) {
	d.t.Helper()
	if got != want {
		d.t.Errorf("%s: %d, want %d", what, got, want)
	}
}

// facts are supply, sure, taken, held, promised, maybe.
func (d day) facts(supply, sure, taken, held, promised, maybe int64) {
	d.t.Helper()
	f := d.SKU(0)
	got := []int64{f.Supply, f.Sure, f.Taken, f.Held, f.Promised, f.Maybe}
	if want := []int64{supply, sure, taken, held, promised, maybe}; !slices.Equal(got, want) {
		d.t.Errorf("supply, sure, taken, held, promised, maybe: %v, want %v", got, want)
	}
}

func TestEveryFigureLeansToItsSide(t *testing.T) {
	d := newDay(t, 10)
	take := d.ask(1, engines.Reserve, 1, 3)
	d.facts(10, 10, 3, 0, 0, 0) // taken as soon as it is asked for
	d.answer(2, take, engines.Done)
	d.facts(10, 10, 3, 3, 0, 0)
	d.do(3, engines.Confirm, 1, 3, engines.Done)
	d.facts(10, 10, 3, 0, 3, 0)
	cancel := d.ask(5, engines.Cancel, 1, 3)
	d.facts(10, 10, 3, 0, 0, 0) // no longer promised, not yet given back
	d.answer(6, cancel, engines.Done)
	d.facts(10, 10, 0, 0, 0, 0)

	receipt := d.ask(7, engines.Receive, 0, 5)
	d.facts(15, 10, 0, 0, 0, 0) // it may be sold; it isn't sure
	d.answer(8, receipt, engines.Done)
	d.facts(15, 15, 0, 0, 0, 0)
	loss := d.ask(9, engines.Adjust, 0, -4)
	d.facts(15, 11, 0, 0, 0, 0)
	d.answer(10, loss, engines.Done)
	d.facts(11, 11, 0, 0, 0, 0)

	d.do(11, engines.Receive, 0, 5, engines.Contended)
	d.do(12, engines.Adjust, 0, -5, engines.Contended)
	d.facts(11, 11, 0, 0, 0, 0)
}

func TestHoldsThatEnd(t *testing.T) {
	d := newDay(t, 10)
	d.do(1, engines.Reserve, 1, 2, engines.Done)
	end := d.ask(2, engines.Release, 1, 2)
	d.facts(10, 10, 2, 0, 0, 0) // its end is under way: not held for sure
	d.answer(3, end, engines.Contended)
	d.facts(10, 10, 2, 2, 0, 0) // it goes on
	d.do(4, engines.Release, 1, 2, engines.Done)
	d.facts(10, 10, 0, 0, 0, 0)

	d.do(5, engines.Reserve, 2, 2, engines.Done)
	expiry := d.ask(6, engines.Expire, 2, 2)
	pay := d.ask(6, engines.Confirm, 2, 2)
	d.answer(7, pay, engines.Done)
	d.answer(8, expiry, engines.NotFound)
	d.facts(10, 10, 2, 0, 2, 0)
	if got := d.Order(2); !got.Binding() {
		t.Errorf("order 2 is %s, want promised", got.Stage())
	}
}

func TestLostAnswers(t *testing.T) {
	d := newDay(t, 10)
	sale := d.do(1, engines.Sell, 1, 2, engines.Unknown)
	d.facts(10, 10, 2, 0, 0, 2)
	d.want("unknown", d.Totals().Unknown, 1)
	d.want("doubts", int64(len(d.Doubts())), 1)
	d.again(3, sale, engines.Unknown)
	d.again(4, sale, engines.Done)
	d.again(5, sale, engines.Done)
	d.facts(10, 10, 2, 0, 2, 0)
	d.want("unknown", d.Totals().Unknown, 0)
	d.want("promised", d.Totals().Promised, 1)
	d.want("resends", d.Totals().Resends, 3)
	d.want("events", d.Totals().Events, 1)

	refused := d.do(6, engines.Sell, 2, 2, engines.Unknown)
	d.again(8, refused, engines.SoldOut)
	d.facts(10, 10, 2, 0, 2, 0)
	d.want("refused", d.Totals().Refused, 1)
}

// One order comes in every way that it can go; each is counted once.
func TestOrdersAreCountedOnce(t *testing.T) {
	cases := []struct {
		name                                string
		promised, refused, unknown, payment int64
		buyer                               int64
		tell                                func(d day)
	}{
		{"sold", 1, 0, 0, 0, 0, func(d day) { d.do(1, engines.Sell, 1, 1, engines.Done) }},
		{"sold and cancelled", 1, 0, 0, 0, 1, func(d day) {
			d.do(1, engines.Sell, 1, 1, engines.Done)
			d.do(2, engines.Cancel, 1, 1, engines.Contended)
			d.do(3, engines.Cancel, 1, 1, engines.Done)
		}},
		{"sold out", 0, 1, 0, 0, 0, func(d day) { d.do(1, engines.Sell, 1, 1, engines.SoldOut) }},
		{"held and paid", 1, 0, 0, 0, 0, func(d day) {
			d.do(1, engines.Reserve, 1, 1, engines.Done)
			d.do(2, engines.Confirm, 1, 1, engines.Done)
		}},
		{"held and released", 0, 0, 0, 1, 0, func(d day) {
			d.do(1, engines.Reserve, 1, 1, engines.Done)
			d.do(2, engines.Release, 1, 1, engines.Done)
		}},
		{"paid too late", 0, 0, 0, 1, 0, func(d day) {
			d.do(1, engines.Reserve, 1, 1, engines.Done)
			d.do(2, engines.Confirm, 1, 1, engines.Expired)
			d.do(3, engines.Expire, 1, 1, engines.Done)
		}},
		{"paid at the second attempt", 1, 0, 0, 0, 0, func(d day) {
			d.do(1, engines.Reserve, 1, 1, engines.Done)
			d.do(2, engines.Confirm, 1, 1, engines.Contended)
			d.do(3, engines.Confirm, 1, 1, engines.Done)
		}},
		{"never got to pay", 0, 1, 0, 0, 0, func(d day) {
			d.do(1, engines.Reserve, 1, 1, engines.Done)
			d.do(2, engines.Confirm, 1, 1, engines.Contended)
			d.do(3, engines.Expire, 1, 1, engines.Done)
		}},
		{"payment without a hold", 0, 1, 0, 0, 0, func(d day) {
			d.do(1, engines.Reserve, 1, 1, engines.Done)
			d.do(2, engines.Confirm, 1, 1, engines.NotFound)
		}},
		{"perhaps held", 0, 0, 1, 0, 0, func(d day) { d.do(1, engines.Reserve, 1, 1, engines.Unknown) }},
		{"perhaps held, then released", 0, 0, 0, 1, 0, func(d day) {
			d.do(1, engines.Reserve, 1, 1, engines.Unknown)
			d.do(2, engines.Release, 1, 1, engines.Done)
		}},
		{"perhaps paid", 0, 0, 1, 0, 0, func(d day) {
			d.do(1, engines.Reserve, 1, 1, engines.Done)
			d.do(2, engines.Confirm, 1, 1, engines.Unknown)
		}},
		{"perhaps paid, then expired", 0, 0, 0, 1, 0, func(d day) {
			d.do(1, engines.Reserve, 1, 1, engines.Done)
			d.do(2, engines.Confirm, 1, 1, engines.Unknown)
			d.do(3, engines.Expire, 1, 1, engines.Done)
		}},
		{"shipped", 1, 0, 0, 0, 0, func(d day) {
			d.do(1, engines.Sell, 1, 1, engines.Done)
			d.do(2, engines.Ship, 1, 1, engines.Done)
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := newDay(t, 5)
			c.tell(d)
			got := d.Totals()
			d.want("asked", got.Asked, 1)
			d.want("promised", got.Promised, c.promised)
			d.want("refused", got.Refused, c.refused)
			d.want("unknown", got.Unknown, c.unknown)
			d.want("payment", got.CancelledPayment, c.payment)
			d.want("buyer", got.CancelledBuyer, c.buyer)
			ch := d.Channel(1)
			d.want("asked on channel 1", ch.Asked, 1)
			d.want("promised on channel 1", ch.Promised, c.promised)
			d.want("refused on channel 1", ch.Refused, c.refused)
			if f := d.SKU(0); f.Maybe < 0 || f.Held < 0 || f.Taken < 0 || f.Promised < 0 {
				t.Errorf("negative facts: %+v", *f)
			}
		})
	}
}

func TestTotalsOfUnitsAndEvents(t *testing.T) {
	d := newDay(t, 10)
	d.do(1, engines.Sell, 1, 4, engines.Done)
	d.do(2, engines.Sell, 2, 9, engines.SoldOut)
	d.do(3, engines.Receive, 0, 5, engines.Done)
	d.do(4, engines.Return, 0, 2, engines.Done)
	d.do(5, engines.Adjust, 0, -1, engines.Done)
	d.do(6, engines.Transfer, 0, 3, engines.Done)
	got := d.Totals()
	d.want("supply", got.Supply(), 16)
	d.want("units asked", got.UnitsAsked, 13)
	d.want("units promised", got.UnitsPromised, 4)
	d.want("events", got.Events, 4) // neither the refusal nor the transfer
	d.want("operations", got.Operations, 6)
	d.want("sold out", got.RefusedBy[engines.SoldOut], 1)
	d.want("sold out at", int64(d.SoldOutAt(0)), int64(3*time.Second))
	d.want("never sold out", int64(d.SoldOutAt(1)), -1)
	if k := d.Kind(engines.Sell); k != (KindCount{2, 1}) {
		t.Errorf("sales: %+v", k)
	}
}

func TestCounts(t *testing.T) {
	d := newDay(t, 10)
	d.do(1, engines.Sell, 1, 2, engines.Done)
	d.do(2, engines.Ship, 1, 2, engines.Done)
	d.do(3, engines.Count, 0, 5, engines.Done) // on hand 8, counted 5
	d.facts(7, 7, 2, 0, 2, 0)
	d.want("adjusted", d.Totals().Adjusted, -3)
	found := d.ask(5, engines.Count, 0, 9)
	d.facts(11, 7, 2, 0, 2, 0)
	d.answer(6, found, engines.Done)
	d.facts(11, 11, 2, 0, 2, 0)
	d.want("adjusted", d.Totals().Adjusted, 1)
	d.do(7, engines.Count, 0, 100, engines.Conflict)
	d.do(8, engines.Count, 0, 1, engines.Conflict)
	d.facts(11, 11, 2, 0, 2, 0)
	d.do(9, engines.Count, 0, 20, engines.Unknown)
	d.facts(22, 11, 2, 0, 2, 0)
	d.want("supply", d.Totals().Supply(), 11)
}

func TestSeries(t *testing.T) {
	d := newDay(t, 10)
	d.do(1, engines.Sell, 1, 4, engines.Done)
	d.do(30, engines.Sell, 2, 9, engines.SoldOut)
	slow := d.ask(59, engines.Sell, 3, 1)
	d.Oversold(2)
	d.answer(60, slow, engines.Done) // the edge belongs to the second minute
	d.do(61, engines.Sell, 4, 1, engines.Contended)
	d.do(62, engines.Receive, 0, 6, engines.Done)
	d.Finish(true)
	s := d.Series()
	same(t, "asked", s.Asked, 3, 1, 0)
	same(t, "promised", s.Promised, 1, 1, 0)
	same(t, "sold out", s.SoldOut, 1, 0, 0)
	same(t, "other refused", s.OtherRefused, 0, 1, 0)
	same(t, "supply", s.SupplyUnits, 10, 16, 16)
	same(t, "promised units", s.PromisedUnits, 4, 5, 5)
	same(t, "oversold", s.OversoldUnits, 2, 2, 2)
	same(t, "operations", s.OperationsPerS, 2.0/60, 3.0/60, 0)
	for i, want := range []float64{1000, 1000, 0} {
		if got := s.P99MS[i]; got < want*0.99 || got > want*1.01 {
			t.Errorf("p99 of minute %d: %g ms, want %g within 1 %%", i, got, want)
		}
	}
	if got := s.RefusedP99MS[0]; got < 990 || got > 1010 {
		t.Errorf("p99 of refusals: %g ms, want 1000 within 1 %%", got)
	}
}

func same[T comparable](t *testing.T, what string, got []T, want ...T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestFinishOfAnIncompleteRunAddsNothing(t *testing.T) {
	d := newDay(t, 1)
	d.do(1, engines.Sell, 1, 1, engines.Done)
	d.Finish(false)
	same(t, "asked", d.Series().Asked, 1)
	d.Finish(false)
	same(t, "asked", d.Series().Asked, 1)
}

func TestLatencies(t *testing.T) {
	d := newDay(t, 10)
	late := d.ask(2, engines.Sell, 1, 1)
	late.Intended = seconds(1) // it waited a second before it was sent
	d.answer(4, late, engines.Done)
	d.do(5, engines.Sell, 2, 1, engines.SoldOut)
	lost := d.do(7, engines.Sell, 3, 1, engines.Unknown)
	d.again(9, lost, engines.Done)
	d.do(10, engines.Receive, 0, 1, engines.Done) // no customer waits for it
	for _, c := range []struct {
		what   string
		served bool
		max    float64
	}{{"served", true, 3}, {"refused", false, 1}} {
		h := d.Intended(c.served)
		d.want(c.what, h.TotalCount(), 1)
		if got := float64(h.Max()) / 1e6; got < c.max*0.999 || got > c.max*1.001 {
			t.Errorf("%s from the intended start: %g s, want %g", c.what, got, c.max)
		}
	}
	if got := float64(d.Service(true).Max()) / 1e6; got < 1.998 || got > 2.002 {
		t.Errorf("service: %g s, want 2", got)
	}
	d.want("without a latency", d.Totals().UnknownLatency, 1)
}

func TestALatencyBeyondTheRangeIsKeptAtItsEnd(t *testing.T) {
	d := newDay(t, 1)
	e := d.ask(1, engines.Sell, 1, 1)
	e.Intended = -3 * time.Hour
	d.answer(2, e, engines.Done)
	if got := time.Duration(d.Intended(true).Max()) * time.Microsecond; got < time.Hour || got > time.Hour+10*time.Second {
		t.Errorf("%v, want an hour", got)
	}
}

func TestOrdersOnManyPages(t *testing.T) {
	d := newDay(t, 10)
	ids := []engines.OrderID{1, 1<<pageBits - 1, 1 << pageBits, 5 << pageBits}
	for i, id := range ids {
		d.do(float64(i), engines.Sell, id, 1, engines.Done)
	}
	var seen []engines.OrderID
	for id, o := range d.Orders {
		seen = append(seen, id)
		if !o.Binding() {
			t.Errorf("order %d: %s", id, o.Stage())
		}
	}
	same(t, "orders", seen, ids...)
	if o := d.Order(engines.MaxOrderID); o.Stage() != Unasked {
		t.Errorf("an order never asked for is %s", o.Stage())
	}
}
