package sim_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/audit"
	"github.com/doorbuster/doorbuster/sim/driver"
	"github.com/doorbuster/doorbuster/sim/ledger"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// What is kept of an order that is over is a few bytes; everything else is of those that are open. A day four times as long, at the
// same rate, has as many open at once.
func TestMemoryIsBoundedByWhatIsOpen(t *testing.T) {
	even := []string{"demand.spike.factor=1", "demand.hot.burst=1", "stock.cover=1", "stock.hot_cover=0.8"}
	short := flashSale(t, append(even, "day=20m", "demand.arrivals_per_day=100000")...)
	long := flashSale(t, append(even, "day=80m", "demand.arrivals_per_day=400000")...)
	for _, spec := range memory(t, "conditional", "queue", "quota") {
		bytes, orders := retained(t, short, spec)
		more, moreOrders := retained(t, long, spec)
		// The flash sale is so dense that the page on which an order table grows counts: 512 KiB for the longer day.
		if each := float64(more-bytes-512<<10) / float64(moreOrders-orders); each > 16 {
			t.Errorf("%s keeps %.1f bytes of each of %d more orders; want at most 16", spec.Name, each, moreOrders-orders)
		}
	}
}

// retained is how many bytes are live when a day is over, ledger and audit included.
func retained(t *testing.T, sc *scenarios.Scenario, spec engines.Spec) (bytes, orders int64) {
	t.Helper()
	before := live()
	v, l := day(t, sc, spec, 1)
	bytes = live() - before
	orders = l.Totals().Asked
	runtime.KeepAlive(v)
	return bytes, orders
}

func live() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// day lets one pass.
func day(t testing.TB, sc *scenarios.Scenario, spec engines.Spec, scale float64) (*driver.Virtual, *ledger.Ledger) {
	t.Helper()
	v, l := opened(t, sc, spec, scale)
	if err := v.Run(); err != nil {
		t.Fatal(err)
	}
	return v, l
}

// opened is a day that is yet to pass, with a ledger and an audit.
func opened(t testing.TB, sc *scenarios.Scenario, spec engines.Spec, scale float64) (*driver.Virtual, *ledger.Ledger) {
	t.Helper()
	d := workload.New(sc, scale)
	l := ledger.New(ledger.Config{Opening: d.Opening, Channels: len(scenarios.Sources), Day: d.Length, Interval: time.Minute})
	v, err := driver.NewVirtual(context.Background(), driver.Config{
		Scenario: sc, Demand: d, Engine: spec, Seed: 1, Interval: time.Minute,
		Judge: audit.New(l, audit.Config{Versions: spec.Versions, Pools: spec.Pools, Opening: d.Opening}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return v, l
}

// Ten times the movements may take ten times as long, a little more for the logarithm of what is waiting, and more again for memory that no
// longer fits into caches. Twice ten times would mean that something searches through what has happened.
func TestTimeGrowsWithTheMovements(t *testing.T) {
	if testing.Short() {
		t.Skip("it compares times, which takes a few seconds")
	}
	spec := memory(t, "conditional")[0]
	best := func(scale float64) float64 {
		sc, least := blackFriday(t), time.Duration(1<<62)
		sc.Demand.Hot.SKUs = 0 // at least one would be run, however small the scale
		var events int64
		for range 3 {
			from := time.Now()
			_, l := day(t, sc, spec, scale)
			least = min(least, time.Since(from))
			events = l.Totals().Events
		}
		return float64(least) / float64(events)
	}
	small, large := best(0.01), best(0.1)
	if large > 2*small {
		t.Errorf("a movement takes %.0f ns at scale 0.1, %.0f ns at scale 0.01", large, small)
	}
}
