package reports

import (
	"math"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

func TestWhatADayAddsToAWindow(t *testing.T) {
	f := tried(changed(ran("m/naive", 0, 1, 1), func(r *result.Run) {
		r.Rates.Cancellation = 0.07
		r.Channels = []result.Channel{{Name: "Amazon", Kind: "marketplace", CancellationRate: 0.05}}
	}))
	f.Demand.DayS = 86400
	all := limits(comparisonsOf([]*result.File{f})[0])
	amazon, walmart := all[0], all[1]
	if got := plainSpaces(amazon.Rows[0].Rate + ", " + amazon.Rows[0].Adds + ", " + amazon.Rows[0].Alone); got != "5.00 %, adds 0.71 points in 7 days, 6.0 ×" {
		t.Errorf("amazon: %s", got)
	}
	if got := plainSpaces(walmart.Rows[0].Rate + ", " + walmart.Rows[0].Adds); got != "7.00 %, adds 0.23 points in 30 days" {
		t.Errorf("walmart, which has no channel of its own, is held against all orders: %s", got)
	}
	// A day with six times the orders of each of the six others, and 5 % of them cancelled: 6·5 % of 12 days' orders.
	if x := amazon.alone(0.05, 1); math.Abs(x*0.05/(x+6)-0.025) > 1e-12 {
		t.Errorf("with %v times the orders the window stands at %v: want the limit", x, x*0.05/(x+6))
	}
	if amazon.alone(0.02, 1) != 0 || amazon.alone(0, 1) != 0 {
		t.Error("a day within the limit breaches a window by itself")
	}
	f.Runs[0].Channels[0].CancellationRate = 0
	if row := limits(comparisonsOf([]*result.File{f})[0])[0].Rows[0]; !row.Within || row.Adds != "adds nothing" || row.Alone != "" {
		t.Errorf("of a day without cancellations: %+v", row)
	}
}

func TestTradesInWords(t *testing.T) {
	f := tried(ran("m/best", 10, 0.9, 2), ran("m/slow", 10, 0.9, 20), ran("m/same", 10, 0.9, 2), ran("m/shy", 900, 0.9, 1), ran("m/short", 10, 0.8, 1),
		changed(ran("m/naive", 0, 0.9, 1), func(r *result.Run) {
			r.PromisesNoOversell, r.Units.Oversold, r.Rates.Cancellation = false, result.Oversold{Min: 5, Max: 5}, 0.03
		}),
		changed(ran("m/lock", 10, 0.9, 2), func(r *result.Run) { r.PromisesNoOversell, r.Unsafe = false, "a pause outlives its lease" }),
		changed(ran("m/unknown", 10, 0.9, 2), func(r *result.Run) { r.Verdict = result.Unknown }),
		changed(ran("m/invalid", 10, 0.9, 2), func(r *result.Run) { r.Valid = false }))
	c := comparisonsOf([]*result.File{f})[0]
	want := map[string]string{"best": "", "slow": "its p99 is 10 × as long.", "same": "It serves buyers as well and as fast.", "shy": "No win: it turned away", "short": "It fills 80.00 % of units, against 90.00 %.",
		"naive": "The seller must cancel 3.00 % of the orders that it accepted.", "lock": "But it promises nothing: a pause outlives its lease.", "invalid": "", "unknown": ""}
	for _, s := range c.Scores {
		got := plainSpaces(c.Trade(s))
		if w := want[s.Short]; !strings.Contains(got, w) || w == "" && got != "" {
			t.Errorf("%s (best is %s): %q, want %q", s.Short, c.Best.Short, got, w)
		}
	}
	if len(c.Scores) != len(want) {
		t.Errorf("%d strategies", len(c.Scores))
	}
}

func TestHowSureOneSeedIs(t *testing.T) {
	c := comparisonsOf([]*result.File{fixture(t)})[0]
	if got := plainSpaces(c.Sure()); !strings.Contains(got, "one seed, which says nothing of other days") || !strings.Contains(got, "≤ 0.00037 % of units oversold") {
		t.Errorf("one seed: %s", got)
	}
	c = comparisonsOf([]*result.File{shopFixture(t, 3)})[0]
	if got := plainSpaces(c.Sure()); !strings.Contains(got, "over 3 seeds, with 95 % intervals,") || !strings.Contains(got, "What it all costs lies between USD") {
		t.Errorf("three seeds of a shop with costs: %s", got)
	}
	f := fixture(t)
	f.Summaries = nil
	if got := comparisonsOf([]*result.File{f})[0].Sure(); got != "How sure: the result has no intervals." {
		t.Error(got)
	}
}

func TestRefusalsAreToldByReason(t *testing.T) {
	r := ran("m/a", 30, 0.9, 1)
	r.Orders.FalseBy = map[string]int64{"contended": 10, "held_then_unsold": 20, "buffer": 0, "new_reason": 1}
	s := comparisonsOf([]*result.File{tried(r)})[0].Scores[0]
	if got := plainSpaces(s.whyRefused()); got != " (20 held and never paid, 10 too many at once, 1 new reason)" {
		t.Errorf("%q", got)
	}
}

func TestFirstViolatingEvent(t *testing.T) {
	f := fixture(t)
	f.Runs[0].Checks = append(f.Runs[0].Checks, result.Check{Name: "holds", Promised: true, Verdict: result.Fail, FirstAtMS: 1000, Detail: "A hold ended twice."},
		result.Check{Name: "refused_falsely", Verdict: result.Fail, FirstAtMS: 1}, result.Check{Name: "pools", Promised: true, Verdict: result.Fail, FirstAtMS: -1})
	c := comparisonsOf([]*result.File{f})[0]
	v, err := viewOf(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	var naive *violation
	for i := range v.Invariants.First {
		if v.Invariants.First[i].Engine == "naive" {
			naive = &v.Invariants.First[i]
		}
	}
	if naive == nil || naive.Check != "holds" || naive.At != "00:00:01.000" || !naive.Promised {
		t.Errorf("got %+v", naive)
	}
	if len(v.Invariants.First) != 2 {
		t.Errorf("%d strategies violated an invariant: want naive and lock", len(v.Invariants.First))
	}
	if s := v.Invariants.Story; s == nil || s.Engine != "naive" || len(s.Story) != 3 {
		t.Errorf("the oversold order's story is %+v", s)
	}
	for _, row := range v.Invariants.Rows {
		if row.Engine == "naive" && row.Cells[0].Verdict != "fail not-promised" || row.Engine == "queue" && row.Cells[0].Mark != "✓" {
			t.Errorf("%s: %+v", row.Engine, row.Cells)
		}
	}
}

func TestMargins(t *testing.T) {
	for want, c := range map[string]result.Check{
		"412 too many": {Limit: "0 units by the engine's fault", Actual: "412 units", Verdict: result.Fail},
		"0 to spare":   {Limit: "0 units", Actual: "0 units", Verdict: result.Pass},
		"–":            {Limit: "every kind of operation succeeds", Actual: "9 of 9 kinds", Verdict: result.Pass},
	} {
		if got := margin(c); got != want {
			t.Errorf("%s against %s: %q, want %q", c.Actual, c.Limit, got, want)
		}
	}
	runs := []*runView{{Run: &result.Run{Load: result.Load{Planned: 1000, Dropped: 1, LagMSP99: 5}, Wall: result.WallDay{LagLimitMS: 20, DroppedLimit: 0.002}}, Name: "a"}, {Run: &result.Run{}}}
	if got := validities(runs); len(got) != 1 || plainSpaces(got[0].LagMargin) != "75.00 %" || plainSpaces(got[0].DropMargin) != "50.00 %" {
		t.Errorf("got %+v", got)
	}
}

func TestFunnelLosesNobodyTwice(t *testing.T) {
	r := fixture(t).Runs[0]
	r.Funnel = result.Funnel{Arrived: 900, Carts: 500, Checkouts: 200, LeftAtCheckout: 60, PaymentAttempts: 180, PaymentFailures: 40, Promised: 420}
	r.Channels = []result.Channel{{Name: "a", Kind: "own", Promised: 120}, {Name: "b", Kind: "marketplace", Promised: 300}}
	var got []int64
	for _, s := range funnelOf(&r) {
		got = append(got, s.shoppers)
	}
	if want := []int64{500, 200, 140, 120}; len(got) != 4 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] || got[3] != want[3] {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestLatencyAgainstLoad(t *testing.T) {
	r := fixture(t).Runs[0]
	r.Series.OperationsPerS, r.Series.P99MS = []float64{1, 1, 1, 160, 160}, []float64{2, 3, 90, 50, 0}
	l, some := loadedOf(&score{Runs: []*result.Run{&r}}, 10)
	if some != 2 || l.p99[0] != 3 || l.p99[loadSteps-1] != 50 {
		t.Errorf("%d loads, %v: want the medians 3 and 50", some, l.p99)
	}
}

func TestShortPaths(t *testing.T) {
	for in, want := range map[string]string{
		"M 10 20\nL 13 18\nL 13 30\nL 5 30": "M10 20l3-2 0 12-8 0",
		"M 1 2\nL 3 2\nZ\nM 9 9\nL 8 8":     "M1 2l2 0zM9 9l-1-1",
		"M 1 2 Q 3 4 5 6":                   "M 1 2 Q 3 4 5 6",
		"M 1.5 2\nL 3 4":                    "M 1.5 2\nL 3 4",
		"":                                  "",
	} {
		if got := shortPath(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
