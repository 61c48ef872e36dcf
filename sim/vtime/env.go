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

// Begin says that the running coroutine now works on an operation.
func (e *Env) Begin(op engines.OpID) {
	p := e.s.cur
	p.op, p.draws, p.steps = mix(e.seed^mix(uint64(op))), 0, 0
}

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
	if turn := e.storage.rowTurn(e.s.now, writes); turn > e.s.now {
		if err := e.s.sleepUntil(turn); err != nil {
			return err
		}
	}
	p := e.s.cur
	p.steps++
	done := e.storage.serve(e.s.now, e.service(p))
	return e.s.sleepUntil(done + e.pause(p))
}

func (e *Env) service(p *proc) time.Duration {
	if e.storage.constant {
		return e.storage.service
	}
	p.draws++
	return time.Duration(e.draw.exponential(p.op, p.draws) * float64(e.storage.service))
}

// pause is how long a fault holds p up at the end of this round trip.
func (e *Env) pause(p *proc) time.Duration {
	if e.pauses.Share == 0 || p.steps > 3 {
		return 0
	}
	h := mix(p.op ^ 0x7061757365)
	if fraction(h) >= e.pauses.Share || int(h%3)+1 != p.steps {
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
