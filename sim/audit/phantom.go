package audit

import (
	"fmt"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// phantom compares orders, as their callers were told, with the grants in the books: none may be there that nobody
// asked for, none missing that was promised.
type phantom struct {
	ledger   *ledger.Ledger
	lines    func(engines.OrderID) []engines.Line
	seen     []uint64       // a bit for each order that has a grant
	allowed  [1 << 8]states // what the books may say, by what is known of an order
	compared int64
	wrong    int64
	first    string
}

func newPhantom(l *ledger.Ledger, c Config) *phantom {
	p := &phantom{ledger: l, lines: c.Lines}
	for o := range p.allowed {
		p.allowed[o] = allowed(ledger.Order(o))
	}
	return p
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

func (s states) has(g engines.GrantState) bool { return s&(1<<g) != 0 }

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

func (p *phantom) judge(c *closing) finding {
	if c.grantsE != nil {
		return unknown("The books could not be read: %v.", c.grantsE)
	}
	for id, o := range p.ledger.Orders {
		if !p.known(id) {
			p.compared++
			p.compare(id, o, engines.NoGrant)
		}
	}
	f := finding{verdict: Pass, evidence: p.compared, firstAt: -1, actual: fmt.Sprint(p.wrong)}
	switch {
	case p.wrong > 0:
		f.verdict, f.detail = Fail, p.first
	case p.compared == 0:
		return unknown("There was no order, so nothing is proven.")
	default:
		f.detail = fmt.Sprintf("The books say of %d orders what their callers were told.", p.compared)
	}
	return f
}

// grant is shown each grant before the checker judges.
func (p *phantom) grant(g engines.Grant) {
	p.compared++
	if g.Order > engines.MaxOrderID {
		p.violated("The books have a grant of order %d: orders end at %d.", g.Order, engines.MaxOrderID)
		return
	}
	if p.see(g.Order) {
		p.violated("The books have two grants of order %d.", g.Order)
		return
	}
	p.compare(g.Order, p.ledger.Order(g.Order), g.State)
	if p.lines != nil && g.State.Open() {
		if asked := p.lines(g.Order); !sameLines(asked, g.Lines) {
			p.violated("Order %d asked for %v; the books grant it %v.", g.Order, asked, g.Lines)
		}
	}
}

func (p *phantom) compare(id engines.OrderID, o ledger.Order, state engines.GrantState) {
	if !p.allowed[o].has(state) {
		p.toldOtherwise(id, o, state)
	}
}

// toldOtherwise stands apart so that compare, which runs for every order, is inlined.
func (p *phantom) toldOtherwise(id engines.OrderID, o ledger.Order, state engines.GrantState) {
	p.violated("Order %d was %s; its grant in the books: %s.", id, o.Stage(), state)
}

func (p *phantom) violated(format string, args ...any) {
	if p.wrong++; p.wrong == 1 {
		p.first = fmt.Sprintf(format, args...)
	}
}

func (p *phantom) known(id engines.OrderID) bool {
	return id/64 < engines.OrderID(len(p.seen)) && p.seen[id/64]&(1<<(id%64)) != 0
}

// see says whether the order was seen before.
func (p *phantom) see(id engines.OrderID) (again bool) {
	for id/64 >= engines.OrderID(len(p.seen)) {
		p.seen = append(p.seen, 0)
	}
	word, bit := &p.seen[id/64], uint64(1)<<(id%64)
	again = *word&bit != 0
	*word |= bit
	return again
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
