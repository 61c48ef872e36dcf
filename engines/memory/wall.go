package memory

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// Wall is an Env of real time and real goroutines, for tests and local trials of the reference engine. A round trip takes a
// constant time, as far as the system's timers allow, and storage has no limit to its capacity. Locks go to waiters in the order in which they came.
// One engine runs in it at a time.
type Wall struct {
	mu     sync.Mutex
	rtt    time.Duration
	start  time.Time
	held   map[engines.Key]bool
	lines  map[engines.Key][]chan struct{} // who waits for a lock, the first in front
	parked map[engines.Key][]chan struct{}
	counts [engines.CounterCount]int64
}

var _ engines.Shared = (*Wall)(nil)

// NewWall returns a Wall whose round trips take rtt; with 0 a round trip only lets others run.
func NewWall(rtt time.Duration) *Wall {
	return &Wall{
		rtt: rtt, start: time.Now(), held: map[engines.Key]bool{},
		lines: map[engines.Key][]chan struct{}{}, parked: map[engines.Key][]chan struct{}{},
	}
}

// Enter implements engines.Shared.
func (w *Wall) Enter() { w.mu.Lock() }

// Leave implements engines.Shared.
func (w *Wall) Leave() { w.mu.Unlock() }

// Now implements engines.Env.
func (w *Wall) Now() time.Duration { return time.Since(w.start) }

// Step implements engines.Env. Its error is the context's.
func (w *Wall) Step(ctx context.Context, _ ...engines.Key) error { return w.Sleep(ctx, w.rtt) }

// Sleep implements engines.Env. Its error is the context's.
func (w *Wall) Sleep(ctx context.Context, d time.Duration) error {
	w.Leave()
	defer w.Enter()
	if d <= 0 {
		runtime.Gosched()
		return ctx.Err()
	}
	return wait(ctx, nil, d)
}

// Lock implements engines.Env.
func (w *Wall) Lock(ctx context.Context, k engines.Key, most time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !w.held[k] {
		w.held[k] = true
		return nil
	}
	w.Count(engines.LockWaits, 1)
	if most <= 0 {
		return engines.ErrBusy
	}
	called, err := w.stand(ctx, w.lines, k, most)
	if called || err != nil {
		return err
	}
	w.Count(engines.LockTimeouts, 1)
	return engines.ErrBusy
}

// Unlock implements engines.Env.
func (w *Wall) Unlock(k engines.Key) {
	if line := w.lines[k]; len(line) > 0 {
		close(line[0]) // it is handed over held
		w.lines[k] = line[1:]
		return
	}
	delete(w.held, k)
	delete(w.lines, k)
}

// Park implements engines.Env.
func (w *Wall) Park(ctx context.Context, k engines.Key, most time.Duration) error {
	_, err := w.stand(ctx, w.parked, k, most)
	return err
}

// Wake implements engines.Env.
func (w *Wall) Wake(k engines.Key) {
	for _, c := range w.parked[k] {
		close(c)
	}
	delete(w.parked, k)
}

// Jitter implements engines.Env.
func (w *Wall) Jitter() float64 { return rand.Float64() }

// Count implements engines.Env.
func (w *Wall) Count(c engines.Counter, n int) { w.counts[c] += int64(n) }

// Counts returns the counters of contention.
func (w *Wall) Counts() [engines.CounterCount]int64 {
	w.Enter()
	defer w.Leave()
	return w.counts
}

// stand waits in one of the lines of k until it is called, its time is over or the context ends. Being called wins,
// so that nothing that was handed over is lost.
func (w *Wall) stand(ctx context.Context, lines map[engines.Key][]chan struct{}, k engines.Key, most time.Duration) (called bool, err error) {
	call := make(chan struct{})
	lines[k] = append(lines[k], call)
	w.Leave()
	err = wait(ctx, call, most)
	w.Enter()
	at := slices.Index(lines[k], call)
	if at < 0 {
		return true, nil
	}
	lines[k] = slices.Delete(lines[k], at, at+1)
	return false, err
}

// wait ends with call, after d, or with the context, whose error it returns.
func wait(ctx context.Context, call <-chan struct{}, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-call:
		return nil
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
