package channels

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// snapshot gives every polled channel what was available at the last tick, if it has not had it yet. Nothing has happened to the SKU
// since, or it would have had it then. A snapshot is taken and displayed at once, before anything else at that time.
func (m *Market) snapshot(it *item, cells []cell, sku engines.SKU) {
	if it.tick == m.tick {
		return
	}
	it.tick = m.tick
	at := time.Duration(m.tick) * m.sync.Polling.Every
	for _, slot := range m.of[polling] {
		c := &cells[slot]
		shown, held := m.target(at, it, &m.links[slot], sku)
		m.stats.ErasedUnits += c.overwrite(shown, c.booked)
		c.held = held
	}
}
