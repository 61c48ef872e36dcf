package channels

import "time"

// Stats counts what happened between us and the channels.
type Stats struct {
	Pushes     int64 // quantities sent: messages, and each SKU of each snapshot
	Lost       int64 // of these, also those that nobody listened to
	Duplicated int64 // came twice
	OutOfOrder int64 // absolute quantities that overwrote a newer one
	Disabled   int64 // receivers that stopped listening
	Enabled    int64 // and that listen again
	NeverShown int64 // movements that some channel has not displayed

	ErasedUnits        int64 // channels' own sales that an absolute quantity put back on offer, before its sender knew of them
	RedistributedUnits int64 // that a channel's share gained from others
	ImportsLost        int64 // orders found by reconciliation
	ImportsDuplicated  int64
	LongestQueue       time.Duration // of the ordered log
}

// Stats are those of the time of the latest call; arrivals are counted when somebody looks, so Settle first.
func (m *Market) Stats() Stats {
	s := m.stats
	s.Pushes += m.tick * int64(len(m.items)) * int64(len(m.of[polling]))
	for i := range m.items {
		s.NeverShown += int64(m.items[i].unseen.len())
	}
	return s
}
