package sim_test

import (
	"testing"

	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
)

// A lease outlives its holder's pause, or doesn't. Only storage that checks the token can tell.
func TestPausePastTheLeaseOversellsWithoutFencing(t *testing.T) {
	lease := "tuning.lease=500ms"
	calm := run(t, sim.Options{Scenario: flashSale(t, lease), Engines: memory(t, "lock", "fenced")})
	short := run(t, sim.Options{
		Scenario: flashSale(t, lease, "faults={pause_share: 0.01, pause_for: 100ms}"), Engines: memory(t, "lock", "fenced"),
	})
	long := run(t, sim.Options{
		Scenario: flashSale(t, lease, "faults={pause_share: 0.01, pause_for: 2s}"), Engines: memory(t, "lock", "fenced"),
	})
	for _, c := range []struct {
		name, engine string
		file         *result.File
		oversells    bool
	}{
		{"no pause", "memory/lock", calm, false},
		{"no pause", "memory/fenced", calm, false},
		{"a pause shorter than the lease", "memory/lock", short, false},
		{"a pause shorter than the lease", "memory/fenced", short, false},
		{"a pause longer than the lease", "memory/lock", long, true},
		{"a pause longer than the lease", "memory/fenced", long, false},
	} {
		r := of(t, c.file, c.engine)
		if !r.Valid || r.Units.Oversold.Min != r.Units.Oversold.Max || (r.Units.Oversold.Min > 0) != c.oversells {
			t.Errorf("%s, %s: valid %v, oversold %+v; want oversold: %v", c.engine, c.name, r.Valid, r.Units.Oversold, c.oversells)
		}
		if r.Verdict != result.Pass { // lock doesn't promise not to
			t.Errorf("%s, %s: verdict %s, failed %v", c.engine, c.name, r.Verdict, failed(r))
		}
	}
	if n := of(t, long, "memory/fenced").Contention["fenced_writes"]; n == 0 {
		t.Error("storage refused no old token: the pauses tested nothing")
	}
}

// A fault that never struck proves nothing; one that did is a check that passes.
func TestFaultThatNeverStrikesIsUnknown(t *testing.T) {
	never := flashSale(t, "faults={pause_share: 0.000000001, pause_for: 2s}")
	r := of(t, run(t, sim.Options{Scenario: never, Engines: memory(t, "conditional")}), "memory/conditional")
	if c := check(t, r, "faults"); c.Verdict != result.Unknown || r.Verdict != result.Unknown || c.Evidence != 0 {
		t.Errorf("the check says %s, the run %s, with %d operations paused; want unknown", c.Verdict, r.Verdict, c.Evidence)
	}
	often := flashSale(t, "faults={pause_share: 0.01, pause_for: 2s}")
	r = of(t, run(t, sim.Options{Scenario: often, Engines: memory(t, "conditional")}), "memory/conditional")
	if c := check(t, r, "faults"); c.Verdict != result.Pass || r.Verdict != result.Pass || c.Evidence == 0 {
		t.Errorf("the check says %s, the run %s, with %d operations paused; want pass", c.Verdict, r.Verdict, c.Evidence)
	}
}
