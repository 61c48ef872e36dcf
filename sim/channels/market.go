package channels

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// Synced says whether a channel promises by itself: a marketplace that does not ask the engine.
func (m *Market) Synced(ch engines.Channel) bool { return m.slots[ch] >= 0 }

// Displayed is how many units of a SKU a channel offers, at least 0. One that asks the engine offers what is available.
func (m *Market) Displayed(at time.Duration, ch engines.Channel, sku engines.SKU) int64 {
	at = m.reach(at)
	slot := m.slots[ch]
	if slot < 0 {
		return max(0, m.items[sku].available)
	}
	return max(0, m.look(at, int(slot), sku).shown)
}

// Refusal is why a marketplace did not promise.
type Refusal uint8

// The refusals.
const (
	NotRefused   Refusal = iota
	NotDisplayed         // it displayed too little
	BehindBuffer         // it would have displayed enough without what its buffer held back when it was last told
	OtherShare           // other channels' shares had the units
)

var refusalNames = [...]string{"", "not displayed", "buffer", "other share"}

// String is the refusal in words; empty for NotRefused.
func (r Refusal) String() string { return refusalNames[r] }

// Accept is a customer's order on a marketplace that is Synced, its lines summed by SKU. The marketplace promises it if it displays
// enough for every line, and takes the units off its display; else nothing happens, and the first line that fell short says why.
func (m *Market) Accept(at time.Duration, ch engines.Channel, lines []engines.Line) (promised bool, why Refusal) {
	at = m.reach(at)
	slot := int(m.slots[ch])
	for _, l := range lines {
		if c := m.look(at, slot, l.SKU); c.shown < int64(l.Qty) {
			return false, m.refuse(slot, c, l)
		}
	}
	for _, l := range lines {
		c := &m.cellsOf(l.SKU)[slot]
		c.shown -= int64(l.Qty)
		c.accepted += uint32(l.Qty)
		m.ranDry(slot, c, l.SKU)
	}
	return true, NotRefused
}

func (m *Market) refuse(slot int, c *cell, l engines.Line) Refusal {
	if m.links[slot].kind == allocated {
		elsewhere := m.shares(m.cellsOf(l.SKU)) >= int64(l.Qty)
		m.ranDry(slot, c, l.SKU)
		if elsewhere {
			return OtherShare
		}
		return NotDisplayed
	}
	if c.shown+c.held >= int64(l.Qty) {
		return BehindBuffer
	}
	return NotDisplayed
}

// Moved is a movement that left so many units of a SKU that any channel may sell. By is the channel whose own accepted order was
// booked, so that its display knows already, and change is then minus the order's units; else by is NoChannel, and change says nothing
// that available doesn't. Only a sale is somebody's own: when an order is cancelled, its channel hears of it as all do.
// Movements of a SKU come in the order in which the engine made them, and those that leave available as it was needn't come.
func (m *Market) Moved(at time.Duration, sku engines.SKU, available, change int64, by engines.Channel) {
	at = m.reach(at)
	it, cells := &m.items[sku], m.cellsOf(sku)
	m.arrive(at, it, cells, sku)
	it.available = available
	it.seq++
	if slot := m.slots[by]; slot >= 0 && change < 0 {
		cells[slot].book(-change)
	}
	m.spread(at, it, cells, sku)
}

// Refused is an accepted order that was imported and refused: no movement will book it, though its channel has taken the units
// off its display. Deltas make up for that at once; an absolute quantity does when it comes.
func (m *Market) Refused(at time.Duration, ch engines.Channel, lines []engines.Line) {
	at = m.reach(at)
	slot := int(m.slots[ch])
	for _, l := range lines {
		c := m.look(at, slot, l.SKU)
		c.book(int64(l.Qty))
		if k := m.links[slot].kind; m.delta && (k == webhook || k == ordered) {
			it := &m.items[l.SKU]
			it.seq++
			m.tell(at, slot, it, m.cellsOf(l.SKU), l.SKU)
		}
	}
}

// Received is supply from outside, a receipt or a return: channels with a share gain their share of it. It comes in addition to Moved.
func (m *Market) Received(at time.Duration, sku engines.SKU, units int64) {
	m.reach(at)
	if cells := m.cellsOf(sku); units > 0 {
		m.redistribute(&m.items[sku], cells)
		m.divide(cells, units)
	}
}

// Settle lets everything arrive that is due by a time, on every channel. Afterwards Stats and the latencies are those of that time.
func (m *Market) Settle(at time.Duration) {
	at = m.reach(at)
	for sku := range m.items {
		m.arrive(at, &m.items[sku], m.cellsOf(engines.SKU(sku)), engines.SKU(sku))
	}
	for i := range m.links {
		m.hear(at, &m.links[i])
	}
}

func (m *Market) cellsOf(sku engines.SKU) []cell {
	n := len(m.links)
	return m.cells[int(sku)*n : int(sku)*n+n]
}

// reach lets the clock come to a time, and says what time it is then.
func (m *Market) reach(at time.Duration) time.Duration {
	m.now = max(m.now, at)
	if len(m.of[polling]) > 0 && m.now >= m.nextTick {
		m.tick = int64(m.now / m.sync.Polling.Every)
		m.nextTick = time.Duration(m.tick+1) * m.sync.Polling.Every
	}
	if len(m.of[allocated]) > 0 {
		m.reachRound()
	}
	return m.now
}

// look lets happen what is due on one channel, and is its cell.
func (m *Market) look(at time.Duration, slot int, sku engines.SKU) *cell {
	it, cells := &m.items[sku], m.cellsOf(sku)
	switch m.links[slot].kind {
	case polling:
		m.snapshot(it, cells, sku)
	case allocated:
		m.redistribute(it, cells)
	default:
		m.deliver(at, it, cells)
	}
	return &cells[slot]
}
