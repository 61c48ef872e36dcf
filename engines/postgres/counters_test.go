package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// tally is what an engine counted.
type tally [engines.CounterCount]atomic.Int64

func (c *tally) of(which engines.Counter) int64 { return c[which].Load() }

// contended opens an engine that is counted, with 8 connections, and closes it after f.
func contended(t *testing.T, strategy string, setup engines.Setup, f func(e engines.Engine, url string)) *tally {
	t.Helper()
	c := &tally{}
	url := database(t, "count_"+strategy)
	setup.Count = func(which engines.Counter, n int) { c[which].Add(int64(n)) }
	if setup.Shares == nil {
		setup.Shares = []float64{1}
	}
	e, err := find(t, "postgres/"+strategy, at(withOption(t, url, "pool_max_conns", "8"))).Open(context.Background(), setup)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Reset(context.Background(), []int64{1000}); err != nil {
		t.Fatal(err)
	}
	f(e, url)
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	return c
}

// rush sells many orders at once.
func rush(t *testing.T, e engines.Engine) {
	t.Helper()
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			if _, err := e.Do(context.Background(), sell(engines.OrderID(i+1), 1)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// atLeast checks that what happened was counted.
func (c *tally) atLeast(t *testing.T, n int64, counters ...engines.Counter) {
	t.Helper()
	for _, which := range counters {
		if c.of(which) < n {
			t.Errorf("%v is %d, want %d at least", which, c.of(which), n)
		}
	}
}

// TestLockWaitsAreCounted has one order wait for a lock until it may not wait longer.
func TestLockWaitsAreCounted(t *testing.T) {
	for _, strategy := range []string{"pessimistic", "conditional", "serializable", "quota"} {
		setup := engines.Setup{Tuning: engines.Tuning{LockWait: 300 * time.Millisecond}}
		c := contended(t, strategy, setup, func(e engines.Engine, url string) {
			release := lockStock(t, url)
			defer release()
			if r, err := e.Do(context.Background(), sell(1, 1)); err != nil || r.Outcome != engines.Contended {
				t.Errorf("%s: behind a lock: %v, %v, want contended", strategy, r.Outcome, err)
			}
		})
		if waits, timeouts := c.of(engines.LockWaits), c.of(engines.LockTimeouts); waits != 1 || timeouts != 1 {
			t.Errorf("%s: one order that waited in vain is %d waits and %d time-outs", strategy, waits, timeouts)
		}
	}
}

// TestContentionIsCounted has crowds do to each strategy what its counters are for.
func TestContentionIsCounted(t *testing.T) {
	crowd := func(e engines.Engine, _ string) { rush(t, e) }
	calm := contended(t, "conditional", engines.Setup{}, func(e engines.Engine, _ string) { mustSell(t, e, 1) })
	for which := range engines.ConnWaits { // a connection that has to be opened is waited for
		if n := calm.of(which); n != 0 {
			t.Errorf("an order alone is %d %v, want none", n, which)
		}
	}
	contended(t, "nowait", engines.Setup{}, crowd).atLeast(t, 1, engines.LockWaits, engines.Retries)
	contended(t, "optimistic", engines.Setup{}, crowd).atLeast(t, 1, engines.Retries)
	contended(t, "serializable", engines.Setup{}, crowd).atLeast(t, 1, engines.Retries, engines.SerialFailures)
	contended(t, "lock", engines.Setup{}, crowd).atLeast(t, 1, engines.LockWaits)
	contended(t, "fenced", engines.Setup{Tuning: engines.Tuning{Lease: time.Microsecond}}, crowd).
		atLeast(t, 1, engines.LeaseExpiries, engines.FencedWrites)
	contended(t, "pessimistic", engines.Setup{}, crowd).atLeast(t, 20, engines.ConnWaits)
}

// TestBatchesAreCounted holds what the queue counts against what it was sent.
func TestBatchesAreCounted(t *testing.T) {
	c := contended(t, "queue", engines.Setup{}, func(e engines.Engine, url string) {
		rush(t, e)
		execOn(t, url, `UPDATE doorbuster.writer SET epoch = epoch + 1`)
		if r, err := e.Do(context.Background(), sell(200, 1)); err == nil {
			t.Errorf("under an old epoch: %v, want an error", r.Outcome)
		}
	})
	if ops, batches, waited := c.of(engines.BatchedOps), c.of(engines.Batches), c.of(engines.QueuedOps); ops != 41 || batches > ops || waited < ops {
		t.Errorf("41 operations are %d in %d batches, of which %d waited", ops, batches, waited)
	}
	c.atLeast(t, 1, engines.Batches, engines.FencedWrites)
}

// TestTransfersAreCounted empties one of two pools, which gets units from the other.
func TestTransfersAreCounted(t *testing.T) {
	c := contended(t, "quota", engines.Setup{Shares: []float64{0.5, 0.5}}, func(e engines.Engine, _ string) {
		r, err := e.Do(context.Background(), sell(1, 501))
		if want := "[{0 1 1 313} {0 0 1 687} {0 0 2 186}]"; err != nil || fmt.Sprint(r.Versions) != want {
			t.Errorf("%v, %v, want the versions %s: revoked, granted, sold", r.Versions, err, want)
		}
	})
	if n := c.of(engines.PoolTransfers); n != 1 {
		t.Errorf("%d transfers were counted, want 1", n)
	}
}
