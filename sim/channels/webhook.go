package channels

import "time"

// post sends a webhook once the channel takes another one: it may be lost, or come twice, the second time late. It is when it arrives first.
func (m *Market) post(at time.Duration, it *item, l *link, msg message) time.Duration {
	w := &m.sync.Webhook
	m.hear(at, l)
	loss, second := m.dice.pair()
	at = l.turn(at, m.pause)
	if l.deaf || loss < w.Loss {
		m.lose(at, l)
		return never
	}
	l.lostInRow = 0
	msg.at = at + m.dice.exp(w.Delay)
	it.box.push(msg)
	first := msg.at
	if second < w.Duplicates {
		m.stats.Duplicated++
		if !m.delta { // a change is known by its ID, and not made twice
			msg.at += m.dice.exp(w.Delay)
			it.box.push(msg)
		}
	}
	return first
}

// turn is when a throttled channel takes the next message: each takes its place in line, and the line moves at a constant pace.
func (l *link) turn(at time.Duration, pause float64) time.Duration {
	if pause == 0 {
		return at
	}
	l.free = max(l.free, float64(at))
	sent := max(at, time.Duration(l.free))
	l.free += pause
	return sent
}

// lose counts a message that doesn't arrive. After too many in a row the receiver stops listening.
func (m *Market) lose(at time.Duration, l *link) {
	m.stats.Lost++
	l.lostInRow++
	if n := m.sync.Webhook.DisabledAfter; n > 0 && !l.deaf && l.lostInRow >= n {
		m.stats.Disabled++
		l.deaf, l.deafUntil = true, at+m.sync.Webhook.EnabledAfter
	}
}

// hear lets a receiver listen again whose time is over. Nobody sends again what it has missed.
func (m *Market) hear(at time.Duration, l *link) {
	if l.deaf && at >= l.deafUntil {
		m.stats.Enabled++
		l.deaf, l.lostInRow = false, 0
	}
}
