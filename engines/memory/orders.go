package memory

import (
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
	outcomeBits  = 3
	reserveShift = 0 * outcomeBits
	sellShift    = 1 * outcomeBits
	stateShift   = 7 * outcomeBits
	chanShift    = stateShift + 3
	lowThree     = 7
)

// outcomeShift is where each order kind's outcome stands in order.bits: the kinds are dense but for those without an order. Every Kind has
// an entry, so that no bounds are checked.
var outcomeShift = [1 << 8]uint8{
	engines.Reserve: reserveShift, engines.Sell: sellShift, engines.Confirm: 2 * outcomeBits, engines.Release: 3 * outcomeBits,
	engines.Cancel: 4 * outcomeBits, engines.Ship: 5 * outcomeBits, engines.Expire: 6 * outcomeBits,
}

func (o *order) touched() bool { return o.bits != 0 }
func (o *order) state() engines.GrantState {
	return engines.GrantState(o.bits >> stateShift & lowThree)
}
func (o *order) channel() engines.Channel { return engines.Channel(o.bits >> chanShift) }
func (o *order) outcome(k engines.Kind) engines.Outcome {
	return engines.Outcome(o.bits >> (outcomeShift[k] % 32) & lowThree)
}

// asked says whether a Reserve or a Sell of the order has an outcome.
func (o *order) asked() bool { return o.bits&(lowThree<<reserveShift|lowThree<<sellShift) != 0 }

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
	o.bits |= uint32(out) << (outcomeShift[k] % 32)
}

// grant is an open order's, in one cache line. An order of more stock keys than fit has the rest in further grants.
type grant struct {
	deadline time.Duration // of a hold
	print    uint32        // what order.slot is when the order is closed
	next     uint32        // the grant that holds the rest, or 0
	units    [2]units
}

// units are those of one stock key in an open grant, with the version that taking them made. Without units there is no key.
type units struct {
	key   engines.Key
	qty   int32
	seq   uint32 // its lower half
	after int64
}

// filled are the units that g has: at least those of one key, in key order.
func (g *grant) filled() []units {
	if g.units[1].qty == 0 {
		return g.units[:1]
	}
	return g.units[:]
}

// version is the whole sequence number, which lies less than 2^32 below the key's last.
func (u *units) version(last uint64) uint64 { return last - uint64(uint32(last)-u.seq) }

const pageOrders = 1 << 16

// orders is every order that was ever named, by its number, and the grants of those that are open.
type orders struct {
	pages  []*[pageOrders]order
	grants slab
}

// page is the p-th page; none if no order on it was ever named.
func (b *orders) page(p int) []order {
	if b.pages[p] == nil {
		return nil
	}
	return b.pages[p][:]
}

// add makes the place of an order, and of those on its page.
func (b *orders) add(id engines.OrderID) *order {
	page := int(id / pageOrders)
	for len(b.pages) <= page {
		b.pages = append(b.pages, nil)
	}
	b.pages[page] = hugepage.New[[pageOrders]order]()
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

// grant is an order's grant while it is open, or nil.
func (b *orders) grant(o *order) *grant {
	if !o.state().Open() {
		return nil
	}
	return b.grants.at(o.slot)
}

// rest is the grant that holds what g has no room for, or nil.
func (b *orders) rest(g *grant) *grant {
	if g.next == 0 {
		return nil
	}
	return b.grants.at(g.next)
}

// extend gives g a rest.
func (b *orders) extend(g *grant) *grant {
	i, rest := b.grants.take()
	*rest = grant{}
	g.next = i
	return rest
}

// close ends an open order's grant; its units are forgotten.
func (b *orders) close(o *order) {
	g := b.grants.at(o.slot)
	b.grants.give(o.slot)
	o.slot = g.print
	for g.next != 0 {
		b.grants.give(g.next)
		g = b.grants.at(g.next)
	}
}
