package sim_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim"
)

// blackFriday is the built-in day without a control beside it.
func blackFriday(tb testing.TB) *scenarios.Scenario {
	tb.Helper()
	sc, err := scenarios.Load("blackfriday", catalog.Names(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	sc.Pressure = false
	return sc
}

// movements runs engines and returns how many line movements they made together.
func movements(tb testing.TB, sc *scenarios.Scenario, scale float64, specs ...engines.Spec) (n int64) {
	tb.Helper()
	f, err := sim.Run(context.Background(), sim.Options{Scenario: sc, Engines: specs, Scale: scale, Workers: len(specs)})
	if err != nil {
		tb.Fatal(err)
	}
	for i := range f.Runs {
		n += f.Runs[i].Events
	}
	return n
}

func perMovement(b *testing.B, n int64) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/movement")
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "movements/s")
}

// A Black Friday at a hundredth of its SKUs, through each strategy.
func BenchmarkMovement(b *testing.B) {
	sc := blackFriday(b)
	for _, spec := range memory(b) {
		b.Run(spec.Strategy(), func(b *testing.B) {
			b.ReportAllocs()
			n := int64(0)
			for b.Loop() {
				n += movements(b, sc, 0.01, spec)
			}
			perMovement(b, n)
		})
	}
}

// The same day at growing scale, up to the whole of it: side by side, how the time of a movement grows.
func BenchmarkScale(b *testing.B) {
	sc, spec := blackFriday(b), memory(b, "conditional")[0]
	for _, scale := range []float64{0.01, 0.1, 1} {
		b.Run(fmt.Sprintf("scale=%g", scale), func(b *testing.B) {
			n := int64(0)
			for b.Loop() {
				n += movements(b, sc, scale, spec)
			}
			perMovement(b, n)
		})
	}
}

// Two strategies at once against one alone: 2 would be perfect on two cores.
func BenchmarkTwoAtOnce(b *testing.B) {
	sc, specs := blackFriday(b), memory(b, "conditional", "optimistic")
	var alone, together time.Duration
	for b.Loop() {
		from := time.Now()
		for _, s := range specs {
			movements(b, sc, 0.05, s)
		}
		alone += time.Since(from)
		from = time.Now()
		movements(b, sc, 0.05, specs...)
		together += time.Since(from)
	}
	b.ReportMetric(alone.Seconds()/together.Seconds(), "speedup")
}
