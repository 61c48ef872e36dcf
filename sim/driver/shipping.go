package driver

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/vtime"
)

// parcel is a promised order that is yet to leave the house. At the height of a day there are a million of them, and all take the same
// time: so they stand in a ring, and only the oldest has an event.
type parcel struct {
	at    time.Duration
	order uint32
	what  uint32 // channel | lines<<8
}

// pack queues a promised order, with its lines summed by SKU.
func (v *day) pack(w *visit) {
	p := parcel{at: v.clock.Now() + v.real(v.cfg.Scenario.Stock.ShipAfter), order: w.order, what: uint32(w.channel)}
	lines := v.linesOf(w)
	for i := 0; i < len(lines); p.what += 1 << 8 {
		l := lines[i]
		for i++; i < len(lines) && lines[i].SKU == l.SKU; i++ {
			l.Qty += lines[i].Qty
		}
		v.contents.Push(l)
	}
	if v.store != nil {
		v.store.house.Promise(w.channel, v.cartOf(w))
	}
	if v.parcels.Push(p); v.parcels.Len() == 1 {
		v.shipments.PushAt(p.at, vtime.Event{Kind: ship})
	}
}

// ship asks the engine to book out the oldest promised order.
func (v *day) ship() {
	p := v.parcels.Pop()
	c := v.newCall(engines.Ship, engines.OrderID(p.order), engines.Channel(p.what), none)
	c.lines = c.lines[:0]
	for range p.what >> 8 {
		c.lines = append(c.lines, v.contents.Pop())
	}
	c.entry.Lines = c.lines
	if v.parcels.Len() > 0 {
		v.shipments.PushAt(v.parcels.Peek().at, vtime.Event{Kind: ship})
	}
	v.pick(c)
	v.ask(c)
}
