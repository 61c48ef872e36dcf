package driver

import (
	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/vtime"
)

// A full day has more open orders than the processor's cache has room for, and each operation would wait for memory three times: for the visit,
// then for its order, then for the order's grant. So they are read a little before they are needed, many at a time: those that don't depend on
// each other are waited for at once. It was measured to save a tenth of a full day.

// aheadBatch is how many are read at a time: about as many loads as a processor has under way.
const aheadBatch = 16

// fetcher is an engine that can read ahead what it keeps of orders.
type fetcher interface{ Fetch([]engines.OrderID) }

// ahead collects the orders that are soon to be asked about.
type ahead struct {
	fetcher  fetcher // nil: there is nothing to be gained
	orders   []engines.OrderID
	ships    int // so far
	expiries int // so far
}

// soon is told of an event about a tenth of a second before it happens.
func (v *Virtual) soon(ev vtime.Event) {
	switch ev.Kind {
	case reserve, goOn, pay, giveBack, cancel:
		v.fetch(v.at(ev.A).order)
	}
}

func (v *Virtual) fetch(order uint32) {
	a := &v.ahead
	a.orders = append(a.orders, engines.OrderID(order))
	if len(a.orders) == aheadBatch {
		a.fetcher.Fetch(a.orders)
		a.orders = a.orders[:0]
	}
}

// soonShipped looks once for each batch at the parcels of the one after the next.
func (v *Virtual) soonShipped() {
	if v.ahead.ships++; v.ahead.ships%aheadBatch != 0 || v.ahead.fetcher == nil {
		return
	}
	for i := aheadBatch; i < min(2*aheadBatch, v.parcels.Len()); i++ {
		v.fetch(v.parcels.At(i).order)
	}
}

// soonExpired looks once for each batch at the holds of the one after the next, of which most have ended already.
func (v *Virtual) soonExpired() {
	if v.ahead.expiries++; v.ahead.expiries%aheadBatch != 0 || v.ahead.fetcher == nil {
		return
	}
	for i := aheadBatch; i < min(2*aheadBatch, v.expiries.Len()); i++ {
		if ev := v.expiries.At(i); v.holding.has(uint32(ev.B)) {
			v.fetch(v.at(ev.A).order)
		}
	}
}
