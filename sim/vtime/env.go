package vtime

import (
	"context"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// Env is the simulated world of an engine in memory.
type Env struct {
	s       *Scheduler
	storage *storage
	locks   []*lock
	handoff Handoff
	pauses  Pauses
	draw    draw
	seed    uint64
	counts  [engines.CounterCount]int64
	paused  int64
}

var _ engines.Env = (*Env)(nil)

// Pauses is an injected fault: a share of operations stand still once, at the end of one of their first three round trips, as
// a machine does in a long garbage collection.
type Pauses struct {
	Share float64
	For   time.Duration
}

// NewEnv makes a world with the given storage. All random figures in it depend on seed, the operation and how often
// the operation has drawn before; never on what other operations do.
func NewEnv(s *Scheduler, seed uint64, st Storage, p Pauses) *Env {
	e := &Env{s: s, storage: newStorage(st), handoff: st.Handoff, pauses: p, seed: seed}
	e.draw.init()
	return e
}

// work is an operation, as far as the world goes: of it and of nothing else depends what is drawn for it.
type work struct {
	op    uint64 // its ID, scrambled
	draws uint64 // so far
	steps int    // so far
}

func (e *Env) workOn(op engines.OpID) work { return work{op: mix(e.seed ^ mix(uint64(op)))} }

// Begin says that the running coroutine now works on an operation.
func (e *Env) Begin(op engines.OpID) { e.s.cur.work = e.workOn(op) }

// Counts returns the counters of contention.
func (e *Env) Counts() [engines.CounterCount]int64 { return e.counts }

// Paused is how many operations were paused.
func (e *Env) Paused() int64 { return e.paused }

// BusyTime is how long storage servers have worked so far, summed over servers.
func (e *Env) BusyTime() time.Duration { return e.storage.busy }

// Now is simulated time.
func (e *Env) Now() time.Duration { return e.s.now }

// Step waits for the rows that it writes, for a server, for the service and for the network.
func (e *Env) Step(_ context.Context, writes ...engines.Key) error {
	if turn := e.Turn(writes); turn > e.s.now {
		if err := e.s.sleepUntil(turn); err != nil {
			return err
		}
	}
	return e.s.sleepUntil(e.serve(&e.s.cur.work))
}

// Turn is the first half of a Step for who waits by an event: when the rows that it writes are reached.
func (e *Env) Turn(writes []engines.Key) time.Duration { return e.storage.rowTurn(e.s.now, writes) }

// Trip is the second half: when the round trip of an operation that has no other is over. It begins now.
func (e *Env) Trip(op engines.OpID) time.Duration {
	w := e.workOn(op)
	return e.serve(&w)
}

// serve is when a round trip that comes to the servers now is over.
func (e *Env) serve(w *work) time.Duration {
	w.steps++
	return e.storage.serve(e.s.now, e.service(w)) + e.pause(w)
}

func (e *Env) service(w *work) time.Duration {
	if e.storage.constant {
		return e.storage.service
	}
	w.draws++
	return time.Duration(e.draw.exponential(w.op, w.draws) * float64(e.storage.service))
}

// pause is how long a fault holds an operation up at the end of this round trip.
func (e *Env) pause(w *work) time.Duration {
	if e.pauses.Share == 0 || w.steps > 3 {
		return 0
	}
	h := mix(w.op ^ 0x7061757365)
	if fraction(h) >= e.pauses.Share || int(h%3)+1 != w.steps {
		return 0
	}
	e.paused++
	return e.pauses.For
}

// Sleep waits.
func (e *Env) Sleep(_ context.Context, d time.Duration) error { return e.s.sleepUntil(e.s.now + d) }

// Jitter is a random fraction.
func (e *Env) Jitter() float64 {
	p := e.s.cur
	p.draws++
	return fraction(mix(p.op + p.draws*golden))
}

// Count adds to a counter.
func (e *Env) Count(c engines.Counter, n int) { e.counts[c] += int64(n) }
