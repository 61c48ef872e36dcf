package channels

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// append puts a message into the ordered log: one server with a constant service time takes movements first come, first served, so
// that the wait of one follows from that of the one before (Lindley's recursion). All channels read the same record of a movement, which
// then travels to each. Those of one SKU to one channel stay in order. It is when the message arrives.
func (m *Market) append(at time.Duration, it *item, c *cell, msg message, sku engines.SKU) time.Duration {
	if record := uint64(sku)<<32 | uint64(msg.seq); record != m.record {
		m.record = record
		m.free = max(m.free, float64(at)) + m.service
	}
	served := max(at, time.Duration(m.free))
	m.stats.LongestQueue = max(m.stats.LongestQueue, served-at)
	c.last = max(c.last, served+m.dice.exp(m.sync.Stream.Delay))
	msg.at = c.last
	it.box.push(msg)
	return msg.at
}
