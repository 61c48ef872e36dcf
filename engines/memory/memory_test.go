package memory

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/enginetest"
)

// TestNoAllocations: an operation costs no memory once pages and transactions are there.
func TestNoAllocations(t *testing.T) {
	for _, spec := range Specs() {
		e := benchEngine(t, spec)
		d := newDay()
		run := func() {
			d.next()
			if r, err := e.Do(t.Context(), d.op); err != nil || r.Outcome != engines.Done {
				t.Fatalf("%v of order %d: %v, %v", d.op.Kind, d.op.Order, r.Outcome, err)
			}
		}
		for range 20 {
			run()
		}
		if n := testing.AllocsPerRun(2000, run); n != 0 {
			t.Errorf("%s: %g allocations an operation, want none", spec.Name, n)
		}
	}
}

// TestClosedOrdersAreSmall: of an order that is closed, 8 bytes stay.
func TestClosedOrdersAreSmall(t *testing.T) {
	if size := unsafeSize(); size != 8 {
		t.Fatalf("an order has %d bytes, want 8", size)
	}
	e := benchEngine(t, Specs()[4]).(*engine)
	d := newDay()
	before := heap()
	for range 5 * 100_000 { // two orders in five operations
		d.next()
		if _, err := e.Do(t.Context(), d.op); err != nil {
			t.Fatal(err)
		}
	}
	if each := float64(heap()-before) / 200_000; each > 12 {
		t.Errorf("%.1f bytes stay of each order, want 8 and a little", each)
	}
	if e.orders.grants.used > 2 {
		t.Errorf("%d grants were needed for one open order at a time", e.orders.grants.used)
	}
	runtime.KeepAlive(e)
}

func unsafeSize() uintptr { return unsafe.Sizeof(order{}) }

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestCounters: each strategy counts the contention that it is made of.
func TestCounters(t *testing.T) {
	for name, want := range map[string][]engines.Counter{
		"pessimistic":  {engines.LockWaits},
		"nowait":       {engines.LockWaits, engines.Retries},
		"optimistic":   {engines.Retries},
		"lock":         {engines.LockWaits, engines.LeaseExpiries},
		"fenced":       {engines.LockWaits, engines.LeaseExpiries, engines.FencedWrites, engines.Retries},
		"serializable": {engines.SerialFailures, engines.Retries},
		"queue":        {engines.Batches, engines.BatchedOps, engines.FencedWrites},
		"quota":        {engines.PoolTransfers},
	} {
		var counts [engines.CounterCount]int64
		for seed := range uint64(20) {
			var env engines.Env
			o := enginetest.Options{
				Opening: []int64{40}, Tuning: engines.Tuning{Lease: 10 * time.Millisecond},
				Tap: func(e engines.Env) engines.Env { env = e; return e },
			}
			enginetest.VirtualWithPauses(seed, 0.3, 15*time.Millisecond).Open(t, promising(name), o, func(h *enginetest.House) {
				h.AtOnce(30, func(i int) { h.Do(sellOne(i)) })
			})
			for c, n := range countsOf(env) {
				counts[c] += n
			}
		}
		for _, c := range want {
			if counts[c] == 0 {
				t.Errorf("%s: no %v in a crowd of paused callers", name, c)
			}
		}
	}
}

// TestQueueBatches: one round trip carries what came while the one before it was under way.
func TestQueueBatches(t *testing.T) {
	var env engines.Env
	o := enginetest.Options{Opening: []int64{1000}, Tuning: engines.Tuning{BatchMax: 10}, Tap: func(e engines.Env) engines.Env { env = e; return e }}
	enginetest.Virtual(1).Open(t, promising("queue"), o, func(h *enginetest.House) {
		h.AtOnce(101, func(i int) { h.Do(sellOne(i)) })
	})
	counts := countsOf(env)
	if counts[engines.BatchedOps] != 101 || counts[engines.Batches] != 11 {
		t.Errorf("%d operations in %d batches, want 101 in 11: the first alone, then 10 each", counts[engines.BatchedOps], counts[engines.Batches])
	}
}

func countsOf(env engines.Env) [engines.CounterCount]int64 {
	return env.(interface {
		Counts() [engines.CounterCount]int64
	}).Counts()
}

// sellOne is the i-th customer's order of one unit.
func sellOne(i int) engines.Op {
	order := engines.OrderID(i + 1)
	return engines.Op{ID: engines.OrderOp(order, engines.Sell), Order: order, Kind: engines.Sell, Lines: []engines.Line{{SKU: 0, Qty: 1}}}
}

// TestWaitsAreBounded: behind a holder that stands still, an operation gives up instead of waiting for ever.
func TestWaitsAreBounded(t *testing.T) {
	tuning := engines.Tuning{LockWait: 20 * time.Millisecond, Lease: time.Hour, Backoff: time.Millisecond}
	for _, name := range []string{"pessimistic", "nowait", "serializable", "lock", "fenced"} {
		contended := 0
		for seed := range uint64(10) {
			o := enginetest.Options{Opening: []int64{40}, Tuning: tuning}
			enginetest.VirtualWithPauses(seed, 0.3, 10*time.Minute).Open(t, promising(name), o, func(h *enginetest.House) {
				h.AtOnce(10, func(i int) {
					if h.Do(sellOne(i)).Outcome == engines.Contended {
						contended++
					}
				})
			})
		}
		if contended == 0 {
			t.Errorf("%s: nobody gave up behind holders that stand still for ten minutes", name)
		}
	}
}

func TestOpenAndReset(t *testing.T) {
	spec := promising("quota")
	if _, err := spec.Open(t.Context(), engines.Setup{Env: instant{}}); err == nil || !strings.Contains(err.Error(), "shares") {
		t.Errorf("quota without shares: %v, want an error that says so", err)
	}
	if _, err := promising("naive").Open(t.Context(), engines.Setup{}); err == nil {
		t.Error("an engine without a world opens")
	}
	e := mustOpen(t, promising("conditional"), instant{})
	if err := e.Reset(context.Background(), []int64{1, -1}); err == nil || !strings.Contains(err.Error(), "SKU 1") {
		t.Errorf("negative opening stock: %v, want an error that names SKU 1", err)
	}
}
