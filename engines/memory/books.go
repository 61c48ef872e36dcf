package memory

import (
	"context"
	"iter"

	"github.com/doorbuster/doorbuster/engines"
)

// Books implements engines.Engine. What is held and committed is summed from the open grants, not taken from the rows, so that
// the two can disagree. The sequences read the engine as it is while they are ranged over; no operation may run meanwhile.
func (e *engine) Books(context.Context) (engines.Books, error) {
	return engines.Books{Stock: e.stock(), Grants: e.grants(), Outcome: e.outcome}, nil
}

func (e *engine) stock() iter.Seq2[engines.Stock, error] {
	return func(yield func(engines.Stock, error) bool) {
		e.enter()
		defer e.leave()
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
}

// bound sums the units of open grants by key.
func (e *engine) bound() (held, committed []int64) {
	held, committed = make([]int64, len(e.rows)), make([]int64, len(e.rows))
	for _, o := range e.orders.granted() {
		sum := held
		if o.state() == engines.Committed {
			sum = committed
		}
		for u := range e.orders.units(o) {
			sum[u.key] += int64(u.qty)
		}
	}
	return held, committed
}

func (e *engine) grants() iter.Seq2[engines.Grant, error] {
	return func(yield func(engines.Grant, error) bool) {
		e.enter()
		defer e.leave()
		var lines []engines.Line
		for id, o := range e.orders.granted() {
			g := engines.Grant{Order: id, State: o.state()}
			if o.state().Open() {
				lines = lines[:0]
				for u := range e.orders.units(o) {
					sku, _ := e.place(u.key)
					lines = append(lines, engines.Line{SKU: sku, Qty: u.qty})
				}
				g.Lines = lines
			}
			if !yield(g, nil) {
				return
			}
		}
	}
}

// granted yields every order that was ever granted units.
func (b *orders) granted() iter.Seq2[engines.OrderID, *order] {
	return func(yield func(engines.OrderID, *order) bool) {
		for p, page := range b.pages {
			if page == nil {
				continue
			}
			for i := range page {
				if o := &page[i]; o.state() != engines.NoGrant && !yield(engines.OrderID(p*pageOrders+i), o) {
					return
				}
			}
		}
	}
}

func (e *engine) outcome(id engines.OpID) (engines.Outcome, error) {
	e.enter()
	defer e.leave()
	if order, kind, ok := parse(id); ok {
		if o := e.orders.find(order); o != nil && o.outcome(kind) != engines.Unknown {
			return o.outcome(kind), nil
		}
	}
	return (*e.replies.of(id))[id].outcome, nil
}
