package redis_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// TestCounters lets a crowd buy one SKU, and wants each strategy to count what contention made happen there.
func TestCounters(t *testing.T) {
	for name, want := range map[string][]engines.Counter{
		"optimistic": {engines.Retries, engines.ConnWaits},
		"lock":       {engines.LockWaits, engines.LockTimeouts, engines.LeaseExpiries},
		"fenced":     {engines.LockWaits, engines.FencedWrites, engines.Retries},
		"queue":      {engines.Batches, engines.BatchedOps, engines.QueuedOps},
		"quota":      {engines.PoolTransfers},
	} {
		t.Run(name, func(t *testing.T) {
			url := database(t, 12)
			var counts [engines.CounterCount]atomic.Int64
			count := func(c engines.Counter, n int) { counts[c].Add(int64(n)) }
			// Leases last a second, in which nobody waits so long; then they are over at once.
			for _, tuning := range []engines.Tuning{{Lease: time.Second, LockWait: time.Millisecond}, {Lease: 1, LockWait: time.Millisecond}} {
				e, err := find(t, name, at(url)).Open(context.Background(), engines.Setup{Tuning: tuning, Shares: shares, Count: count})
				if err != nil {
					t.Fatal(err)
				}
				if err := e.Reset(context.Background(), []int64{500}); err != nil {
					t.Fatal(err)
				}
				crowd(t, e)
				if err := e.Close(); err != nil {
					t.Error(err)
				}
			}
			for _, c := range want {
				if counts[c].Load() == 0 {
					t.Errorf("%v: nothing was counted", c)
				}
			}
		})
	}
}

func crowd(t *testing.T, e engines.Engine) {
	t.Helper()
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			for n := range 10 {
				if _, err := e.Do(context.Background(), sell(engines.OrderID(64*n+i+1), 1)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// TestTransfersAreCounted fills a pool once, and counts one transfer for it, however often the order is sent.
func TestTransfersAreCounted(t *testing.T) {
	var transfers atomic.Int64
	count := func(c engines.Counter, n int) {
		if c == engines.PoolTransfers {
			transfers.Add(int64(n))
		}
	}
	e, err := find(t, "quota", at(database(t, 12))).Open(context.Background(), engines.Setup{Shares: shares, Count: count})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.Reset(context.Background(), []int64{100}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		wantDone(t, e, sell(1, 60)) // of channel 0, which has 50
	}
	if n := transfers.Load(); n != 1 {
		t.Errorf("%d transfers were counted, want 1", n)
	}
}
