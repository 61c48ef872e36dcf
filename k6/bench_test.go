package k6

import (
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/sim"
)

// BenchmarkIteration measures how much processor time a shopper takes beyond an empty iteration of k6, side by side: both runs start the same
// iterations at the same times. The engine is in memory, so its operations, the ledger and the audit are in it, and no server is.
func BenchmarkIteration(b *testing.B) {
	const set, duration = "wall_peak_per_s=5000", 8 * time.Second
	iterations := 0
	plan, err := sim.NewPlan(sim.Options{Scenario: rushScenario(b, set), Duration: duration})
	if err != nil {
		b.Fatal(err)
	}
	for range plan.Visits() {
		iterations++
	}
	env := map[string]string{"SCENARIO": "testdata/rush.yaml", "ENGINE": "memory/conditional", "DURATION": duration.String(), "SET": set}
	var cpu [2]time.Duration
	for b.Loop() {
		for i, script := range []string{"testdata/empty.js", "blackfriday.js"} {
			env["OUT"] = b.TempDir()
			command, _ := play{script: script, env: env}.start(b)
			_ = command.Wait() // an overloaded run takes as much time as another
			cpu[i] += command.ProcessState.UserTime() + command.ProcessState.SystemTime()
		}
	}
	per := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(b.N*iterations) }
	b.ReportMetric(0, "ns/op") // it is the day's length
	b.ReportMetric(float64(iterations), "iterations")
	b.ReportMetric(per(cpu[0]), "empty-cpu-µs/iteration")
	b.ReportMetric(per(cpu[1]-cpu[0]), "beyond-cpu-µs/iteration")
}
