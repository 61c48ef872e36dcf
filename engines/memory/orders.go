package memory

import (
	"iter"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/internal/hugepage"
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

// grant is an open order's, in one cache line. An order of more stock keys than fit has the rest in further grants.
type grant struct {
	deadline time.Duration
	print    uint32 // what order.slot is when the order is closed
	next     uint32 // the grant that holds the rest, or 0
	units    [2]units
}

// units are those of one stock key in an open grant, with the version that taking them made. Without units there is no key.
type units struct {
	key   engines.Key
	qty   int32
	seq   uint32 // its lower half
	after int64
}

// version is the whole sequence number, which lies less than 2^32 below the key's last.
func (u *units) version(last uint64) uint64 { return last - uint64(uint32(last)-u.seq) }

const pageOrders = 1 << 16

// orders is every order that was ever named, by its number, and the grants of those that are open.
type orders struct {
	pages  []*[pageOrders]order
	grants slab
}

// at is the place of an order, made if need be.
func (b *orders) at(id engines.OrderID) *order {
	page := int(id / pageOrders)
	for len(b.pages) <= page {
		b.pages = append(b.pages, nil)
	}
	if b.pages[page] == nil {
		b.pages[page] = hugepage.New[[pageOrders]order]()
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
		for i := o.slot; i != 0; {
			g := b.grants.at(i)
			for j := range g.units {
				if u := &g.units[j]; u.qty == 0 || !yield(u) {
					return
				}
			}
			i = g.next
		}
	}
}

// open gives o a grant of units.
func (b *orders) open(o *order, s engines.GrantState, deadline time.Duration, n int, units func(i int) units) {
	print := o.slot
	o.slot = b.grants.take()
	o.setState(s)
	g := b.grants.at(o.slot)
	*g = grant{deadline: deadline, print: print}
	for i := range n {
		j := i % len(g.units)
		if i > 0 && j == 0 {
			g.next = b.grants.take()
			g = b.grants.at(g.next)
			*g = grant{}
		}
		g.units[j] = units(i)
	}
}

// close ends an open order; its units are forgotten.
func (b *orders) close(o *order, s engines.GrantState) {
	print := b.grant(o).print
	for i := o.slot; i != 0; {
		b.grants.give(i)
		i = b.grants.at(i).next
	}
	o.slot = print
	o.setState(s)
}
