package driver

import (
	"fmt"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/channels"
	"github.com/doorbuster/doorbuster/sim/storefront"
	"github.com/doorbuster/doorbuster/sim/vtime"
)

// order is a marketplace's customer who orders. A channel that asks the engine does so; one that doesn't promises on what it displays.
func (v *day) order(w *visit) {
	if v.store == nil || !v.store.Market.Synced(w.channel) {
		v.askFor(w, engines.Sell)
		return
	}
	s, at, id := v.store, v.today(), engines.OrderID(w.order)
	lines := v.cartOf(w)
	s.Book.Asked(at, id, w.channel, lines)
	if ok, why := s.Market.Accept(at, w.channel, lines); !ok {
		s.Book.Refused(at, id, w.channel, lines, s.reason(w.channel, why))
		v.end(w)
		return
	}
	w.set(displayed, true)
	s.Book.Promised(at, id, w.channel, lines, true)
	s.sold(at, lines)
	v.stats.Funnel.Promised++
	first, second := s.Market.Imports(at, w.channel, id)
	w.set(resends, second > 0) // the duplicate has the original's content and ID
	w.open++
	v.clock.At(v.real(first), vtime.Event{Kind: imported, A: w.slot})
}

// The intake knows a message for ten minutes, longer than a marketplace takes to repeat it, and takes clocks for up to five minutes apart.
const (
	intakeWindow = 10 * time.Minute
	clocksDiffer = 5 * time.Minute
)

// takeIn books an order that a marketplace reports, once its message has come through the door.
func (v *day) takeIn(w *visit) {
	s := v.store
	msg := channels.Message{ID: uint64(w.order), Source: w.channel, Sequence: uint64(w.order), Origin: v.today(), Kind: engines.Sell, Lines: v.cartOf(w)}
	if ok, why := s.Intake.Admit(v.today(), msg); !ok {
		panic(fmt.Sprintf("the order %d of a marketplace was put aside: %s", w.order, why))
	}
	if s.chance(msg.ID, brokenStream) < s.sc.Sync.Imports.Broken {
		s.Broken++
		s.meddle(v.today(), msg)
	}
	v.askFor(w, engines.Sell)
}

// meddle hands the intake a message that can't be used. It must not come through: nobody would know the order.
func (s *store) meddle(at time.Duration, msg channels.Message) {
	msg.Lines = append([]engines.Line(nil), msg.Lines...)
	switch msg.ID % 4 {
	case 0:
		msg.ID += 1 << 40
		msg.Lines[0].Qty = -1
	case 1:
		msg.ID += 1 << 40
		msg.Lines[0].SKU = engines.SKU(len(s.position))
	case 2:
		msg.ID += 1 << 40
		msg.Origin += 24 * time.Hour
	} // else a copy
	if ok, _ := s.Intake.Admit(at, msg); ok {
		panic(fmt.Sprintf("message %d can't be used, and was admitted", msg.ID))
	}
}

// reason is why a display had too little. A channel that sells a share of stock sees no more than that share.
func (s *store) reason(ch engines.Channel, why channels.Refusal) storefront.Why {
	switch {
	case why == channels.BehindBuffer:
		return storefront.Buffer
	case why == channels.OtherShare, s.allocated[ch]:
		return storefront.Share
	}
	return storefront.NoDisplay
}

// insists says whether an operation that takes units is repeated until it is decided: what was promised, or waits, is.
func (v *day) insists(c *call) bool {
	if v.store == nil || c.visit == none {
		return false
	}
	_, waits := v.store.waiting[c.entry.Op.Order]
	return waits || v.at(c.visit).has(displayed)
}

// cartOf are the visit's lines, summed by SKU, until the next call.
func (v *day) cartOf(w *visit) []engines.Line {
	if !w.has(doubled) {
		return v.linesOf(w)
	}
	v.store.lines = sum(v.store.lines[:0], v.linesOf(w))
	return v.store.lines
}

// refused is a customer's order that the engine refused, or a channel's promise that it could not book.
func (v *day) refused(c *call) {
	s := v.store
	if s == nil {
		return
	}
	w, op, at := v.at(c.visit), &c.entry.Op, v.today()
	why := storefront.SoldOut
	if c.entry.Reply.Outcome == engines.Contended {
		why = storefront.Contended
	}
	if _, waits := s.waiting[op.Order]; waits {
		v.stillWaits(c)
		return
	}
	if w.has(displayed) {
		v.notBooked(c, why)
		return
	}
	s.Book.Refused(at, op.Order, op.Channel, c.entry.Lines, why)
	if why == storefront.SoldOut && v.stays(c) {
		v.wait(w, c.entry.Lines, why)
	}
}

// stays says whether a refused shopper waits rather than goes. Where the shop buys more it tells them when, and nobody waits for what comes
// after the deadline or isn't on order.
func (v *day) stays(c *call) bool {
	s, at := v.store, v.today()
	if s.sc.Restock.On {
		in, comes := s.restock.AvailableIn(at, s.short(c.entry.Lines))
		if !comes {
			return false
		}
		s.ToldWhen++
		s.ToldIn += in
		if in > s.sc.Overflow.Deadline {
			return false
		}
	}
	return s.sc.Overflow.Policy == scenarios.Pending && s.chance(uint64(c.entry.Op.Order), staysStream) < s.sc.Overflow.Stay
}

// notBooked is a promise without a booking: the customer is told to wait, or nobody says anything until it is to be picked.
func (v *day) notBooked(c *call, why storefront.Why) {
	s, w := v.store, v.at(c.visit)
	if w.has(lastTried) {
		s.Short++
		s.Book.Cancelled(v.today(), engines.OrderID(w.order), w.channel, c.entry.Lines, storefront.Seller)
		return
	}
	s.Market.Refused(v.today(), w.channel, c.entry.Lines)
	w.set(givenBack, true)
	if s.sc.Overflow.Policy == scenarios.Pending {
		v.wait(w, c.entry.Lines, why)
		return
	}
	v.after(s.sc.Stock.ShipAfter, unbacked, w)
}

// lastTry books a promised order when it is to be picked, if there is something by now.
func (v *day) lastTry(w *visit) {
	w.set(lastTried, true)
	v.askAnew(w)
}

// askAnew sends an order's Sell once more, under an ID of its own: the first one has had its answer.
func (v *day) askAnew(w *visit) {
	w.open++
	c := v.newCall(engines.Sell, engines.OrderID(w.order), w.channel, w.slot)
	v.retrySeq++
	c.entry.Op.ID = engines.FeedOp(oms, v.retrySeq)
	c.setLines(v.linesOf(w))
	v.ask(c)
}
