package driver_test

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/driver"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// latenessRounds of both, which alternate, so that a busy moment of the machine strikes both; the figures are medians of the rounds.
const latenessRounds = 7

// How late the wall driver begins operations at 10,000 a second, against a loop that does nothing but sleep until times of the same kind.
func BenchmarkLateness(b *testing.B) {
	sc := parse(b, "demand.arrivals_per_day=5000", "stock.ship_after=1s") // two operations each: a sale and a parcel
	demand := workload.New(sc, 1)
	var bare, ours, ratios []float64
	for b.Loop() {
		for range latenessRounds {
			free, late := bareLateness(10_000, time.Second), driverLateness(b, sc, demand)
			bare, ours, ratios = append(bare, free), append(ours, late), append(ratios, late/free)
		}
	}
	b.ReportMetric(middle(bare), "bare-p99-µs")
	b.ReportMetric(middle(ours), "p99-µs")
	b.ReportMetric(middle(ratios), "p99/bare")
	b.ReportMetric(0, "ns/op")
}

// driverLateness is the 99th percentile of the driver's lag, in µs, with a minute's day in a second.
func driverLateness(b *testing.B, sc *scenarios.Scenario, demand *workload.Demand) float64 {
	w, err := driver.NewWall(b.Context(), driver.Config{
		Scenario: sc, Demand: demand, Engine: stub{do: done}.spec(), Seed: 1, Judge: witness{}, Interval: time.Second, Pace: 60,
	}, nil, driver.DefaultLimits)
	if err != nil {
		b.Fatal(err)
	}
	if err := w.Run(); err != nil {
		b.Fatal(err)
	}
	return float64(w.Stats().Lag.ValueAtQuantile(99))
}

func middle(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// bareLateness is the 99th percentile of how late a sleep of the kernel's ends, in µs, at the times of a Poisson process.
func bareLateness(perS float64, during time.Duration) float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	random := rand.New(rand.NewPCG(1, 1))
	var late []float64
	start := time.Now()
	for due := time.Duration(0); due < during; due += time.Duration(random.ExpFloat64() / perS * 1e9) {
		if left := due - time.Since(start); left > 0 {
			driver.SleepPrecisely(left)
		}
		late = append(late, max(0, float64(time.Since(start)-due)/1e3))
	}
	slices.Sort(late)
	return late[len(late)*99/100]
}
