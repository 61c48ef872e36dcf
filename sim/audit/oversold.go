package audit

import (
	"fmt"
	"math"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// oversold counts promised units that no sellable unit backs, from what customers were told.
//
// H is what was promised by now and its cancellation not yet asked for; S is what was asked to arrive by now, less losses
// that were answered. Each promise adds the units by which it raised (H − S)⁺. Both lean to the engine's side, so the
// sum is a lower bound and never accuses falsely. Promises whose answers were lost make it a range.
type oversold struct {
	ledger *ledger.Ledger
	skus   []committed
	peaks  []int64 // largest H − S of each SKU, in units: apart, for every promise needs them
	raises []raise

	judged   int64 // promises
	orders   int64 // promises that raised the excess
	cause    ByCause
	heldPeak int64
	losses   bool // any loss so far
	firstAt  time.Duration
	examples []Example
	doubts   map[engines.SKU]*doubt // at close
	supply   []int64                // of the lines of the absolute count that is being answered, before it
}

// committed is what is kept of one SKU, in units.
type committed struct {
	min, max int64 // oversold
	loss     int64 // units held or asked for that a loss has taken the backing of, and which may still be promised
	last     int32 // the last raise, as index + 1
}

// raise is one promise beyond stock.
type raise struct {
	order   uint32
	sku     engines.SKU
	units   int32
	before  int32 // the SKU's raise before this one, as index + 1
	channel engines.Channel
}

func newOversold(l *ledger.Ledger) *oversold {
	o := &oversold{ledger: l, skus: make([]committed, l.SKUs()), peaks: make([]int64, l.SKUs()), firstAt: -1}
	for i := range o.peaks {
		o.peaks[i] = math.MinInt64 / 2
	}
	return o
}

func (o *oversold) about() about {
	return about{
		name: "oversold", limit: "0 units by the engine's fault", safety: true,
		notSeen: "Oversells that are hidden by operations under way: an arrival backs promises from the moment it is asked for, a cancelled promise ends when its cancellation is asked for.",
	}
}

func (*oversold) follows(a answer) bool {
	switch a.kind() {
	case engines.Sell, engines.Confirm:
		return a.isNews() && (a.outcome() == engines.Done || a.outcome() == engines.Unknown)
	case engines.Reserve, engines.Adjust, engines.Count:
		return a.isNews() && a.outcome() == engines.Done
	case engines.Release, engines.Expire, engines.Cancel:
		return a.isNews()
	}
	return false
}

func (o *oversold) answered(e *ledger.Entry, before ledger.Order) {
	switch e.Op.Kind {
	case engines.Sell, engines.Confirm:
		switch {
		case before.CancelAsked():
		case e.Reply.Outcome == engines.Done:
			o.promised(e, before)
		default:
			o.maybePromised(e)
		}
	case engines.Reserve:
		o.held(e)
	case engines.Adjust, engines.Count:
		o.lost(e)
	case engines.Release, engines.Expire, engines.Cancel:
		if o.losses {
			o.capLosses(e)
		}
	}
}

func (o *oversold) promised(e *ledger.Entry, before ledger.Order) {
	o.judged++
	var raised int64
	for _, line := range e.Lines {
		f, qty := o.ledger.SKU(line.SKU), int64(line.Qty)
		over := o.over(line.SKU, f)
		o.heldPeak = max(o.heldPeak, over+f.Held)
		if over+f.Maybe > 0 {
			added := qty
			if before.MaybePromised() {
				added = 0 // it was in the maximum before
			}
			o.skus[line.SKU].max += raisedBy(over+f.Maybe, added)
		}
		if over > 0 {
			n := raisedBy(over, qty)
			raised += n
			o.raised(e, line, n)
		}
	}
	if raised > 0 {
		o.orders++
		o.ledger.Oversold(raised)
	}
}

// over is H − S of a SKU, in units. It notes the largest.
func (o *oversold) over(sku engines.SKU, f *ledger.Facts) int64 {
	over := f.Promised - f.Supply
	o.peaks[sku] = max(o.peaks[sku], over)
	return over
}

// raisedBy is by how much the positive part of a figure rose when units were added that made it now.
func raisedBy(now, units int64) int64 { return max(0, now) - max(0, now-units) }

func (o *oversold) raised(e *ledger.Entry, line engines.Line, n int64) {
	if o.firstAt < 0 {
		o.firstAt = e.End
	}
	s := &o.skus[line.SKU]
	s.min += n
	o.blame(s, n)
	o.example(e, line, n)
	o.remember(e.Op.Order, e.Op.Channel, line.SKU, n)
}

// blame charges losses first, as far as they took the backing of units that were held or asked for at that moment.
func (o *oversold) blame(s *committed, n int64) {
	loss := min(n, s.loss)
	s.loss -= loss
	o.cause.Loss += loss
	o.cause.Engine += n - loss
}

func (o *oversold) remember(order engines.OrderID, ch engines.Channel, sku engines.SKU, n int64) {
	s := &o.skus[sku]
	o.raises = append(o.raises, raise{order: uint32(order), sku: sku, units: int32(n), channel: ch, before: s.last})
	s.last = int32(len(o.raises))
}

// maybePromised raises the maximum alone.
func (o *oversold) maybePromised(e *ledger.Entry) {
	for _, line := range e.Lines {
		f := o.ledger.SKU(line.SKU)
		o.skus[line.SKU].max += raisedBy(o.over(line.SKU, f)+f.Maybe, int64(line.Qty))
	}
}

func (o *oversold) held(e *ledger.Entry) {
	for _, line := range e.Lines {
		f := o.ledger.SKU(line.SKU)
		o.heldPeak = max(o.heldPeak, f.Promised+f.Held-f.Supply)
	}
}

// countComes keeps the supply before an absolute count, which may be a loss.
func (o *oversold) countComes(e *ledger.Entry) {
	o.supply = o.supply[:0]
	for _, line := range e.Lines {
		o.supply = append(o.supply, o.ledger.SKU(line.SKU).Supply)
	}
}

// lost notes the units that were held or asked for when a loss took their backing: promising them isn't the engine's fault.
func (o *oversold) lost(e *ledger.Entry) {
	for i, line := range e.Lines {
		f, s := o.ledger.SKU(line.SKU), &o.skus[line.SKU]
		lost := -int64(line.Qty)
		if e.Op.Kind == engines.Count {
			lost = o.supply[i] - f.Supply
		}
		if lost <= 0 {
			continue
		}
		o.losses = true
		s.loss += raisedBy(f.Taken-f.Supply, lost) - raisedBy(o.over(line.SKU, f), lost)
	}
}

// capLosses forgets what can no longer be promised: its hold ended otherwise.
func (o *oversold) capLosses(e *ledger.Entry) {
	for _, line := range e.Lines {
		f, s := o.ledger.SKU(line.SKU), &o.skus[line.SKU]
		s.loss = max(0, min(s.loss, max(0, f.Taken-f.Supply)-f.Excess()))
	}
}

func (o *oversold) judge(c *closing) finding {
	o.settle(c)
	out := c.out
	out.OversoldBySKU = make([]int64, len(o.skus))
	for i := range o.skus {
		s := &o.skus[i]
		out.OversoldBySKU[i] = s.min
		out.Oversold.Min += s.min
		out.Oversold.Max += s.max
		out.OvercommittedPeak = max(out.OvercommittedPeak, o.peaks[i])
	}
	out.ByCause, out.OrdersOversold, out.HeldBeyondPeak = o.cause, o.orders, o.heldPeak
	out.Examples = o.ended(o.sellerCancels(c))
	return o.verdict(out.Oversold)
}

func (o *oversold) verdict(r Range) finding {
	f := finding{evidence: o.judged, actual: fmt.Sprintf("%d units", r.Min), firstAt: o.firstAt}
	if r.Max != r.Min {
		f.actual = fmt.Sprintf("%d to %d units", r.Min, r.Max)
	}
	switch {
	case r.Min > 0 && o.cause.Engine == 0 && r.Max == r.Min:
		f.verdict = Pass
		f.detail = fmt.Sprintf("%s were promised beyond stock, in %d orders of %d, all for losses that the engine was not told of in time.", f.actual, o.orders, o.judged)
	case r.Min > 0:
		f.verdict, f.detail = Fail, fmt.Sprintf("%s were promised beyond stock, in %d orders of %d.", f.actual, o.orders, o.judged)
	case r.Max > 0:
		f.verdict, f.detail = Unknown, fmt.Sprintf("Up to %d units may be oversold: promises whose answers were lost could not be settled.", r.Max)
	case o.judged == 0:
		f.verdict, f.detail = Unknown, "Nothing was promised, so nothing is proven."
	default:
		f.verdict, f.detail = Pass, fmt.Sprintf("Each of %d promises was backed by stock.", o.judged)
	}
	return f
}
