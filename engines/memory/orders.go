package memory

import (
	"iter"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// order is all that is kept of an order: 8 bytes. While it is open, slot is its grant's place in the slab; else it is the
// fingerprint of the Reserve or Sell that asked for it.
type order struct {
	slot uint32
	bits uint32 // from the lowest: the first outcome of each of the seven order kinds, 3 bits each; state, 3; channel, 8
}

const (
	outcomeBits = 3
	stateShift  = 7 * outcomeBits
	chanShift   = stateShift + 3
	lowThree    = 7
)

// place of each order kind's outcome in order.bits, in outcomes; the kinds are dense but for those without an order.
var place = [...]uint32{
	engines.Reserve: 0, engines.Confirm: 1, engines.Release: 2, engines.Sell: 3,
	engines.Cancel: 4, engines.Ship: 5, engines.Expire: 6,
}

func (o *order) touched() bool { return o.bits != 0 }
func (o *order) state() engines.GrantState {
	return engines.GrantState(o.bits >> stateShift & lowThree)
}
func (o *order) channel() engines.Channel { return engines.Channel(o.bits >> chanShift) }
func (o *order) outcome(k engines.Kind) engines.Outcome {
	return engines.Outcome(o.bits >> (outcomeBits * place[k]) & lowThree)
}

// touch notes the channel of the first operation that names the order.
func (o *order) touch(c engines.Channel) {
	if !o.touched() {
		o.bits |= uint32(c) << chanShift
	}
}

func (o *order) setState(s engines.GrantState) {
	o.bits = o.bits&^(lowThree<<stateShift) | uint32(s)<<stateShift
}

func (o *order) setOutcome(k engines.Kind, out engines.Outcome) {
	o.bits |= uint32(out) << (outcomeBits * place[k])
}

// grant is an open order's. Its units are a chain in the slab of units.
type grant struct {
	deadline time.Duration
	units    uint32
	print    uint32 // what order.slot is when the order is closed
}

// units are those of one stock key in an open grant, with the version that taking them made: a resend within four billion versions
// of one key gets it right.
type units struct {
	key   engines.Key
	qty   int32
	next  uint32
	seq   uint32 // its lower half
	after int64
}

// version is the whole sequence number, which lies less than 2^32 below the key's last.
func (u *units) version(last uint64) uint64 { return last - uint64(uint32(last)-u.seq) }

func (g *grant) link() *uint32 { return &g.units }
func (u *units) link() *uint32 { return &u.next }

const pageOrders = 1 << 16

// orders is every order that was ever named, by its number, and the grants of those that are open.
type orders struct {
	pages  []*[pageOrders]order
	grants slab[grant, *grant]
	lines  slab[units, *units]
}

// at is the place of an order, made if need be.
func (b *orders) at(id engines.OrderID) *order {
	page := int(id / pageOrders)
	for len(b.pages) <= page {
		b.pages = append(b.pages, nil)
	}
	if b.pages[page] == nil {
		b.pages[page] = new([pageOrders]order)
	}
	return &b.pages[page][id%pageOrders]
}

// find is the place of an order, or nil.
func (b *orders) find(id engines.OrderID) *order {
	page := id / pageOrders
	if page >= engines.OrderID(len(b.pages)) || b.pages[page] == nil {
		return nil
	}
	return &b.pages[page][id%pageOrders]
}

// grant is an open order's grant.
func (b *orders) grant(o *order) *grant { return b.grants.at(o.slot) }

// units yields those of an open order, in key order; none if it is not open.
func (b *orders) units(o *order) iter.Seq[*units] {
	return func(yield func(*units) bool) {
		if !o.state().Open() {
			return
		}
		for i := b.grant(o).units; i != 0; {
			u := b.lines.at(i)
			if !yield(u) {
				return
			}
			i = u.next
		}
	}
}

// open gives o a grant without units.
func (b *orders) open(o *order, s engines.GrantState, deadline time.Duration) *grant {
	i := b.grants.take()
	g := b.grants.at(i)
	*g = grant{deadline: deadline, print: o.slot}
	o.slot = i
	o.setState(s)
	return g
}

// push puts units in front of a grant's chain.
func (b *orders) push(g *grant, u units) {
	i := b.lines.take()
	u.next = g.units
	*b.lines.at(i) = u
	g.units = i
}

// close ends an open order; its units are forgotten.
func (b *orders) close(o *order, s engines.GrantState) {
	i := o.slot
	g := b.grant(o)
	for u := g.units; u != 0; {
		next := b.lines.at(u).next
		b.lines.give(u)
		u = next
	}
	o.slot = g.print
	b.grants.give(i)
	o.setState(s)
}
