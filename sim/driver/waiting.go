package driver

import (
	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/storefront"
	"github.com/doorbuster/doorbuster/sim/vtime"
)

// wait tells a customer to wait. The visit lasts until the order is served or its deadline is over.
func (v *day) wait(w *visit, lines []engines.Line, why storefront.Why) {
	s := v.store
	at, id := v.today(), engines.OrderID(w.order)
	s.Book.Waits(at, id, w.channel, lines, why)
	s.waitlist.Join(at, id, w.channel, lines, s.short(lines))
	s.waiting[id] = w.slot
	w.open++
	s.deadlines.Push(vtime.Event{Kind: waitOver})
}

// serve tries the first in line for a SKU, now that there are units.
func (v *day) serve(sku engines.SKU) {
	if first, ok := v.store.waitlist.Next(sku); ok {
		v.askAnew(v.at(v.store.waiting[first.Order]))
	}
}

// served is an order that was booked. If it waited, the next in line is tried: there may be more.
func (v *day) served(c *call) {
	if v.store == nil {
		return
	}
	id := c.entry.Op.Order
	if _, waited := v.store.waiting[id]; !waited {
		return
	}
	v.leaveLine(id)
	for _, l := range c.entry.Lines {
		v.serve(l.SKU)
	}
}

// stillWaits is an order that waited and was refused once more: it keeps its place, in the line of what is short.
func (v *day) stillWaits(c *call) {
	s, id := v.store, c.entry.Op.Order
	if s.waitlist.Failed(v.today(), id, s.short(c.entry.Lines)) {
		v.inVain(id)
	}
}

// short is the first SKU of which there is less than a line asks, as far as we know.
func (s *store) short(lines []engines.Line) engines.SKU {
	for _, l := range lines {
		if s.position[l.SKU] < int64(l.Qty) {
			return l.SKU
		}
	}
	return lines[0].SKU
}

// endWaits ends the waits whose deadline has come.
func (v *day) endWaits() {
	for {
		late, ok := v.store.waitlist.Expired(v.today())
		if !ok {
			return
		}
		v.inVain(late.Order)
	}
}

func (v *day) inVain(id engines.OrderID) {
	w := v.at(v.store.waiting[id])
	v.store.Book.InVain(v.today(), id, w.channel)
	v.leaveLine(id)
	v.end(w)
}

func (v *day) leaveLine(id engines.OrderID) {
	s := v.store
	v.at(s.waiting[id]).open--
	delete(s.waiting, id)
	s.waitlist.Leave(id)
}
