package compare

import (
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

// TestPointsOfASweepAreComparedEachWithItself: one group of all points would show no difference where one point is worse.
func TestPointsOfASweepAreComparedEachWithItself(t *testing.T) {
	swept := func(slow float64) *result.File {
		f := quiet(8)
		n := len(f.Runs)
		g := changed(f, 1, nil)
		worse := changed(f, slow, nil)
		for i := range n {
			g.Runs[i].Settings = result.Settings{{Key: "z", Value: "0"}}
			worse.Runs[i].Settings = result.Settings{{Key: "z", Value: "1"}}
		}
		g.Runs = append(g.Runs, worse.Runs...)
		return g
	}
	verdicts := map[string]string{}
	for _, p := range compared(t, swept(1), swept(1.5), Options{}).Pairs {
		if p.OldRuns != 8 || !p.Paired {
			t.Errorf("%s: %d runs, paired %v: want 8, by seed", p.Old, p.OldRuns, p.Paired)
		}
		verdicts[p.Old] = p.Verdict
	}
	for name, want := range map[string]string{"memory/queue z=0": None, "memory/queue z=1": Worse} {
		if verdicts[name] != want {
			t.Errorf("%s: %q, want %q: %v", name, verdicts[name], want, verdicts)
		}
	}
}
