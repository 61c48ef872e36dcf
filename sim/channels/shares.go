package channels

import (
	"cmp"
	"slices"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// whole is a share of 1. Units times whole must fit 63 bits: five hundred milliard units.
const whole = 1 << 24

// divide adds units to the displays of channels with a share: whole units first, and then one each to whoever is the furthest below
// its share, so that a hundred returns of one unit don't all go to the largest. What no channel has a share of goes to nobody.
func (m *Market) divide(cells []cell, units int64) {
	shared := m.of[allocated]
	if len(shared) == 0 {
		return
	}
	left, nobody := units, units*whole // nobody's credit is what the others' lack to the whole
	for _, slot := range shared {
		c := &cells[slot]
		nobody -= c.credit + units*m.links[slot].weight
		c.credit += units * m.links[slot].weight
		left -= c.grant(min(max(0, c.credit/whole), left))
	}
	kept := min(max(0, nobody/whole), left)
	left, nobody = left-kept, nobody-kept*whole
	for ; left > 0; left-- {
		most := slices.MaxFunc(shared, func(a, b int) int { return cmp.Compare(cells[a].credit, cells[b].credit) })
		if nobody > cells[most].credit {
			nobody -= whole
		} else {
			cells[most].grant(1)
		}
	}
}

// grant gives so many units to the display, and returns how many.
func (c *cell) grant(units int64) int64 {
	c.shown += units
	c.credit -= units * whole
	return units
}

// shares is what all channels with a share display together.
func (m *Market) shares(cells []cell) int64 {
	sum := int64(0)
	for _, slot := range m.of[allocated] {
		sum += cells[slot].shown
	}
	return sum
}

// reachRound passes the times at which somebody redistributes by hand.
func (m *Market) reachRound() {
	a := &m.sync.Allocated
	for a.Redistribute == scenarios.Manually && m.round < len(a.At) && m.now >= a.At[m.round] {
		m.round++
	}
}

// redistribute divides anew what was available at the last round, if this SKU has not had it yet. What channels have sold and not
// told us is divided with the rest: it is erased from their displays.
func (m *Market) redistribute(it *item, cells []cell) {
	if int(it.round) == m.round {
		return
	}
	it.round = int32(m.round)
	var before [len(m.slots)]int64
	for i, slot := range m.of[allocated] {
		c := &cells[slot]
		before[i], c.credit = c.shown, 0
		m.stats.ErasedUnits += c.overwrite(0, c.booked)
	}
	m.divide(cells, max(0, it.available))
	for i, slot := range m.of[allocated] {
		m.stats.RedistributedUnits += max(0, cells[slot].shown-before[i])
	}
}

// ranDry gives a channel that displays nothing half of what the channel has that is the furthest above its share of what is left.
// The units are taken there before they are displayed here.
func (m *Market) ranDry(slot int, c *cell, sku engines.SKU) {
	if c.shown > 0 || m.links[slot].kind != allocated || m.sync.Allocated.Redistribute != scenarios.ByRule {
		return
	}
	cells := m.cellsOf(sku)
	left := m.shares(cells)
	var donor *cell
	most := int64(0)
	for _, other := range m.of[allocated] {
		if above := cells[other].shown*whole - left*m.links[other].weight; above > most {
			donor, most = &cells[other], above
		}
	}
	if donor == nil || donor == c {
		return
	}
	n := (donor.shown + 1) / 2
	donor.shown -= n
	c.shown += n
	m.stats.RedistributedUnits += n
}
