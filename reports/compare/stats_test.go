package compare

import (
	"math"
	"math/rand/v2"
	"testing"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// The published example of Newcombe 1998, table II, row (a): 56 of 70 against 48 of 80, method 10.
func TestNewcombeIsAsPublished(t *testing.T) {
	low, high := newcombe(counts{events: 48, trials: 80}, counts{events: 56, trials: 70})
	near(t, "low", low, 0.0524, 0.00005)
	near(t, "high", high, 0.3339, 0.00005)
	low, high = newcombe(counts{trials: 10}, counts{events: 10, trials: 10})
	if !(low < 1 && low > 0 && high == 1) {
		t.Errorf("none of 10 against all of 10: [%v, %v]", low, high)
	}
	if _, high := wilson(counts{trials: 1_000_000}); high < 3e-6 || high > 5e-6 {
		t.Errorf("no event in a million may still be %v", high)
	}
}

func TestPairedT(t *testing.T) {
	// Student's own data (1908): extra sleep of ten patients under two drugs; t = 4.0621, p = 0.00283.
	near(t, "p of Student's sleep data", pairedT([]float64{1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4}), 0.00283, 0.00001)
	low, high := studentT([]float64{1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4})
	near(t, "low", low, 0.7001, 0.0001)
	near(t, "high", high, 2.4599, 0.0001)
	near(t, "no difference", pairedT([]float64{-1, 1, -2, 2}), 1, 0)
	near(t, "all alike", pairedT([]float64{3, 3, 3, 3, 3, 3}), 1.0/32, 0)
	near(t, "one pair", pairedT([]float64{3}), 1, 0)
}

func TestSignFlip(t *testing.T) {
	near(t, "six of one sign", signFlip([]float64{1, 2, 3, 4, 5, 6}), 2.0/64, 0)
	near(t, "nothing", signFlip([]float64{0, 0, 0}), 1, 0)
	near(t, "one of many", signFlip([]float64{0, 0, 0, 0, 0, 9}), 1, 0)
	near(t, "sums to nothing", signFlip([]float64{1, -1}), 1, 0)
	many := make([]float64, 20)
	for i := range many {
		many[i] = 1
	}
	near(t, "twenty of one sign, sampled", signFlip(many), 1e-4, 1e-12)
	for i := range many {
		many[i] = float64(i) - 9.5
	}
	if p := signFlip(many); p < 0.95 {
		t.Errorf("symmetric differences have p = %v", p)
	}
}

func TestMannWhitney(t *testing.T) {
	near(t, "four below four", mannWhitney([]float64{1, 2, 3, 4}, []float64{5, 6, 7, 8}), 2.0/70, 1e-12)
	near(t, "all equal", mannWhitney([]float64{1, 1, 1, 1}, []float64{1, 1, 1, 1}), 1, 0)
}

func TestBootstrapsAreReproducibleAndOrdered(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	x, y := make([]float64, 12), make([]float64, 15)
	for i := range x {
		x[i] = rnd.NormFloat64()
	}
	for i := range y {
		y[i] = 1 + rnd.NormFloat64()
	}
	low, high := bootstrapT(x)
	again, _ := bootstrapT(x)
	if m := mean(x); low != again || !(low < m && m < high) {
		t.Errorf("mean %v in [%v, %v], then from %v", m, low, high, again)
	}
	low, high = bootstrapMedians(x, y)
	if d := median(y) - median(x); !(low <= d && d <= high) {
		t.Errorf("difference %v in [%v, %v]", d, low, high)
	}
	if low, high := bootstrapT([]float64{2, 2, 2}); low != 2 || high != 2 {
		t.Errorf("values that don't vary give [%v, %v]", low, high)
	}
}

func TestNewWorse(t *testing.T) {
	old, new := []float64{1, 2, 3, 4}, []float64{2, 2, 4, 3}
	near(t, "paired, lower is better", newWorse(old, new, true, false), 2.5/4, 0)
	near(t, "paired, higher is better", newWorse(old, new, true, true), 1.5/4, 0)
	near(t, "not paired", newWorse([]float64{1, 2}, []float64{2, 3}, false, false), 3.5/4, 0)
	near(t, "nothing", newWorse(nil, nil, true, false), 0.5, 0)
}
