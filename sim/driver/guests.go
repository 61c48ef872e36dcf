package driver

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/vtime"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// Asking numbers the shoppers of a day who ask the engine for something, as every run with the same demand and seed does.
type Asking struct {
	All        workload.Arrivals
	HoldPolicy string

	orders engines.OrderID
	counts [16]uint64
}

// Next lends the next shopper, as Arrivals does. It says which order is their first, 0 if they ask for nothing, and which one they are of
// those of their channel who ask, from 0. A shopper with two tabs has the order after the first, too.
func (a *Asking) Next() (p *workload.Plan, order engines.OrderID, n uint64) {
	if p = a.All.Next(); p == nil || !p.Asks {
		return p, 0, 0
	}
	order = a.orders + 1
	a.orders += engines.OrderID(Orders(p, a.HoldPolicy))
	n = a.counts[p.Channel]
	a.counts[p.Channel]++
	return p, order, n
}

// Orders is how many orders a shopper who asks the engine for something has.
func Orders(p *workload.Plan, holdPolicy string) int {
	if p.SecondTab && p.Own && holdPolicy != scenarios.HoldAtPayment {
		return 2
	}
	return 1
}

// guests are the shoppers of a host's part, in the order of time. Each is offered as soon as the one before has come.
type guests struct {
	host   *Hosted
	part   Part
	asking Asking
}

// Next implements workload.Arrivals.
func (g *guests) Next() *workload.Plan {
	for {
		p, order, n := g.asking.Next()
		switch {
		case p == nil:
			g.host.clock.At(g.host.real(g.host.cfg.Demand.Length), vtime.Event{Kind: closing})
			return nil
		case order == 0 && !g.part.Later:
			return p
		case order != 0 && (g.part.Own == nil || g.part.Own(p.Channel, n)):
			g.host.offer(p, order, Orders(p, g.asking.HoldPolicy))
			return p
		}
	}
}

// offer lets somebody take the shopper who comes next.
func (h *Hosted) offer(p *workload.Plan, first engines.OrderID, orders int) {
	h.orders = first - 1 // the day counts on from there
	s := &Shopper{
		Number: p.Shopper, Order: first, Channel: p.Channel, At: h.real(p.At), host: h, orders: orders, steps: make(chan *call, 2*orders),
	}
	for i := range orders {
		h.shoppers[first+engines.OrderID(i)] = s
	}
	select {
	case h.offers[p.Channel] <- s:
	default: // nobody takes any
	}
}

// Stay is how long a shopper who asks the engine for something has steps to take after they came, at the most, on the clock of the scenario's
// day and with an engine that takes no time.
func Stay(p *workload.Plan) time.Duration {
	if !p.Own {
		return 0
	}
	stay := p.CartAfter + p.CheckoutAfter + p.PayAfter + time.Duration(p.FailedPayments)*payAgain
	if p.SecondTab {
		stay = max(stay, p.CartAfter+p.CheckoutAfter+tabAfter)
	}
	return stay
}
