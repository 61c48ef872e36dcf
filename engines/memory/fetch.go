package memory

import "github.com/doorbuster/doorbuster/engines"

// Fetch reads what is kept of orders that are soon to be asked about, to have it in the processor's cache by then: all orders, and then
// all their grants, since those that don't depend on each other are waited for at once. Nothing changes by it.
func (e *engine) Fetch(ids []engines.OrderID) {
	e.soon = e.soon[:0]
	for _, id := range ids {
		if o := e.orders.find(id); o != nil && o.state().Open() {
			e.soon = append(e.soon, o.slot)
		}
	}
	sum := uint32(0)
	for _, slot := range e.soon {
		sum += e.orders.grants.at(slot).print
	}
	e.fetched = sum
}
