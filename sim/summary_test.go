package sim

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

func TestClopperPearson(t *testing.T) {
	for _, c := range []struct {
		events, trials int64
		low, high      float64
	}{
		{0, 1_000_000, 0, 3.6889e-6}, // 1 − 0.025^(1/n)
		{0, 10, 0, 0.30850},          // as tables have it
		{1, 10, 0.0025286, 0.44502},
		{10, 10, 0.69150, 1},
	} {
		low, high := clopperPearson(c.events, c.trials)
		if math.Abs(low-c.low) > 1e-5*max(c.low, 1e-4) || math.Abs(high/c.high-1) > 1e-4 {
			t.Errorf("%d of %d: [%.6g, %.6g], want [%.6g, %.6g]", c.events, c.trials, low, high, c.low, c.high)
		}
	}
}

// Of 95 % intervals, 95 % hold the truth; here it is known.
func TestIntervalsCoverTheTruth(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, truth := range []float64{0.3, 0.0005} {
		const tries, runs, trials = 400, 8, 4000
		covered := 0
		for range tries {
			var group []*result.Run
			for range runs {
				var run result.Run
				run.Orders.Asked = trials
				for range trials {
					if r.Float64() < truth {
						run.Orders.Promised++
					}
				}
				group = append(group, &run)
			}
			ri := counted[2].interval(group)
			if ri.Low <= truth && truth <= ri.High {
				covered++
			}
		}
		if share := float64(covered) / tries; share < 0.92 {
			t.Errorf("intervals of a rate of %g cover it in %.1f %% of cases", truth, 100*share)
		}
	}
}

// The rates of a summary must be those of its runs.
func TestSummaryAgreesWithTheRun(t *testing.T) {
	run := result.Run{Engine: "memory/x", Valid: true, Complete: true}
	run.Units = result.Units{Promised: 90, Asked: 120, Supply: 100, Oversold: result.Oversold{Min: 5, Max: 5}}
	run.Orders = result.Orders{Asked: 60, Promised: 40, Refused: 20, RefusedFalsely: 2, Cancelled: result.Cancelled{SellerOversold: 4}}
	run.Rate(80)
	invalid := run
	invalid.Valid = false
	got := summarize([]result.Run{run, invalid})
	if len(got) != 1 || got[0].Runs != 1 {
		t.Fatalf("want one summary of the one valid run, got %+v", got)
	}
	want := map[string]float64{
		"oversell": run.Rates.Oversell, "cancellation": run.Rates.Cancellation, "conversion": run.Rates.Conversion,
		"false_refusal": run.Rates.FalseRefusal, "fill_rate": run.Rates.FillRate, "sell_through": run.Rates.SellThrough,
	}
	for _, ri := range got[0].Rates {
		if ri.Mean != want[ri.Name] {
			t.Errorf("%s: %v, the run says %v", ri.Name, ri.Mean, want[ri.Name])
		}
		delete(want, ri.Name)
	}
	if len(want) > 0 {
		t.Errorf("no summary of %v", want)
	}
}
