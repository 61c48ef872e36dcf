package sim_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
)

// written is the result file without what isn't reproducible.
func written(t *testing.T, f *result.File) []byte {
	t.Helper()
	f.Card, f.ElapsedS = result.Card{}, 0
	for i := range f.Runs {
		f.Runs[i].ElapsedS = 0
	}
	path := filepath.Join(t.TempDir(), "result.json")
	if err := result.Write(path, f); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The same seed gives the same file, byte for byte, however many processors and runs at once; another seed another.
func TestSameSeedGivesTheSameFile(t *testing.T) {
	sc := flashSale(t, "faults={pause_share: 0.001, pause_for: 8s}", "demand.arrivals_per_day=6000")
	at := func(processors, workers int, seed uint64) []byte {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		return written(t, run(t, sim.Options{Scenario: sc, Engines: memory(t), Seeds: []uint64{seed}, Workers: workers}))
	}
	first := at(1, 1, 7)
	for _, c := range []struct{ processors, workers int }{{1, 1}, {1, 4}, {4, 1}, {4, 4}} {
		if again := at(c.processors, c.workers, 7); !bytes.Equal(first, again) {
			t.Errorf("GOMAXPROCS %d, %d workers: %s", c.processors, c.workers, difference(first, again))
		}
	}
	if bytes.Equal(first, at(1, 1, 8)) {
		t.Error("seeds 7 and 8 give the same file")
	}
}

// difference shows where two files part.
func difference(a, b []byte) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	around := func(s []byte) []byte { return s[max(0, min(i, len(s))-80):min(len(s), i+80)] }
	return "the file differs:\n" + string(around(a)) + "\nand\n" + string(around(b))
}

// Runs of several seeds and engines in one file are those that they are alone.
func TestRunsDoNotDisturbEachOther(t *testing.T) {
	sc := flashSale(t)
	sc.Pressure = false
	all := run(t, sim.Options{Scenario: sc, Engines: memory(t), Seeds: []uint64{3, 4}, Workers: 4})
	alone := run(t, sim.Options{Scenario: sc, Engines: memory(t, "optimistic"), Seeds: []uint64{4}})
	for _, r := range all.Runs {
		if r.Engine == "memory/optimistic" && r.Seed == 4 {
			all.Runs = []result.Run{r}
		}
	}
	all.Summaries, alone.Summaries = nil, nil // of more runs and of one
	if a, b := written(t, all), written(t, alone); !bytes.Equal(a, b) {
		t.Error(difference(a, b))
	}
}

// Every strategy is asked for the same orders by the same shoppers.
func TestDemandIsTheSameForAllStrategies(t *testing.T) {
	for _, policy := range []string{"cart", "checkout", "payment"} {
		f := run(t, sim.Options{Scenario: flashSale(t, "holds.policy="+policy), Engines: memory(t)})
		first := &f.Runs[0]
		for i := range f.Runs {
			r := &f.Runs[i]
			// With a hold, who comes to pay depends on who was given one; what is asked for doesn't.
			if r.Orders.Asked != first.Orders.Asked || r.Units.Asked != first.Units.Asked || r.Funnel.Arrived != first.Funnel.Arrived {
				t.Errorf("%s: %s was asked for %d orders of %d units by %d shoppers, %s for %d of %d by %d", policy,
					r.Engine, r.Orders.Asked, r.Units.Asked, r.Funnel.Arrived,
					first.Engine, first.Orders.Asked, first.Units.Asked, first.Funnel.Arrived)
			}
		}
	}
}
