// Package vtime is simulated time: a clock that jumps from event to event, coroutines for what blocks, locks that may be
// held across a wait, and storage that has a capacity. A run depends on its seed only.
//
// What happens at a time and is over at once is a typed Event, handled by a function. An operation inside an engine is a
// coroutine, unless it is known beforehand to be one round trip (two in five are), whose end is an event too. A coroutine
// that waits runs the event loop itself, on its own stack, and gives way only when another one is due: most waits cost no
// switch at all.
package vtime

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"time"
)

// ErrStopped is what every wait returns once the run is over or cancelled.
var ErrStopped = errors.New("simulated time has stopped")

// Event is a typed event: its meaning is its handler's.
type Event struct {
	Kind uint32
	A    uint32
	B    uint64
}

// wakeKind marks the scheduler's own events: A is the coroutine, B the wait that it should end.
const wakeKind = ^uint32(0)

// Scheduler is the clock. It is used by one goroutine at a time.
type Scheduler struct {
	// Handle receives every event that was scheduled, at its time.
	Handle func(Event)
	// Run is an operation: it runs as a coroutine, and may wait. slot is what Spawn was given.
	Run func(slot uint32)
	// Trip, if there is one, is asked before Run whether it has begun an operation that needs no coroutine, since all that it waits for is events.
	Trip func(slot uint32) bool
	// Ahead, if there is one, is told each event once more, about a tenth of a second before it happens: to have at hand what it is about.
	Ahead func(Event)
	// NoInPlace makes every wait pass through the queue: for the test that this changes nothing.
	NoInPlace bool

	now   time.Duration
	seq   uint64
	queue queue
	soon  heap // when round trips end: as few as they are, they need no wheel
	lanes []*Lane
	lane  *Lane // the one whose first event comes first; nil if there are no lanes
	ready Ring[due]

	procs   []*proc
	idle    []*proc
	cur     *proc
	next    *proc // who goes on when a coroutine yields; nil: nobody, the run is over
	err     error
	stopped bool
	ctx     context.Context
	ticks   uint
	events  int64
}

// due is what happens before the clock moves on: a coroutine that goes on, or one that starts in a slot.
type due struct {
	proc uint32 // its number + 1; 0 if one is to be started
	slot uint32
}

// proc is a pooled coroutine.
type proc struct {
	id     uint32
	slot   uint32
	wait   uint64 // counts waits, so that a wake-up that comes too late is recognised
	resume func() (struct{}, bool)
	stop   func()
	yield  func(struct{}) bool
	nested bool // it was resumed and has not yielded since: it runs, or waits for one that it resumed

	timedOut bool // its wait ended because its time was over

	// For Env: what it works on, and the list that it waits in.
	work
	inFront *proc
	behind  *proc
}

// Now is the time since the start of the day.
func (s *Scheduler) Now() time.Duration { return s.now }

// Events counts the events handled so far, wake-ups included.
func (s *Scheduler) Events() int64 { return s.events }

// Coroutines is the number of coroutines ever needed at once.
func (s *Scheduler) Coroutines() int { return len(s.procs) }

// At schedules ev; a time that has passed is now.
func (s *Scheduler) At(at time.Duration, ev Event) {
	s.seq++
	s.queue.push(item{max(at, s.now), s.seq, ev})
}

// Soon is At for what happens within some round trips.
func (s *Scheduler) Soon(at time.Duration, ev Event) {
	s.seq++
	s.soon.push(item{max(at, s.now), s.seq, ev})
}

// Spawn begins an operation, by Trip or else by Run as a coroutine, at this time, after what is running now has come to wait.
func (s *Scheduler) Spawn(slot uint32) { s.ready.Push(due{slot: slot}) }

// Go runs until nothing is left to happen, the context is cancelled or an operation panics. Coroutines that still wait are ended:
// their waits return ErrStopped.
func (s *Scheduler) Go(ctx context.Context) error {
	s.ctx, s.queue.ahead = ctx, s.Ahead
	for p := s.loop(nil); p != nil; {
		p = s.resume(p)
	}
	s.stopped = true
	for _, p := range s.procs {
		s.cur = p
		p.stop()
	}
	return s.err
}

// loop handles events until a coroutine is due, and returns it; nil when the run is over.
// self is the coroutine on whose stack it runs, nil on the hub's.
func (s *Scheduler) loop(self *proc) *proc {
	for {
		if s.err != nil || s.cancelled() {
			return nil
		}
		if s.ready.size > 0 {
			d := s.ready.Pop()
			if d.proc != 0 {
				return s.procs[d.proc-1]
			}
			if s.Trip != nil && s.Trip(d.slot) {
				continue
			}
			return s.start(d.slot, self)
		}
		it, ok := s.pop()
		if !ok {
			return nil
		}
		if it.ev.Kind != wakeKind {
			s.now = it.at
			s.events++
			s.Handle(it.ev)
			continue
		}
		if p := s.procs[it.ev.A]; p.wait == it.ev.B { // else it was woken before
			s.now = it.at
			s.events++
			p.timedOut = true
			return p
		}
	}
}

// start picks the coroutine for a new operation: the one that runs the loop, if it has nothing to do.
func (s *Scheduler) start(slot uint32, self *proc) *proc {
	p := self
	if p == nil || !p.free() {
		p = s.takeIdle()
	}
	p.slot = slot
	return p
}

// cancelled looks at the context once in a while: it takes a lock.
func (s *Scheduler) cancelled() bool {
	if s.ticks++; s.ticks%1024 == 0 {
		s.err = s.ctx.Err()
	}
	return s.err != nil
}

// pop takes the earliest event.
func (s *Scheduler) pop() (item, bool) {
	best := s.queue.min()
	lane := s.lane != nil && s.lane.head.at != never && (best == nil || s.lane.head.before(best))
	if lane {
		best = &s.lane.head
	}
	switch {
	case len(s.soon) > 0 && (best == nil || s.soon[0].before(best)):
		return s.soon.pop(), true
	case best == nil:
		return item{}, false
	case lane:
		return s.popLane(), true
	}
	return s.queue.pop(), true
}

// quietUntil says that nothing happens up to and including t, so that the clock can be moved there at once.
func (s *Scheduler) quietUntil(t time.Duration) bool {
	if s.ready.size > 0 || len(s.soon) > 0 && s.soon[0].at <= t || s.lane != nil && s.lane.head.at <= t || s.NoInPlace || s.err != nil {
		return false
	}
	it := s.queue.min()
	return it == nil || it.at > t
}

// Skip moves the clock to t at once, if nothing happens until then.
func (s *Scheduler) Skip(t time.Duration) bool {
	if !s.quietUntil(t) {
		return false
	}
	s.now = t
	return true
}

// sleepUntil lets the running coroutine wait for a time.
func (s *Scheduler) sleepUntil(t time.Duration) error {
	switch {
	case s.stopped:
		return ErrStopped
	case s.Skip(t):
		return nil
	}
	s.Soon(t, s.cur.wakeUp())
	return s.pause()
}

// wakeUp ends p's coming wait.
func (p *proc) wakeUp() Event { return Event{Kind: wakeKind, A: p.id, B: p.wait} }

// pause lets the running coroutine wait until something resumes it.
func (s *Scheduler) pause() error {
	if s.stopped {
		return ErrStopped
	}
	p := s.cur
	p.timedOut = false
	on := s.handOver(p, s.loop(p))
	p.wait++
	if !on {
		return ErrStopped
	}
	s.cur = p
	return nil
}

// resume lets p run until it yields, and is who goes on then.
func (s *Scheduler) resume(p *proc) *proc {
	p.nested, s.next = true, nil
	p.resume()
	p.nested = false
	return s.next
}

// handOver lets q go on instead of p, until p is to go on. It is false if the run is over.
// Coroutines resume one another: p resumes q itself and waits below it, unless q is one of those that wait below p, or q is nil; then p yields to
// whom it was resumed by, who does the same. Most hand-overs are one switch, where a hub in the middle would make each two.
func (s *Scheduler) handOver(p, q *proc) bool {
	for q != p {
		if q != nil && !q.nested {
			q = s.resume(q)
			continue
		}
		s.next = q
		return p.yield(struct{}{})
	}
	return true
}

// wake resumes a waiting coroutine before the clock moves on.
func (s *Scheduler) wake(p *proc) { s.ready.Push(due{proc: p.id + 1}) }

const noSlot = ^uint32(0)

func (p *proc) free() bool { return p.slot == noSlot }

func (s *Scheduler) takeIdle() *proc {
	if n := len(s.idle); n > 0 {
		p := s.idle[n-1]
		s.idle = s.idle[:n-1]
		return p
	}
	p := &proc{id: uint32(len(s.procs)), slot: noSlot}
	s.procs = append(s.procs, p)
	p.resume, p.stop = iter.Pull(func(yield func(struct{}) bool) {
		p.yield = yield
		s.work(p)
	})
	return p
}

// work is a coroutine's life: an operation, then the event loop until the next one. A panic of an operation is caught here, where the
// strategy's stack still is.
func (s *Scheduler) work(p *proc) {
	defer func() {
		if r := recover(); r != nil && s.err == nil {
			s.err = fmt.Errorf("an operation panicked at %v: %v\n%s", s.now, r, debug.Stack())
		}
	}()
	for p.slot != noSlot {
		s.cur = p
		s.Run(p.slot)
		p.slot = noSlot
		if s.stopped {
			return
		}
		if q := s.loop(p); q != p {
			s.idle = append(s.idle, p)
			if !s.handOver(p, q) {
				return
			}
		}
	}
}
