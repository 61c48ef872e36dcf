package channels

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// never is later than every time.
const never = time.Duration(1<<63 - 1)

// arrive lets happen what is due of a SKU.
func (m *Market) arrive(at time.Duration, it *item, cells []cell, sku engines.SKU) {
	m.snapshot(it, cells, sku)
	m.redistribute(it, cells)
	m.deliver(at, it, cells)
}

// spread tells every channel of a movement, and notes how long that takes.
func (m *Market) spread(at time.Duration, it *item, cells []cell, sku engines.SKU) {
	latest := at
	if len(m.of[polling]) > 0 {
		latest = m.nextTick
	}
	for _, slot := range m.of[ordered] {
		latest = max(latest, m.tell(at, slot, it, cells, sku))
	}
	for _, slot := range m.of[webhook] {
		if arrives := m.tell(at, slot, it, cells, sku); m.delta {
			latest = max(latest, arrives)
		}
	}
	switch {
	case latest == never:
		m.stats.NeverShown++
	case len(m.of[webhook]) > 0 && !m.delta:
		it.unseen.push(glimpse{at, latest})
	case len(m.links) > len(m.of[allocated]):
		m.latency.record(at, latest)
	}
}

// target is what a channel shall display of what is available, and what its buffer holds back.
func (m *Market) target(at time.Duration, it *item, l *link, sku engines.SKU) (shown, held int64) {
	available := max(0, it.available)
	if m.cfg.Buffer == nil {
		return available, 0
	}
	buffer := m.cfg.Buffer(at, l.channel, sku, m.lag(at, l.kind))
	shown = max(0, available-max(0, buffer))
	return shown, available - shown
}

// lag is a channel's mean delay at a time.
func (m *Market) lag(at time.Duration, k kind) time.Duration {
	switch k {
	case polling:
		return m.sync.Polling.Every
	case webhook:
		return m.sync.Webhook.Delay
	default:
		return m.sync.Stream.Delay + max(0, time.Duration(m.free)-at)
	}
}

// tell sends one channel what it shall display, and is when that arrives: at once where there is nothing to tell, never where it
// is lost.
func (m *Market) tell(at time.Duration, slot int, it *item, cells []cell, sku engines.SKU) time.Duration {
	l, c := &m.links[slot], &cells[slot]
	msg := message{seq: it.seq, booked: c.booked, slot: uint8(slot)}
	msg.value, c.held = m.target(at, it, l, sku)
	if m.delta {
		msg.value, c.told = msg.value-c.told, msg.value
		if msg.value == 0 {
			return at
		}
	}
	m.stats.Pushes++
	m.dice.set(l.key, uint64(sku)<<32|uint64(msg.seq))
	if l.kind == ordered {
		return m.append(at, it, c, msg, sku)
	}
	return m.post(at, it, l, msg)
}

// deliver lets the channels apply what has arrived of a SKU, in the order of arrival.
func (m *Market) deliver(at time.Duration, it *item, cells []cell) {
	for len(it.box) > 0 && it.box[0].at <= at {
		msg := it.box.pop()
		c := &cells[msg.slot]
		if m.delta {
			c.shown += msg.value
			continue
		}
		m.stats.ErasedUnits += c.overwrite(msg.value, msg.booked)
		switch oldest := it.seq - uint32(it.unseen.len()) + 1; {
		case msg.seq < c.seen:
			m.stats.OutOfOrder++
		case c.seen >= oldest: // which waits for another channel
			c.seen = msg.seq
		default:
			c.seen = msg.seq
			m.settle(msg.at, it, cells)
		}
	}
}

// settle measures the movements that have now come to every webhook.
func (m *Market) settle(at time.Duration, it *item, cells []cell) {
	all := it.seq
	for _, slot := range m.of[webhook] {
		all = min(all, cells[slot].seen)
	}
	for newer := int(it.seq - all); it.unseen.len() > newer; {
		g := it.unseen.pop()
		m.latency.record(g.at, max(g.latest, at))
	}
}

// overwrite sets the display to an absolute quantity whose sender knew of so many of the channel's own sales. It is how many of
// them, made since the last such quantity came, it puts back on offer.
func (c *cell) overwrite(quantity int64, booked uint32) int64 {
	erased := int64(c.accepted) - int64(max(booked, c.mark))
	c.shown, c.mark = quantity, c.accepted
	return max(0, erased)
}

// book notes units of the channel's own sales of which we have heard.
func (c *cell) book(units int64) {
	c.booked += uint32(units)
	c.told -= units
}
