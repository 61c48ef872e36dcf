package enginetest

import (
	"context"
	"sync"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/vtime"
)

// World is where an engine is tried: with real goroutines, or in simulated time.
type World interface {
	// Open opens spec's engine with stock and calls f with it.
	Open(t TB, spec engines.Spec, o Options, f func(h *House))
}

// Options are how an engine is opened.
type Options struct {
	Opening []int64
	Tuning  engines.Tuning
	Tap     func(engines.Env) engines.Env // puts itself between the engine and its world; nil: nothing does
}

// shares are those of the three channels of every House.
var shares = []float64{0.5, 0.3, 0.2}

func (o Options) setup(env engines.Env) engines.Setup {
	if o.Tap != nil && env != nil {
		env = o.Tap(env)
	}
	return engines.Setup{Env: env, Shares: shares, Tuning: o.Tuning}
}

// open opens the engine, or reports why not.
func (o Options) open(h *House, env engines.Env) bool {
	e, err := h.Spec.Open(context.Background(), o.setup(env))
	if err == nil {
		err = e.Reset(context.Background(), o.Opening)
	}
	if err != nil {
		h.Errorf("open %s: %v", h.Spec.Name, err)
		return false
	}
	h.engine = e
	return true
}

// Goroutines is the world of real time. newEnv makes the Env of an engine in memory; nil for engines that have servers.
func Goroutines(newEnv func() engines.Env) World { return goroutines{newEnv} }

type goroutines struct{ newEnv func() engines.Env }

func (w goroutines) Open(t TB, spec engines.Spec, o Options, f func(h *House)) {
	t.Helper()
	start := time.Now()
	h := &House{
		TB: t, Spec: spec, begin: func(engines.OpID) {}, AtOnce: together, cancels: true,
		now: func() time.Duration { return time.Since(start) },
	}
	var env engines.Env
	if w.newEnv != nil {
		env = w.newEnv()
	}
	if o.open(h, env) {
		f(h)
		h.close()
	}
}

func together(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { f(i) })
	}
	all.Wait()
}

// Virtual is simulated time, over storage of ordinary speed. The same seed gives the same interleavings.
func Virtual(seed uint64) World { return virtual{seed: seed} }

type virtual struct {
	seed   uint64
	pauses vtime.Pauses
}

// VirtualWithPauses is Virtual, with a share of operations paused between two round trips.
func VirtualWithPauses(seed uint64, share float64, d time.Duration) World {
	return virtual{seed: seed, pauses: vtime.Pauses{Share: share, For: d}}
}

var ordinary = vtime.Storage{RTT: 500 * time.Microsecond, Service: 500 * time.Microsecond, Servers: 32, RowWrite: 50 * time.Microsecond}

func (w virtual) Open(t TB, spec engines.Spec, o Options, f func(h *House)) {
	t.Helper()
	s := &vtime.Scheduler{Handle: func(vtime.Event) {}}
	env := vtime.NewEnv(s, w.seed, ordinary, w.pauses)
	c := &crowd{s: s, env: env}
	h := &House{TB: t, Spec: spec, begin: env.Begin, AtOnce: c.together, now: env.Now}
	s.Run = func(slot uint32) { c.tasks[slot]() }
	if !o.open(h, env) {
		return
	}
	c.spawn(func() { f(h) })
	if err := s.Go(context.Background()); err != nil {
		t.Errorf("%s in virtual time: %v", spec.Name, err)
	}
	h.close()
}

// crowd runs tasks as coroutines of a scheduler.
type crowd struct {
	s     *vtime.Scheduler
	env   *vtime.Env
	tasks []func()
}

func (c *crowd) spawn(f func()) {
	c.tasks = append(c.tasks, f)
	c.s.Spawn(uint32(len(c.tasks) - 1))
}

// finish is a key that no engine in this suite has: whoever waits for the others is parked there.
const finish engines.Key = 1 << 10

func (c *crowd) together(n int, f func(i int)) {
	left := n
	for i := range n {
		c.spawn(func() {
			f(i)
			if left--; left == 0 {
				c.env.Wake(finish)
			}
		})
	}
	for left > 0 {
		if c.env.Park(context.Background(), finish, time.Hour) != nil {
			return
		}
	}
}
