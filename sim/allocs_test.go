package sim_test

import (
	"runtime"
	"testing"

	"github.com/doorbuster/doorbuster/sim"
)

// A day of fifty million movements has no room for garbage: what a run allocates depends on how much is under way, and not on how
// long it lasts.
func TestOperationsAllocateNothing(t *testing.T) {
	for _, strategy := range []string{"naive", "pessimistic", "optimistic", "conditional", "fenced", "queue"} {
		mallocs := func(day, arrivals string) (objects, operations int64) {
			sc := flashSale(t, "pressure=false", "demand.spike.factor=1", "demand.hot.burst=1", "stock.cover=1", "stock.hot_cover=0.8",
				"day="+day, "demand.arrivals_per_day="+arrivals)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			f := run(t, sim.Options{Scenario: sc, Engines: memory(t, strategy), Workers: 1})
			runtime.ReadMemStats(&after)
			return int64(after.Mallocs - before.Mallocs), f.Runs[0].Operations
		}
		objects, operations := mallocs("20m", "20000")
		more, moreOperations := mallocs("100m", "100000")
		each := float64(more-objects) / float64(moreOperations-operations)
		t.Logf("%s: %.4f", strategy, each)
		if each > 0.01 {
			t.Errorf("%s: %.4f objects for each of %d more operations; want less than 0.01", strategy, each, moreOperations-operations)
		}
	}
}
