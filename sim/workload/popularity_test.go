package workload

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/doorbuster/doorbuster/engines"
)

// linesBySKU counts the lines that name each SKU.
func linesBySKU(all []Plan, skus int) (by []float64, total float64) {
	by = make([]float64, skus)
	for i := range all {
		for _, l := range all[i].Lines {
			by[l.SKU]++
			total++
		}
	}
	return by, total
}

// With s = 0.9 over 4,000 SKUs the most popular fifth has three quarters of the lines.
func TestZipf(t *testing.T) {
	d := New(fridays(t, "demand.hot.burst=1"), 1)
	by, total := linesBySKU(plans(t, d, 1), len(d.Opening))
	top := 0.0
	for _, n := range by[:800] {
		top += n
	}
	near(t, "lines of the top 800 of 4,000", top/total, 0.75, 0.01)
	near(t, "first ÷ tenth", by[0]/by[9], math.Pow(10, 0.9), 0.05)
	if d.Names(0) != "SKU-000001" || d.Names(3999) != "SKU-004000" {
		t.Errorf("the SKUs are named %s to %s", d.Names(0), d.Names(3999))
	}
}

// A smaller scale runs fewer SKUs, and each is asked for as often as in the whole shop.
func TestScaleKeepsEachSKUsDemand(t *testing.T) {
	sc := fridays(t, "skus=200", "demand.arrivals_per_day=100000", "demand.hot.skus=20")
	whole, part := New(sc, 1), New(sc, 0.1)
	if len(whole.Opening) != 200 || len(part.Opening) != 20 {
		t.Fatalf("%d and %d SKUs; want 200 and 20", len(whole.Opening), len(part.Opening))
	}
	all, few := plans(t, whole, 1), plans(t, part, 2)
	near(t, "arrivals at a tenth", float64(len(few)), part.Planned(), 0.02)
	wholeBy, _ := linesBySKU(all, 200)
	partBy, _ := linesBySKU(few, 20)
	number := map[string]int{}
	for i := range whole.Opening {
		number[whole.Names(engines.SKU(i))] = i
	}
	for i, n := range partBy {
		name := part.Names(engines.SKU(i))
		j, known := number[name]
		if !known {
			t.Fatalf("%s isn't in the whole shop", name)
		}
		// Several lines of one basket may name one SKU, which spreads the counts a little wider than independent ones.
		if off := math.Abs(n-wholeBy[j]) / math.Sqrt(n+wholeBy[j]); off > 5 {
			t.Errorf("%s stands in %.0f lines at a tenth and in %.0f in the whole shop", name, n, wholeBy[j])
		}
		if part.Opening[i] != whole.Opening[j] || part.Hot[i] != whole.Hot[j] {
			t.Errorf("%s opens with %d units at a tenth (hot: %v) and %d in the whole shop (%v)",
				name, part.Opening[i], part.Hot[i], whole.Opening[j], whole.Hot[j])
		}
	}
}

// What a result says of the doorbusters' share is what comes, and at a small scale it says how that differs from the whole shop.
func TestHotShareIsHonest(t *testing.T) {
	for _, scale := range []float64{1, 0.1, 0.001} {
		d := New(fridays(t, "demand.arrivals_per_day=1000000"), scale)
		by, total := linesBySKU(plans(t, d, 3), len(d.Opening))
		hot := 0.0
		for sku, n := range by {
			hot += n * one(d.Hot[sku])
		}
		near(t, fmt.Sprintf("share of doorbusters at scale %g", scale), hot/total, d.HotShare, 0.03)
		if whole := New(fridays(t), 1); math.Abs(d.HotShareAtScale1-whole.HotShare) > 1e-12 {
			t.Errorf("at scale %g the share at scale 1 is said to be %v; it is %v", scale, d.HotShareAtScale1, whole.HotShare)
		}
	}
	if d := New(fridays(t), 0.001); d.HotShare < 1.2*d.HotShareAtScale1 {
		t.Errorf("one doorbuster among four SKUs has a share of %v, ten among 4,000 one of %v", d.HotShare, d.HotShareAtScale1)
	}
}

// The alias table gives each index exactly its share: what its own column keeps, and what others pass on to it.
func TestAliasHasTheWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Float64Range(0, 1e6), 1, 60).Draw(t, "weights")
		weights[0]++ // not all 0
		sum := 0.0
		for _, w := range weights {
			sum += w
		}
		a := newAlias(weights, 0)
		share := make([]float64, len(weights))
		for i, c := range a {
			keep := float64(c.keep) / float64(always)
			share[i] += keep
			share[c.other] += 1 - keep
		}
		for i, w := range weights {
			if got, want := share[i]/float64(len(weights)), w/sum; math.Abs(got-want) > 1e-12 {
				t.Fatalf("index %d of %v has a chance of %v, want %v", i, weights, got, want)
			}
		}
	})
}

// A chance decides what a comparison of floats would, also where the two are equal.
func TestChanceIsAComparison(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		drawn := newStream(seed, basketStream).Float64()
		for _, p := range []float64{0, drawn, math.Nextafter(drawn, 0), math.Nextafter(drawn, 1), rapid.Float64Range(0, 1).Draw(t, "p"), 1} {
			if got := newStream(seed, basketStream).happens(chanceOf(p)); got != (drawn < p) {
				t.Fatalf("with a chance of %v it happens: %v; %v was drawn", p, got, drawn)
			}
		}
	})
}

func TestAliasDraws(t *testing.T) {
	weights := []float64{5, 0, 1, 3, 0.5, 0.5}
	a, r := newAlias(weights, 0), newStream(1, basketStream).set(scramble(1))
	counts := make([]float64, len(weights))
	const n = 100_000
	for range n {
		counts[a.draw(r)]++
	}
	for i, w := range weights {
		if want := n * w / 10; want == 0 && counts[i] > 0 || want > 0 && sigmas(counts[i], want) > 4 {
			t.Errorf("index %d was drawn %.0f times, want about %.0f", i, counts[i], want)
		}
	}
}

// Opening stock covers what the day's buyers want: with a cover of 1 it is as much as they would buy.
func TestOpeningStockIsWhatBuyersWant(t *testing.T) {
	d := New(fridays(t, "skus=30", "demand.hot.skus=3", "stock.cover=1", "stock.hot_cover=1"), 1)
	wanted := make([]float64, 30)
	for _, p := range plans(t, d, 1) {
		if !p.Buys() {
			continue
		}
		for _, l := range p.Lines {
			wanted[l.SKU] += float64(l.Qty)
		}
	}
	for sku, n := range wanted {
		near(t, d.Names(engines.SKU(sku)), float64(d.Opening[sku]), n, 0.05)
	}
	low := New(fridays(t, "skus=30", "demand.hot.skus=3", "stock.cover=1", "stock.hot_cover=0.1", "stock.minimum=7", "demand.zipf=5"), 1)
	near(t, "opening stock of a doorbuster with a tenth of its cover", float64(low.Opening[0]), 0.1*low.Planned(), 0.8)
	if low.Opening[29] != 7 {
		t.Errorf("an SKU that nobody wants opens with %d units, want the minimum of 7", low.Opening[29])
	}
}
