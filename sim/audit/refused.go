package audit

import (
	"fmt"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// The reasons of a false refusal: what stood between the buyer and the unit.
const (
	ReasonContended   = "contended"         // too many others at the same time
	ReasonHeld        = "held_then_unsold"  // a hold that was never paid, on a unit that nobody bought
	ReasonPool        = "other_pool"        // another channel's pool
	ReasonBuffer      = "buffer"            // a channel's safety stock
	ReasonUnexplained = "stock_not_offered" // sold out, says an engine without pools
)

// refused measures how many orders were refused while a sellable unit existed for each of their lines. An order counts
// only if that holds by the least that is surely available, both when it was asked and when it was answered.
type refused struct {
	ledger *ledger.Ledger
	reason string // of a false sold out
	skus   []turnedAway

	takes, refusals      int64
	contended, otherPool int64 // orders
	firstAt              time.Duration
}

// turnedAway is what is kept of one SKU.
type turnedAway struct {
	poolUnits              int64 // refused though they were free in some pool
	heldUnits, heldRefused int64 // units and orders refused for units that were held unpaid
}

// What was so when the order was asked, in Entry.Marks.
const (
	wasFree     = 1 << iota // enough units were free for every line
	wasHeldBack             // enough would have been, without unpaid holds
)

func newRefused(l *ledger.Ledger, pools bool) *refused {
	r := &refused{ledger: l, reason: ReasonUnexplained, skus: make([]turnedAway, l.SKUs()), firstAt: -1}
	if pools {
		r.reason = ReasonPool
	}
	return r
}

func (*refused) about() about {
	return about{
		name: "refused_falsely", limit: "0 orders",
		notSeen: "Refusals while operations under way, answers that were lost or a recent absolute count leave open what was free: they are taken as justified. Orders of several lines that a hold blocked are counted by the first line it blocked.",
	}
}

func (r *refused) asked(e *ledger.Entry) {
	r.takes++
	e.Marks = r.state(e.Lines)
}

// state leaves the order's own units out of account: it is called before the ledger adds them and after it removed them.
func (r *refused) state(lines []engines.Line) uint8 {
	state := uint8(wasFree | wasHeldBack)
	for i := range lines {
		f, qty := r.ledger.SKU(lines[i].SKU), int64(lines[i].Qty)
		free := f.Free()
		if free < qty {
			state &^= wasFree
			if free+f.Held < qty {
				return 0
			}
		}
	}
	return state
}

func (*refused) follows(a answer) bool {
	return a.isNews() && a.kind().TakesStock() && (a.outcome() == engines.SoldOut || a.outcome() == engines.Contended)
}

func (r *refused) answered(e *ledger.Entry, _ ledger.Order) {
	if e.Resend {
		return // what was so when it was asked first isn't kept
	}
	r.refusals++
	out, both := e.Reply.Outcome, e.Marks&r.state(e.Lines)
	switch {
	case both&wasFree != 0 && out == engines.Contended:
		r.contended++
		r.note(e)
	case both&wasFree != 0:
		r.otherPool++
		r.note(e)
		for _, line := range e.Lines {
			r.skus[line.SKU].poolUnits += int64(line.Qty)
		}
	case both&wasHeldBack != 0 && out == engines.SoldOut:
		r.heldBack(e)
	}
}

func (r *refused) note(e *ledger.Entry) {
	if r.firstAt < 0 {
		r.firstAt = e.End
	}
}

// heldBack notes a refusal that was false if the held units stay unsold.
func (r *refused) heldBack(e *ledger.Entry) {
	for _, line := range e.Lines {
		if qty := int64(line.Qty); r.ledger.SKU(line.SKU).Free() < qty {
			s := &r.skus[line.SKU]
			s.heldUnits += qty
			s.heldRefused++
			return
		}
	}
}

func (r *refused) judge(c *closing) finding {
	held := r.atClose(c)
	by := map[string]int64{ReasonContended: r.contended, ReasonHeld: held, ReasonPool: 0, ReasonBuffer: 0, ReasonUnexplained: 0}
	by[r.reason] = r.otherPool
	total := r.contended + r.otherPool + held
	c.out.FalseBy, c.out.RefusedFalsely = by, total
	f := finding{verdict: Pass, evidence: r.refusals, firstAt: r.firstAt, actual: fmt.Sprintf("%d orders", total)}
	switch {
	case c.stockE != nil:
		return unknown("The books could not be read: %v.", c.stockE)
	case r.takes == 0:
		return unknown("Nothing was asked for, so nothing is proven.")
	case total > 0:
		f.verdict = Fail
		f.detail = fmt.Sprintf("%d of %d refusals were false: %d contended, %d for unpaid holds on units that stayed unsold, %d sold out though units were free.",
			total, r.refusals, r.contended, held, r.otherPool)
	default:
		f.detail = fmt.Sprintf("Each of %d refusals may have been justified.", r.refusals)
	}
	return f
}

// atClose looks at what stayed unsold: refusals for held units were false as far as those units went to nobody.
func (r *refused) atClose(c *closing) (heldBack int64) {
	for sku := range c.stock {
		s, left := &r.skus[sku], max(0, c.stock[sku].Available+c.stock[sku].Held)
		c.out.LeftAtClose += left
		unsold := min(s.heldUnits, left)
		if unsold > 0 {
			heldBack += s.heldRefused * unsold / s.heldUnits
		}
		c.out.Stranded += min(left, s.poolUnits+unsold)
	}
	return heldBack
}
