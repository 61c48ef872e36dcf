package reports

import (
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

// tried makes a file of runs that differ in little: name, false refusals of 10,000 orders, fill rate, p99.
func tried(runs ...result.Run) *result.File {
	f := &result.File{Scenario: "tried", Complete: true, Demand: result.Demand{Control: "naive", Pressure: true, ConfigHash: "one"}}
	f.Runs = runs
	return f
}

func ran(engine string, falsely int64, fill, p99 float64) result.Run {
	r := result.Run{Engine: engine, Mode: result.Virtual, Seed: 1, PromisesNoOversell: true, Complete: true, Valid: true, Verdict: result.Pass}
	r.Orders.Asked, r.Orders.RefusedFalsely, r.Rates.FillRate = 10_000, falsely, fill
	r.LatencyMS.Intended = result.Percentiles{P50: p99 / 2, P99: p99}
	return r
}

func changed(r result.Run, change func(*result.Run)) result.Run {
	change(&r)
	return r
}

func ranking(c *comparison) string {
	var names []string
	for _, s := range c.Scores {
		name := s.Engine
		if s.Rank == 0 {
			name = "(" + name + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func TestRankingPrefersServedBuyers(t *testing.T) {
	c := comparisonsOf([]*result.File{tried(
		ran("m/refuses", 500, 0.9, 1),  // fast, and turns buyers away
		ran("m/strands", 0, 0.8, 2),    // leaves units unsold
		ran("m/slow", 9, 0.9, 50),      // 9 of 10,000 is as good as none
		ran("m/good", 0, 0.8995, 5),    // fills as many units, within the tolerance
		ran("m/slower", 11, 0.95, 0.1), // 11 of 10,000 is not
		changed(ran("m/naive", 0, 0.9, 1), func(r *result.Run) { r.PromisesNoOversell, r.Units.Oversold = false, result.Oversold{Min: 30, Max: 30} }),
		changed(ran("m/lucky", 0, 0.9, 1), func(r *result.Run) { r.PromisesNoOversell = false }),
		changed(ran("m/failed", 0, 0.9, 1), func(r *result.Run) { r.Verdict, r.Units.Oversold = result.Fail, result.Oversold{Min: 2, Max: 2} }),
		changed(ran("m/unsure", 0, 0.9, 1), func(r *result.Run) { r.Verdict, r.Units.Oversold = result.Unknown, result.Oversold{Max: 2} }),
		changed(ran("m/invalid", 0, 0.9, 1), func(r *result.Run) { r.Valid = false }),
		changed(ran("m/partial", 0, 0.9, 1), func(r *result.Run) { r.Complete = false }),
	)})[0]
	const want = "m/good m/slow m/strands m/slower m/refuses (m/invalid) (m/lucky) (m/partial) (m/unsure) (m/failed) (m/naive)"
	if got := ranking(c); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if c.Best == nil || c.Best.Engine != "m/good" || c.Control == nil || c.Control.Engine != "m/naive" {
		t.Errorf("best %+v, control %+v", c.Best, c.Control)
	}
	if got := c.Headline(); got != "Choose good: it sold nothing that was not there, and served buyers best." {
		t.Errorf("headline: %s", got)
	}
	if got := plainSpaces(c.Cost()); got != "What it costs: 99 % of answers within 5 ms, where naive needs 1 ms. But naive promised 30 units that did not exist, and the seller would have to cancel 0 % of the orders it accepted." {
		t.Errorf("cost: %s", got)
	}
}

// TestOnlyCandidateIsNotPraised: one that beat nobody is not said to serve buyers best.
func TestOnlyCandidateIsNotPraised(t *testing.T) {
	c := comparisonsOf([]*result.File{tried(
		ran("m/refuses", 1500, 0.5, 1),
		changed(ran("m/naive", 0, 0.9, 1), func(r *result.Run) { r.PromisesNoOversell, r.Units.Oversold = false, result.Oversold{Min: 30, Max: 30} }),
	)})[0]
	if got := c.Headline(); got != "Choose refuses: no other that was run promised not to oversell and kept it." {
		t.Errorf("headline: %s", got)
	}
}

func TestNothingIsRecommendedWithoutProof(t *testing.T) {
	invalid := changed(ran("m/a", 0, 1, 1), func(r *result.Run) { r.Valid, r.Invalid = false, []string{"the control did not oversell"} })
	failed := changed(ran("m/a", 0, 1, 1), func(r *result.Run) { r.Verdict, r.Units.Oversold = result.Fail, result.Oversold{Min: 1, Max: 1} })
	for name, c := range map[string]struct {
		file           *result.File
		headline, says string
	}{
		"invalid":    {tried(invalid), "No strategy can be chosen: the runs prove nothing.", "Runs are invalid: the control did not oversell."},
		"failed":     {tried(failed), "No strategy that was run can be recommended.", "None here is."},
		"one seed":   {tried(ran("m/a", 0, 1, 1), changed(failed, func(r *result.Run) { r.Seed = 2 })), "No strategy that was run can be recommended.", "None here is."},
		"incomplete": {changedFile(tried(changed(ran("m/a", 0, 1, 1), func(r *result.Run) { r.Complete = false })), func(f *result.File) { f.Complete = false }), "No strategy can be chosen: the run was cut short.", "until it has run to its end"},
	} {
		got := comparisonsOf([]*result.File{c.file})[0]
		if got.Best != nil || got.Headline() != c.headline || !strings.Contains(got.Why(), c.says) {
			t.Errorf("%s: best %v, %q, %q", name, got.Best, got.Headline(), got.Why())
		}
	}
}

func changedFile(f *result.File, change func(*result.File)) *result.File {
	change(f)
	return f
}

func TestSeedsAreJudgedTogether(t *testing.T) {
	oversells := func(seed uint64, n int64) result.Run {
		return changed(ran("m/lock", 10, 0.9, float64(seed)), func(r *result.Run) {
			r.Seed, r.PromisesNoOversell, r.Units.Oversold = seed, false, result.Oversold{Min: n, Max: n}
		})
	}
	all := comparisonsOf([]*result.File{tried(oversells(2, 0), oversells(1, 412)), tried(oversells(3, 7))})
	if len(all) != 1 || len(all[0].Scores) != 1 {
		t.Fatalf("%d comparisons", len(all))
	}
	s := all[0].Scores[0]
	if s.Oversold.Max != 412 || s.P99 != 3 || s.RefusedFalsely != 10 || s.First().Seed != 1 {
		t.Errorf("got %+v", s)
	}
	if got := plainSpaces(s.Sentence()); got != "412 units were promised that did not exist in the worst of 3 seeds." {
		t.Error(got)
	}
}

func TestDemandsThatDifferAreNotRankedTogether(t *testing.T) {
	other := tried(ran("m/a", 0, 1, 1))
	other.Demand.ConfigHash = "two"
	wall := tried(changed(ran("m/a", 0, 1, 1), func(r *result.Run) { r.Mode = result.Wall }))
	all := comparisonsOf([]*result.File{tried(ran("m/a", 0, 1, 1)), other, wall})
	if len(all) != 3 {
		t.Fatalf("%d comparisons", len(all))
	}
	seen := map[string]bool{}
	for _, c := range all {
		seen[c.Label] = true
	}
	if len(seen) != 3 || !seen["tried, measured"] {
		t.Errorf("labels %v", seen)
	}
}
