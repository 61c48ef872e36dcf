package memory

import (
	"context"

	"github.com/doorbuster/doorbuster/engines"
)

// Books implements engines.Engine. What is held and committed is summed from the open grants, not taken from the rows, so that
// the two can disagree. The sequences read the engine as it is while they are ranged over; no operation may run meanwhile.
func (e *engine) Books(context.Context) (engines.Books, error) {
	return engines.Books{Stock: e.stock, Grants: e.grants, Outcome: e.outcome}, nil
}

func (e *engine) stock(yield func(engines.Stock, error) bool) {
	held, committed := e.bound()
	for i, r := range e.rows {
		k := engines.Key(i)
		sku, pool := e.place(k)
		s := engines.Stock{SKU: sku, Pool: pool, Available: r.available, Held: held[k], Committed: committed[k], Shipped: r.shipped, Seq: r.seq}
		if w, ok := e.strategy.(onTheWay); ok {
			s.Available += w.coming(k)
		}
		if !yield(s, nil) {
			return
		}
	}
}

// bound sums the units of open grants by key.
func (e *engine) bound() (held, committed []int64) {
	held, committed = make([]int64, len(e.rows)), make([]int64, len(e.rows))
	for p := range e.orders.pages {
		page := e.orders.page(p)
		for i := range page {
			sum := held
			if page[i].state() == engines.Committed {
				sum = committed
			}
			for g := e.orders.grant(&page[i]); g != nil; g = e.orders.rest(g) {
				for _, u := range g.filled() {
					sum[u.key] += int64(u.qty)
				}
			}
		}
	}
	return held, committed
}

func (e *engine) grants(yield func(engines.Grant, error) bool) {
	var lines []engines.Line
	for p := range e.orders.pages {
		page := e.orders.page(p)
		for i := range page {
			state := page[i].state()
			if state == engines.NoGrant { // nor did it ever have one
				continue
			}
			granted := engines.Grant{Order: engines.OrderID(p*pageOrders + i), State: state}
			if state.Open() {
				lines = lines[:0]
				for g := e.orders.grant(&page[i]); g != nil; g = e.orders.rest(g) {
					for _, u := range g.filled() {
						sku, _ := e.place(u.key)
						lines = append(lines, engines.Line{SKU: sku, Qty: u.qty})
					}
				}
				granted.Lines = lines
			}
			if !yield(granted, nil) {
				return
			}
		}
	}
}

func (e *engine) outcome(id engines.OpID) (engines.Outcome, error) {
	if order, kind, ok := parse(id); ok {
		if o := e.orders.find(order); o != nil && o.outcome(kind) != engines.Unknown {
			return o.outcome(kind), nil
		}
	}
	return (*e.replies.of(id))[id].outcome, nil
}
