package vtime

import "time"

// Lane is a queue for events that come due in the order in which they are pushed, so it is a ring and needs no sorting.
type Lane struct {
	s     *Scheduler
	delay time.Duration
	ring  Ring[item]
	head  *item // the first of the ring, or nil
}

// NewLane makes a lane. There should be few: each is looked at for every event.
func (s *Scheduler) NewLane(delay time.Duration) *Lane {
	l := &Lane{s: s, delay: delay}
	s.lanes = append(s.lanes, l)
	return l
}

// Push schedules ev at now + the lane's delay.
func (l *Lane) Push(ev Event) { l.PushAt(l.s.now+l.delay, ev) }

// PushAt schedules ev at a time that is not before that of any event in the lane.
func (l *Lane) PushAt(at time.Duration, ev Event) {
	l.s.seq++
	l.ring.Push(item{max(at, l.s.now), l.s.seq, ev})
	if l.head == nil {
		l.head = l.ring.Peek()
	}
}

func (l *Lane) pop() item {
	it := l.ring.Pop()
	l.head = nil
	if l.ring.size > 0 {
		l.head = l.ring.Peek()
	}
	return it
}
