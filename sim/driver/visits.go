package driver

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/vtime"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// visit is a shopper who has not finished yet, or a marketplace order that is being placed. Visits are pooled.
type visit struct {
	plan      workload.Plan
	order     engines.OrderID
	holdUntil time.Duration
	failed    int  // payment attempts that failed
	open      int  // operations in flight and steps to come
	held      bool // units are held; the sweeper will see to them if nobody else does
}

// arrive begins the visit of the shopper who is due, and looks out for the next.
func (v *Virtual) arrive() {
	slot := v.newVisit()
	w := v.visits[slot]
	w.plan, v.next = v.next, w.plan // they swap their slices
	if v.arrivals.Next(&v.next) {
		v.clock.At(v.next.At, vtime.Event{Kind: arrive})
	}
	p, f := &w.plan, &v.stats.Funnel
	f.Arrived++
	if p.Asks(v.cfg.Scenario.Holds.Policy) {
		v.orders++
		w.order = v.orders
	}
	if !p.Own {
		v.askFor(slot, engines.Sell)
		return
	}
	f.Carts++
	v.own(slot, p)
}

// own schedules the first thing that a shopper of an own store does.
func (v *Virtual) own(slot uint32, p *workload.Plan) {
	f := &v.stats.Funnel
	policy := v.cfg.Scenario.Holds.Policy
	if policy == scenarios.HoldAtCart {
		v.after(p.CartAfter, reserve, slot)
		return
	}
	if p.LeavesAtCart {
		f.LeftAtCart++
		v.freeVisit(slot)
		return
	}
	toCheckout := p.CartAfter + p.CheckoutAfter
	if policy == scenarios.HoldAtCheckout {
		v.after(toCheckout, reserve, slot)
		return
	}
	f.Checkouts++
	if p.LeavesAtCheckout {
		f.LeftAtCheckout++
		v.freeVisit(slot)
		return
	}
	v.after(toCheckout+p.PayAfter, pay, slot)
}

// shop is what a shopper does next.
func (v *Virtual) shop(kind, slot uint32) {
	w := v.visits[slot]
	w.open--
	switch kind {
	case reserve:
		v.askFor(slot, engines.Reserve)
	case goOn:
		v.checkout(slot)
	case pay:
		v.pay(slot)
	case giveBack:
		v.askFor(slot, engines.Release)
	case cancel:
		v.askFor(slot, engines.Cancel)
	}
}

// told is how a shopper goes on after an answer.
func (v *Virtual) told(c *call) {
	slot, w := c.visit, v.visits[c.visit]
	w.open--
	done := c.entry.Reply.Outcome == engines.Done
	switch c.entry.Op.Kind {
	case engines.Reserve:
		if done {
			v.holds(slot)
		}
	case engines.Sell, engines.Confirm:
		if done {
			w.held = false
			v.promised(slot)
		}
	case engines.Release, engines.Expire:
		w.held = false // by this operation, or by the one it raced with
	}
	v.freeVisit(slot)
}

// holds goes on once units are held.
func (v *Virtual) holds(slot uint32) {
	w := v.visits[slot]
	w.held = true
	v.expiries.Push(vtime.Event{Kind: expire, A: slot, B: uint64(w.order)})
	if v.cfg.Scenario.Holds.Policy != scenarios.HoldAtCart {
		v.checkout(slot)
		return
	}
	if w.plan.LeavesAtCart {
		v.stats.Funnel.LeftAtCart++
		return
	}
	v.after(w.plan.CheckoutAfter, goOn, slot)
}

// checkout is where the shopper makes up their mind.
func (v *Virtual) checkout(slot uint32) {
	w, f := v.visits[slot], &v.stats.Funnel
	f.Checkouts++
	switch {
	case !w.plan.LeavesAtCheckout:
		v.after(w.plan.PayAfter, pay, slot)
	case w.plan.SaysSo:
		f.LeftAtCheckout++
		v.after(w.plan.PayAfter, giveBack, slot)
	default:
		f.LeftAtCheckout++ // the hold lapses
	}
}

// payAgain is how long a shopper takes to try another card.
const payAgain = 40 * time.Second

// pay is an attempt to pay; the payment service answers at once.
func (v *Virtual) pay(slot uint32) {
	w, f := v.visits[slot], &v.stats.Funnel
	p := &w.plan
	f.PaymentAttempts++
	if w.failed < p.FailedPayments {
		w.failed++
		f.PaymentFailures++
		if w.failed < p.FailedPayments || p.Pays {
			v.after(payAgain, pay, slot)
			return
		}
		if w.order != 0 && w.held {
			v.askFor(slot, engines.Release)
			return
		}
		v.freeVisit(slot)
		return
	}
	if v.cfg.Scenario.Holds.Policy == scenarios.HoldAtPayment {
		v.askFor(slot, engines.Sell)
		return
	}
	v.askFor(slot, engines.Confirm)
}

// promised schedules what follows a promise: the buyer cancels, or the order leaves the house.
func (v *Virtual) promised(slot uint32) {
	w := v.visits[slot]
	v.stats.Funnel.Promised++
	if c := w.plan.CancelAfter; c > 0 && c < v.cfg.Scenario.Stock.ShipAfter {
		v.after(c, cancel, slot)
		return
	}
	n := v.shipLines(w.plan.Lines)
	v.shipments.Push(vtime.Event{Kind: ship, A: uint32(w.plan.Channel) | n<<8, B: uint64(w.order)})
}

// shipLines queues lines, summed by SKU, for the order that leaves in its turn, and returns how many there are.
func (v *Virtual) shipLines(lines []engines.Line) (n uint32) {
	for i := 0; i < len(lines); n++ {
		l := lines[i]
		for i++; i < len(lines) && lines[i].SKU == l.SKU; i++ {
			l.Qty += lines[i].Qty
		}
		v.shipping.Push(l)
	}
	return n
}

// expire is the sweeper, who finds holds whose time is over. A visit that has gone on holds nothing.
func (v *Virtual) expire(slot uint32, order engines.OrderID) {
	if w := v.visits[slot]; w.held && w.order == order {
		v.askFor(slot, engines.Expire)
	}
}

// askFor sends an operation of the visit's order.
func (v *Virtual) askFor(slot uint32, kind engines.Kind) {
	w := v.visits[slot]
	w.open++
	c := v.newCall(kind, w.order, w.plan.Channel, slot)
	c.lines = sum(c.lines[:0], w.plan.Lines)
	c.entry.Lines = c.lines
	if kind.NamesLines() {
		c.entry.Op.Lines = w.plan.Lines // as the shopper's cart has them: a SKU may stand there twice
	}
	switch kind {
	case engines.Reserve:
		c.entry.Op.HoldFor = v.cfg.Scenario.Holds.For
		w.holdUntil = v.clock.Now() + v.cfg.Scenario.Holds.For
	case engines.Confirm, engines.Expire:
		c.entry.HoldUntil = w.holdUntil
	}
	c.repeat = w.plan.Resend && (kind == engines.Reserve || kind == engines.Sell || kind == engines.Confirm)
	v.ask(c)
}

// after schedules the visit's next step.
func (v *Virtual) after(d time.Duration, kind, slot uint32) {
	v.visits[slot].open++
	v.clock.At(v.clock.Now()+d, vtime.Event{Kind: kind, A: slot})
}

func (v *Virtual) newVisit() uint32 {
	if n := len(v.freeVisits); n > 0 {
		slot := v.freeVisits[n-1]
		v.freeVisits = v.freeVisits[:n-1]
		return slot
	}
	v.visits = append(v.visits, &visit{})
	return uint32(len(v.visits) - 1)
}

// freeVisit gives the visit back if nothing of it is left to come.
func (v *Virtual) freeVisit(slot uint32) {
	w := v.visits[slot]
	if w.open > 0 || w.held {
		return
	}
	lines := w.plan.Lines
	*w = visit{}
	w.plan.Lines = lines[:0]
	v.freeVisits = append(v.freeVisits, slot)
}
