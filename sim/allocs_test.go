package sim_test

import (
	"runtime"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// A day of fifty million movements has no room for garbage: what a run allocates depends on how much is under way, and not on how
// long it lasts.
func TestOperationsAllocateNothing(t *testing.T) {
	even := []string{"demand.spike.factor=1", "demand.hot.burst=1", "stock.cover=1", "stock.hot_cover=0.8"}
	short := flashSale(t, append(even, "day=20m", "demand.arrivals_per_day=20000")...)
	long := flashSale(t, append(even, "day=80m", "demand.arrivals_per_day=80000")...)
	for _, spec := range memory(t) {
		if spec.Strategy() == "naive" {
			continue // what it does wrong is written down
		}
		objects, operations := allocated(t, short, spec)
		more, moreOperations := allocated(t, long, spec)
		if moreOperations < 3*operations {
			t.Fatalf("%s: %d and %d operations", spec.Name, operations, moreOperations)
		}
		if each := float64(more-objects) / float64(moreOperations-operations); each > 0.01 {
			t.Errorf("%s: %.4f objects for each of %d more operations; want less than 0.01", spec.Name, each, moreOperations-operations)
		}
	}
}

// allocated counts what is allocated while a day passes, ledger and audit included.
func allocated(t *testing.T, sc *scenarios.Scenario, spec engines.Spec) (objects, operations int64) {
	t.Helper()
	v, _ := opened(t, sc, spec, 1)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := v.Run()
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	return int64(after.Mallocs - before.Mallocs), v.Stats().Operations
}
