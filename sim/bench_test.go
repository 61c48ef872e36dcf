package sim_test

import (
	"context"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim"
)

const benchScale = 0.3

// A Black Friday at a hundredth of its SKUs, through each strategy, as the time of one line movement.
func BenchmarkMovement(b *testing.B) {
	sc, err := scenarios.Load("blackfriday", catalog.Names(), nil)
	if err != nil {
		b.Fatal(err)
	}
	sc.Pressure = false // no control beside it
	for _, spec := range catalog.All() {
		b.Run(spec.Strategy(), func(b *testing.B) {
			b.ReportAllocs()
			events := int64(0)
			for b.Loop() {
				f, err := sim.Run(context.Background(), sim.Options{Scenario: sc, Engines: []engines.Spec{spec}, Scale: benchScale})
				if err != nil {
					b.Fatal(err)
				}
				events += f.Runs[0].Events
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/movement")
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "movements/s")
		})
	}
}
