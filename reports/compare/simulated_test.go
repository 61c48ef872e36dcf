package compare

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

// world draws runs: a day of its own for each seed, which both sides share, and what differs from run to run on top.
type world struct {
	rnd      *rand.Rand
	spread   float64 // of the logarithm of a day's latencies
	noise    float64 // the same of one run: a pair then differs by √2 times as much
	slower   float64 // factor on the percentiles of the new side
	only     string  // the one percentile that it slows; empty: all
	refused  float64 // how many times as many false refusals the new side has
	rareness float64 // units oversold a run, expected
}

// file is one side with so many runs, its seeds from first on. Days depend on the seed alone.
func (w *world) file(first uint64, n int, new bool) *result.File {
	f := &result.File{Schema: result.SchemaName, Scenario: "simulated", Complete: true, Demand: result.Demand{ConfigHash: "abc", Scale: 0.1}}
	for seed := first; seed < first+uint64(n); seed++ {
		day := rand.New(rand.NewPCG(seed, w.daySeed()))
		f.Runs = append(f.Runs, w.run(seed, day, new))
	}
	return f
}

// daySeed makes each comparison of a test meet days of its own.
func (w *world) daySeed() uint64 { return math.Float64bits(w.spread) ^ days }

var days uint64

func (w *world) run(seed uint64, day *rand.Rand, new bool) result.Run {
	r := result.Run{Engine: "memory/queue", Mode: result.Virtual, Seed: seed, PromisesNoOversell: true, Complete: true, Valid: true, Verdict: result.Pass}
	p := &r.LatencyMS.Intended
	p.Count = 100_000
	hard := day.NormFloat64() // a hard day is hard at every percentile
	alike := w.rnd.NormFloat64()
	for _, q := range []struct {
		name string
		to   *float64
		ms   float64
	}{{"p50", &p.P50, 2}, {"p99", &p.P99, 9}, {"p999", &p.P999, 30}} {
		// Half of the noise of a run is shared by its percentiles.
		noise := w.noise * (alike + w.rnd.NormFloat64()) / math.Sqrt2
		*q.to = q.ms * math.Exp(w.spread*hard+noise)
		if new && w.slower != 0 && (w.only == "" || w.only == q.name) {
			*q.to *= w.slower
		}
	}
	r.Units = result.Units{Asked: 200_000, Promised: 120_000}
	r.Orders = result.Orders{Asked: 100_000, Promised: 60_000, Refused: 30_000}
	refused := 0.05
	if new && w.refused != 0 {
		refused *= w.refused
	}
	r.Orders.RefusedFalsely = int64(30_000 * refused * math.Exp(0.05*hard+w.noise*w.rnd.NormFloat64()))
	r.Units.Promised += int64(300 * w.rnd.NormFloat64())
	if w.rareness > 0 {
		n := poisson(w.rnd, w.rareness)
		r.Units.Oversold = result.Oversold{Min: n, Max: n}
		r.Orders.Cancelled.SellerOversold = n
	}
	return r
}

func poisson(rnd *rand.Rand, mean float64) (n int64) {
	for p := rnd.Float64(); p > math.Exp(-mean); p *= rnd.Float64() {
		n++
	}
	return n
}

// verdicts counts what so many simulated comparisons say of a figure, or of the whole pair where none is named.
func (w *world) verdicts(t *testing.T, times int, figure string, firstNew uint64, runs int) map[string]int {
	t.Helper()
	said := map[string]int{}
	for i := range times {
		days = uint64(i + 1)
		c, err := Compare(Side{Name: "old", File: w.file(1, runs, false)}, Side{Name: "new", File: w.file(firstNew, runs, true)}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		verdict := c.Pairs[0].Verdict
		if figure != "" {
			verdict = named(t, &c.Pairs[0], figure).Verdict
		}
		said[verdict]++
	}
	return said
}

func named(t *testing.T, p *Pair, figure string) *Figure {
	t.Helper()
	for i := range p.Figures {
		if p.Figures[i].Name == figure {
			return &p.Figures[i]
		}
	}
	t.Fatalf("no figure %s", figure)
	return nil
}

// Two sets from one distribution are called worse by mistake in at most 5 % of 1,000 comparisons, whichever figure it is that errs.
func TestTheSameIsSeldomCalledWorse(t *testing.T) {
	for name, c := range map[string]struct {
		w    world
		runs int
		new  uint64 // first seed of the new side
	}{
		"paired":        {world{spread: 0.2, noise: 0.03 / math.Sqrt2}, 10, 1},
		"six pairs":     {world{spread: 0.2, noise: 0.1}, 6, 1},
		"rare oversell": {world{spread: 0.2, noise: 0.03, rareness: 1.5}, 10, 1},
		"not paired":    {world{spread: 0.05, noise: 0.03}, 10, 1001},
	} {
		t.Run(name, func(t *testing.T) {
			c.w.rnd = rand.New(rand.NewPCG(7, 7))
			said := c.w.verdicts(t, 1000, "", c.new, c.runs)
			t.Log(said)
			if said[Worse] > 50 || said[TooFew] > 0 {
				t.Errorf("of 1,000: %v; worse in at most 50 expected", said)
			}
		})
	}
}

// A slowdown of 5 % over ten pairs whose ratios vary by 3 % is found in at least 95 % of comparisons. Where it is in one percentile alone, and the
// correction has four other figures to allow for, it is found almost as often.
func TestAPlantedSlowdownIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		only, figure string
		least        int
	}{
		"every percentile, p99":     {"", "p99", 950},
		"every percentile, verdict": {"", "", 950},
		"p99 alone":                 {"p99", "p99", 930},
	} {
		t.Run(name, func(t *testing.T) {
			w := world{spread: 0.2, noise: 0.03 / math.Sqrt2, slower: 1.05, only: c.only, rnd: rand.New(rand.NewPCG(11, 11))}
			said := w.verdicts(t, 1000, c.figure, 1, 10)
			t.Log(said)
			if said[Worse] < c.least {
				t.Errorf("of 1,000: %v; worse in at least %d expected", said, c.least)
			}
		})
	}
}

// The interval of a percentile's ratio holds the true one about as often as it says.
func TestIntervalsHoldTheTruth(t *testing.T) {
	w := world{spread: 0.2, noise: 0.05, slower: 1.1, rnd: rand.New(rand.NewPCG(13, 13))}
	held := 0
	for i := range 1000 {
		days = uint64(i + 1)
		c, err := Compare(Side{Name: "old", File: w.file(1, 10, false)}, Side{Name: "new", File: w.file(1, 10, true)}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if f := named(t, &c.Pairs[0], "p99"); f.Low <= 0.1 && 0.1 <= f.High {
			held++
		}
	}
	t.Logf("%d of 1,000", held)
	if held < 930 || held > 975 {
		t.Errorf("%d of 1,000 intervals of 95 %% hold the true ratio", held)
	}
}
