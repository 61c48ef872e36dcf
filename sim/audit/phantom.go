package audit

import (
	"fmt"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// phantom compares orders, as their callers were told, with the grants in the books: none may be there that nobody
// asked for, none missing that was promised.
type phantom struct {
	lines func(engines.OrderID) []engines.Line
}

func (*phantom) about() about {
	return about{
		name: "phantom", limit: "0 orders told otherwise", safety: true, always: true,
		notSeen: "How many units an order has whose grant is closed. Orders whose answers were lost may be in any state.",
	}
}

// states is a set of grant states; NoGrant stands for an order that the books don't know.
type states uint8

func of(all ...engines.GrantState) states {
	var s states
	for _, g := range all {
		s |= 1 << g
	}
	return s
}

var (
	anyState = ^states(0)
	closed   = of(engines.NoGrant, engines.Released, engines.Lapsed, engines.Cancelled)
)

// allowed is what the books may say of an order.
func allowed(o ledger.Order) states {
	if o.Doubtful() {
		return anyState
	}
	switch o.Stage() {
	case ledger.Unasked:
		return of(engines.NoGrant)
	case ledger.Holding, ledger.Stalled:
		return of(engines.Held)
	case ledger.Late:
		return of(engines.Held, engines.Released, engines.Lapsed)
	case ledger.Promised:
		if o.CancelAsked() {
			return of(engines.Committed, engines.Cancelled)
		}
		return of(engines.Committed)
	case ledger.Refused:
		return closed
	case ledger.Released:
		return of(engines.Released)
	case ledger.Lapsed:
		return of(engines.Lapsed)
	case ledger.Cancelled:
		return of(engines.Cancelled)
	case ledger.Shipped:
		return of(engines.Shipped)
	}
	return anyState // under way, or its answer was lost
}

// comparison is one pass over the grants.
type comparison struct {
	ledger   *ledger.Ledger
	lines    func(engines.OrderID) []engines.Line
	seen     []uint64 // a bit for each order
	compared int64
	wrong    int64
	first    string
}

func (p *phantom) judge(c *closing) finding {
	m := &comparison{ledger: c.ledger, lines: p.lines}
	if err := c.grants(func(g engines.Grant) error { m.grant(g); return nil }); err != nil {
		return unknown("The books could not be read: %v.", err)
	}
	for id, o := range c.ledger.Orders {
		if !m.known(id) {
			m.compared++
			m.compare(id, o, engines.NoGrant)
		}
	}
	f := finding{verdict: Pass, evidence: m.compared, firstAt: -1, actual: fmt.Sprint(m.wrong)}
	switch {
	case m.wrong > 0:
		f.verdict, f.detail = Fail, m.first
	case m.compared == 0:
		return unknown("There was no order, so nothing is proven.")
	default:
		f.detail = fmt.Sprintf("The books say of %d orders what their callers were told.", m.compared)
	}
	return f
}

func (m *comparison) grant(g engines.Grant) {
	m.compared++
	if g.Order > engines.MaxOrderID {
		m.violated("The books have a grant of order %d: orders end at %d.", g.Order, engines.MaxOrderID)
		return
	}
	if m.known(g.Order) {
		m.violated("The books have two grants of order %d.", g.Order)
		return
	}
	m.see(g.Order)
	m.compare(g.Order, m.ledger.Order(g.Order), g.State)
	if g.State.Open() && m.lines != nil {
		if asked := m.lines(g.Order); !sameLines(asked, g.Lines) {
			m.violated("Order %d asked for %v; the books grant it %v.", g.Order, asked, g.Lines)
		}
	}
}

func (m *comparison) compare(id engines.OrderID, o ledger.Order, state engines.GrantState) {
	if allowed(o)&of(state) == 0 {
		m.violated("Order %d was %s; its grant in the books: %s.", id, o.Stage(), state)
	}
}

func (m *comparison) violated(format string, args ...any) {
	if m.wrong++; m.wrong == 1 {
		m.first = fmt.Sprintf(format, args...)
	}
}

func (m *comparison) known(id engines.OrderID) bool {
	return id/64 < engines.OrderID(len(m.seen)) && m.seen[id/64]&(1<<(id%64)) != 0
}

func (m *comparison) see(id engines.OrderID) {
	for id/64 >= engines.OrderID(len(m.seen)) {
		m.seen = append(m.seen, 0)
	}
	m.seen[id/64] |= 1 << (id % 64)
}

// sameLines compares lines summed by SKU, in any order.
func sameLines(a, b []engines.Line) bool {
	if len(a) != len(b) {
		return false
	}
	for _, l := range a {
		found := false
		for _, r := range b {
			found = found || l == r
		}
		if !found {
			return false
		}
	}
	return true
}
