package vtime

import (
	"math"
	"time"
)

// Lane is a queue for events that come due in the order in which they are pushed, so it needs no sorting: the first lies open, the others in a
// ring behind it.
type Lane struct {
	s     *Scheduler
	delay time.Duration
	head  item // at never, if the lane is empty
	rest  Ring[item]
}

const never = time.Duration(math.MaxInt64)

// NewLane makes a lane. There should be few: all are looked at when one has given its first event.
func (s *Scheduler) NewLane(delay time.Duration) *Lane {
	l := &Lane{s: s, delay: delay, head: item{at: never}}
	s.lanes = append(s.lanes, l)
	if s.lane == nil {
		s.lane = l
	}
	return l
}

// Push schedules ev at now + the lane's delay.
func (l *Lane) Push(ev Event) { l.PushAt(l.s.now+l.delay, ev) }

// PushAt schedules ev at a time that is not before that of any event in the lane.
func (l *Lane) PushAt(at time.Duration, ev Event) {
	s := l.s
	s.seq++
	it := item{max(at, s.now), s.seq, ev}
	if l.head.at != never {
		l.rest.Push(it)
		return
	}
	l.head = it
	if it.before(&s.lane.head) {
		s.lane = l
	}
}

// Len is how many events are in the lane.
func (l *Lane) Len() int {
	if l.head.at == never {
		return 0
	}
	return 1 + l.rest.Len()
}

// At is the event that i others come before; there must be one.
func (l *Lane) At(i int) Event {
	if i == 0 {
		return l.head.ev
	}
	return l.rest.At(i - 1).ev
}

// pop removes the first event; there must be one.
func (l *Lane) pop() item {
	it := l.head
	if l.rest.size > 0 {
		l.head = l.rest.Pop()
	} else {
		l.head.at = never
	}
	return it
}

// popLane takes the first event of all lanes; there must be one.
func (s *Scheduler) popLane() item {
	it := s.lane.pop()
	for _, l := range s.lanes {
		if l.head.before(&s.lane.head) {
			s.lane = l
		}
	}
	return it
}
