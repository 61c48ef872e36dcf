package channels

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// Imports is when an order that a channel accepted reaches us: once or, as a duplicate with the same content and ID, a second time,
// not before the first (0: no second). One that was lost comes when orders are next reconciled, at the end of the day if no interval
// is stated. Orders fetched in batches come with the first batch after they were to be had.
func (m *Market) Imports(at time.Duration, ch engines.Channel, order engines.OrderID) (first, second time.Duration) {
	s := &m.sync.Imports
	m.dice.set(m.importKey^uint64(ch)<<56, uint64(order))
	loss, again := m.dice.pair()
	if loss < s.Loss {
		m.stats.ImportsLost++
		return m.reconciled(at), 0
	}
	arrives := at + m.dice.exp(s.Delay)
	first = batch(arrives, s.Every)
	if again < s.Duplicates {
		m.stats.ImportsDuplicated++
		second = max(1, batch(arrives+m.dice.exp(s.Delay), s.Every))
	}
	return first, second
}

// reconciled is when orders are next reconciled.
func (m *Market) reconciled(at time.Duration) time.Duration {
	every := m.sync.Imports.ReconcileEvery
	if every <= 0 {
		every = m.cfg.Scenario.Day
	}
	return (at/every + 1) * every
}

// batch rounds up to the interval at which orders are fetched.
func batch(at, every time.Duration) time.Duration {
	if every <= 0 {
		return at
	}
	return (at + every - 1) / every * every
}
