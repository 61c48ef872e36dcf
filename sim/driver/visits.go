package driver

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/vtime"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// arrive begins the visit of the shopper who is due, and looks out for the next.
func (v *day) arrive() {
	v.till(v.next)
	customer := v.welcome(v.next)
	v.lookOut()
	if customer != nil {
		v.order(customer)
	}
}

// lookOut schedules the arrival of the next shopper. On a plain day nothing comes of those who only browse: they are counted on the way.
func (v *day) lookOut() {
	v.next = v.arrivals.Next()
	for v.next != nil && v.store == nil && v.browses(v.next) {
		v.next = v.arrivals.Next()
	}
	if v.next != nil {
		v.comers.PushAt(v.real(v.next.At), vtime.Event{Kind: arrive})
	}
}

// welcome lets a shopper in, and schedules the first thing that one of an own store does. Those who want nothing of the engine
// are only counted. It gives the visit of a marketplace's customer, who orders now.
func (v *day) welcome(p *workload.Plan) (customer *visit) {
	if v.browses(p) {
		return nil
	}
	v.counts(p)
	f, policy := &v.stats.Funnel, v.cfg.Scenario.Holds.Policy
	var order engines.OrderID // 0: the engine won't hear of this shopper
	if p.Asks {
		v.orders++
		order = v.orders
	}
	w := v.admit(p, order)
	if !p.Own {
		return w
	}
	switch toCheckout := p.CartAfter + p.CheckoutAfter; policy {
	case scenarios.HoldAtCart:
		v.after(p.CartAfter, reserve, w)
		v.secondTab(p, p.CartAfter)
	case scenarios.HoldAtCheckout:
		v.after(toCheckout, reserve, w)
		v.secondTab(p, toCheckout)
	default:
		f.Checkouts++
		v.after(toCheckout+p.PayAfter, pay, w)
	}
	return nil
}

// tabAfter is how much later a shopper begins the checkout in a second tab. Assumed.
const tabAfter = 20 * time.Second

// secondTab begins the same checkout once more, for an order of its own. Nobody goes on with it, so that its hold keeps units from others
// until it lapses.
func (v *day) secondTab(p *workload.Plan, toHold time.Duration) {
	if !p.SecondTab {
		return
	}
	v.orders++
	w := v.admit(p, v.orders)
	w.set(leavesAtCart, true)
	w.set(leavesAtCheckout, true)
	w.set(saysSo, false)
	v.after(toHold+tabAfter, reserve, w)
}

// browses says whether a shopper leaves before the engine is asked, and counts those; one who tries to pay first still has that before them.
func (v *day) browses(p *workload.Plan) bool {
	if p.Asks || !p.LeavesAtCart && !p.LeavesAtCheckout {
		return false
	}
	v.counts(p)
	f := &v.stats.Funnel
	if p.LeavesAtCart {
		f.LeftAtCart++
	} else {
		f.Checkouts++
		f.LeftAtCheckout++
	}
	return true
}

// counts notes that a shopper came.
func (v *day) counts(p *workload.Plan) {
	v.stats.Funnel.Arrived++
	if p.Own {
		v.stats.Funnel.Carts++
	}
}

// shop is what a shopper does next.
func (v *day) shop(kind, slot uint32) {
	w := v.at(slot)
	w.open--
	switch kind {
	case reserve:
		v.askFor(w, engines.Reserve)
	case goOn:
		v.checkout(w)
	case pay:
		v.pay(w)
	case giveBack:
		v.askFor(w, engines.Release)
	case cancel:
		v.askFor(w, engines.Cancel)
	}
}

// told is how a shopper goes on after an answer.
func (v *day) told(c *call) {
	w := v.at(c.visit)
	w.open--
	done := c.entry.Reply.Outcome == engines.Done
	switch c.entry.Op.Kind {
	case engines.Reserve:
		if done {
			v.holds(w)
		} else {
			v.refused(c)
		}
	case engines.Sell, engines.Confirm:
		switch {
		case done:
			v.hold(w, false)
			v.served(c)
			v.promised(w)
		case c.entry.Op.Kind == engines.Sell:
			v.refused(c)
		}
	case engines.Release, engines.Expire:
		v.hold(w, false) // it ended by this operation, or by the one it raced with
	}
	v.end(w)
}

// holds goes on once units are held.
func (v *day) holds(w *visit) {
	v.hold(w, true)
	v.expiries.Push(vtime.Event{Kind: expire, A: w.slot, B: uint64(w.order)})
	if v.cfg.Scenario.Holds.Policy != scenarios.HoldAtCart {
		v.checkout(w)
		return
	}
	if w.has(leavesAtCart) {
		v.stats.Funnel.LeftAtCart++
		return
	}
	v.after(duration(w.checkoutAfter), goOn, w)
}

// checkout is where the shopper makes up their mind.
func (v *day) checkout(w *visit) {
	f := &v.stats.Funnel
	f.Checkouts++
	if !w.has(leavesAtCheckout) {
		v.after(duration(w.payAfter), pay, w)
		return
	}
	f.LeftAtCheckout++
	if w.has(saysSo) {
		v.after(duration(w.payAfter), giveBack, w)
	} // else the hold lapses
}

// payAgain is how long a shopper takes to try another card.
const payAgain = 40 * time.Second

// pay is an attempt to pay; the payment service answers at once.
func (v *day) pay(w *visit) {
	f := &v.stats.Funnel
	f.PaymentAttempts++
	switch {
	case w.failures == 0 && v.cfg.Scenario.Holds.Policy == scenarios.HoldAtPayment:
		v.askFor(w, engines.Sell)
	case w.failures == 0:
		v.askFor(w, engines.Confirm)
	default:
		w.failures--
		f.PaymentFailures++
		v.afterFailure(w)
	}
}

// afterFailure tries again, or gives up and gives back what is held.
func (v *day) afterFailure(w *visit) {
	switch {
	case w.failures > 0 || w.has(pays):
		v.after(payAgain, pay, w)
	case w.has(held):
		v.askFor(w, engines.Release)
	default:
		v.end(w)
	}
}

// promised schedules what follows a promise: the buyer cancels, or the order leaves the house.
func (v *day) promised(w *visit) {
	if !w.has(displayed) { // else they were told before
		v.stats.Funnel.Promised++
	}
	if c := duration(w.cancelAfter); c > 0 && c < v.cfg.Scenario.Stock.ShipAfter {
		v.after(c, cancel, w)
		return
	}
	v.pack(w)
}

// hold notes whether the visit holds units.
func (v *day) hold(w *visit, on bool) {
	w.set(held, on)
	v.holding.set(w.order, on)
}

// expire is the sweeper, who finds holds whose time is over. A visit that holds something is still there.
func (v *day) expire(slot, order uint32) {
	if v.holding.has(order) {
		v.askFor(v.at(slot), engines.Expire)
	}
}

// askFor sends an operation of the visit's order.
func (v *day) askFor(w *visit, kind engines.Kind) {
	w.open++
	c := v.newCall(kind, engines.OrderID(w.order), w.channel, w.slot)
	cart := v.linesOf(w)
	c.entry.Lines = cart
	if w.has(doubled) {
		c.lines = sum(c.lines[:0], cart)
		c.entry.Lines = c.lines
	}
	if kind.NamesLines() {
		c.entry.Op.Lines = cart // as the shopper has them: a SKU may stand there twice
	}
	switch kind {
	case engines.Reserve:
		c.entry.Op.HoldFor = v.holdFor
		w.holdUntil = v.clock.Now() + v.holdFor
	case engines.Confirm, engines.Expire:
		c.entry.HoldUntil = w.holdUntil
	}
	c.repeat = w.has(resends) && (kind == engines.Reserve || kind == engines.Sell || kind == engines.Confirm)
	v.asking(c)
	v.ask(c)
}

// after schedules the visit's next step, d of the day from now.
func (v *day) after(d time.Duration, kind uint32, w *visit) {
	w.open++
	v.clock.At(v.clock.Now()+v.real(d), vtime.Event{Kind: kind, A: w.slot})
}
