package vtime

import "time"

// A driver on the wall clock uses a Scheduler without Go: it keeps events in order, and the driver says how late it is.

// NextAt is when the earliest event is due; false if there is none.
func (s *Scheduler) NextAt() (time.Duration, bool) {
	var best *item
	if len(s.soon) > 0 {
		best = &s.soon[0]
	}
	if it := s.queue.min(); it != nil && (best == nil || it.before(best)) {
		best = it
	}
	if s.lane != nil && s.lane.head.at != never && (best == nil || s.lane.head.before(best)) {
		best = &s.lane.head
	}
	if best == nil {
		return 0, false
	}
	return best.at, true
}

// PopDue removes the earliest event that is due by t, and moves the clock to its time, which may lie behind t.
func (s *Scheduler) PopDue(t time.Duration) (Event, bool) {
	if at, ok := s.NextAt(); !ok || at > t {
		return Event{}, false
	}
	it, _ := s.pop()
	s.now = max(s.now, it.at)
	s.events++
	return it.ev, true
}

// Advance moves the clock on to t; nothing may be due before it.
func (s *Scheduler) Advance(t time.Duration) { s.now = max(s.now, t) }
