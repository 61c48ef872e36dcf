package memory

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// inside runs f as an engine runs: entered.
func inside(w *Wall, f func()) {
	w.Enter()
	defer w.Leave()
	f()
}

// panics is a strategy that fails.
type panics struct{}

func (panics) move(context.Context, *txn) (engines.Outcome, error) { panic("a strategy fails") }

// TestPanicLeaves: whoever catches a strategy's panic, as a server does, can go on using the engine.
func TestPanicLeaves(t *testing.T) {
	w := NewWall(0)
	e := mustOpen(t, safe("panics", "", func(*engine) strategy { return panics{} }), w)
	if err := e.Reset(t.Context(), []int64{1}); err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = e.Do(t.Context(), sellOne(0))
	}()
	if !w.mu.TryLock() {
		t.Error("a strategy that panics leaves its world locked")
	}
}

func TestWallLockIsFIFO(t *testing.T) {
	w := NewWall(0)
	inside(w, func() { _ = w.Lock(t.Context(), 1, 0) })
	var order []int
	var all sync.WaitGroup
	for i := range 5 {
		all.Go(func() {
			inside(w, func() {
				if err := w.Lock(t.Context(), 1, time.Minute); err != nil {
					t.Error(err)
				}
				order = append(order, i)
				w.Unlock(1)
			})
		})
		for waiting := 0; waiting <= i; { // until i stands in line
			inside(w, func() { waiting = len(w.lines[1]) })
		}
	}
	inside(w, func() { w.Unlock(1) })
	all.Wait()
	for i, got := range order {
		if got != i {
			t.Fatalf("the lock went to %v, want the order in which they came", order)
		}
	}
	if got := w.Counts()[engines.LockWaits]; got != 5 {
		t.Errorf("%d lock waits, want 5", got)
	}
}

func TestWallLockInVain(t *testing.T) {
	w := NewWall(0)
	w.Enter()
	defer w.Leave()
	if err := w.Lock(t.Context(), 1, 0); err != nil {
		t.Fatalf("a free lock: %v", err)
	}
	if err := w.Lock(t.Context(), 1, 0); !errors.Is(err, engines.ErrBusy) {
		t.Errorf("without waiting: %v, want ErrBusy", err)
	}
	if err := w.Lock(t.Context(), 1, time.Millisecond); !errors.Is(err, engines.ErrBusy) || w.counts[engines.LockTimeouts] != 1 {
		t.Errorf("after a millisecond: %v and %d time-outs, want ErrBusy and 1", err, w.counts[engines.LockTimeouts])
	}
	gone, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	if err := w.Lock(gone, 1, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while waiting: %v, want context.Canceled", err)
	}
	if n := len(w.lines[1]); n != 0 {
		t.Errorf("%d still stand in line", n)
	}
	w.Unlock(1)
	if err := w.Lock(gone, 1, 0); !errors.Is(err, context.Canceled) || w.held[1] {
		t.Errorf("cancelled before: %v, held %v: want context.Canceled, and the lock free", err, w.held[1])
	}
}

func TestWallPark(t *testing.T) {
	w := NewWall(0)
	woken := make(chan error)
	go inside(w, func() { woken <- w.Park(t.Context(), 1, time.Minute) })
	for parked := 0; parked == 0; {
		inside(w, func() { parked = len(w.parked[1]) })
	}
	inside(w, func() { w.Wake(2); w.Wake(1) })
	if err := <-woken; err != nil {
		t.Errorf("woken: %v", err)
	}
	inside(w, func() {
		if err := w.Park(t.Context(), 1, time.Millisecond); err != nil || len(w.parked[1]) != 0 {
			t.Errorf("not woken in time: %v, and %d are still parked: want neither", err, len(w.parked[1]))
		}
	})
}

// TestWallStretches shows that what stands between two calls of Env is atomic, and that a Step lets others in.
func TestWallStretches(t *testing.T) {
	w := NewWall(10 * time.Microsecond)
	lost, kept := 0, 0
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			inside(w, func() {
				kept++
				read := lost
				if err := w.Step(t.Context()); err != nil {
					t.Error(err)
				}
				lost = read + 1
			})
		})
	}
	all.Wait()
	if kept != 20 || lost == 20 {
		t.Errorf("counted to %d without a step and to %d across one, want 20 and fewer", kept, lost)
	}
}
