package redis_test

import (
	"context"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// gone is what a stopped or killed server does to callers: each gets Unknown and an error within the bound.
func gone(t *testing.T, strategy, url string, tuning engines.Tuning, bound time.Duration, signal func()) (e engines.Engine, unknown []engines.OrderID) {
	t.Helper()
	e = stocked(t, strategy, url, tuning, 1<<20)
	var all sync.WaitGroup
	var mu sync.Mutex
	var last, done atomic.Int64
	for range 8 {
		all.Go(func() {
			for {
				order := engines.OrderID(last.Add(1))
				began := time.Now()
				r, err := e.Do(context.Background(), sell(order, 1))
				if took := time.Since(began); took > bound {
					t.Errorf("%s: order %d took %v, want %v at most", strategy, order, took, bound)
				}
				if err == nil {
					done.Add(1)
					continue
				}
				if r.Outcome != engines.Unknown {
					t.Errorf("%s: %v with an error", strategy, r.Outcome)
				}
				mu.Lock()
				unknown = append(unknown, order)
				mu.Unlock()
				return
			}
		})
	}
	until(t, "some sales", func() bool { return done.Load() > 50 })
	signal()
	all.Wait()
	return e, unknown
}

// TestKilled kills the server under each strategy: nothing hangs.
func TestKilled(t *testing.T) {
	for _, name := range strategies() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, p := private(t)
			e, _ := gone(t, name, url, engines.Tuning{Lease: 100 * time.Millisecond}, 5*time.Second, func() { _ = p.Kill() })
			wantError(t, e, sell(1<<20, 1), "connect: connection refused")
			books, err := e.Books(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, err := range books.Stock {
				wantSaid(t, err, "refused")
			}
		})
	}
}

// TestHangs stops the server without ending it: operations end with the connection's time-out. When it goes on, the books tell what
// became of each.
func TestHangs(t *testing.T) {
	for _, name := range strategies() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, p := private(t)
			url += "?read_timeout=300ms"
			tuning := engines.Tuning{Lease: 100 * time.Millisecond, LockWait: 200 * time.Millisecond}
			e, unknown := gone(t, name, url, tuning, 10*time.Second, func() { _ = p.Signal(syscall.SIGSTOP) })
			if err := p.Signal(syscall.SIGCONT); err != nil {
				t.Fatal(err)
			}
			wantDone(t, e, sell(1<<20, 1)) // after whatever was still on its way
			resolve(t, e, unknown)
		})
	}
}

// resolve asks the books for orders whose answer was lost, and holds their outcomes against their grants.
func resolve(t *testing.T, e engines.Engine, unknown []engines.OrderID) {
	t.Helper()
	if len(unknown) == 0 {
		t.Errorf("no answer was lost: nothing is tested")
	}
	books, err := e.Books(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	granted := map[engines.OrderID]bool{}
	sold := int64(0)
	for g, err := range books.Grants {
		if err != nil {
			t.Fatal(err)
		}
		granted[g.Order] = true
		sold++
	}
	for _, order := range unknown {
		out, err := books.Outcome(engines.OrderOp(order, engines.Sell))
		if err != nil || (out == engines.Done) != granted[order] {
			t.Errorf("order %d: the books say %v (%v), and that it has a grant: %v", order, out, err, granted[order])
		}
	}
	if s := stockOf(t, e)[0]; s.Committed != sold {
		t.Errorf("%+v with %d grants", s, sold)
	}
}

// TestSilentServer connects to what accepts and never answers.
func TestSilentServer(t *testing.T) {
	wait := make(chan struct{})
	defer close(wait)
	url := fakeServer(t, func(string) string { <-wait; return "" })
	began := time.Now()
	refused(t, url+"?read_timeout=200ms", "timeout")
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %v to find out", took)
	}
}
