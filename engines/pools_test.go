package engines

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestDivide holds the largest-remainder method against its definition: nothing is lost, and each part is its exact
// share, rounded up or down.
func TestDivide(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.Int64Range(0, 1<<40).Draw(r, "n")
		p := Pools(rapid.SliceOfN(rapid.Int64Range(0, 1<<30), 1, 9).Draw(r, "weights"))
		parts := make([]int64, len(p))
		p.Divide(n, parts)
		total, sum := 0.0, int64(0)
		for _, w := range p {
			total += float64(w)
		}
		if total == 0 {
			return
		}
		for i, part := range parts {
			sum += part
			if exact := float64(n) * float64(p[i]) / total; math.Abs(float64(part)-exact) > 1+exact*1e-12 {
				r.Errorf("part %d of %d is %d, exactly %g", i, n, part, exact)
			}
		}
		if sum != n {
			r.Errorf("%d was divided into %v, which sum to %d", n, parts, sum)
		}
	})
	parts := make([]int64, 3)
	if (Pools{40, 35, 25}).Divide(10, parts); !slices.Equal(parts, []int64{4, 4, 2}) {
		t.Errorf("10 by 40, 35, 25 is %v, want 4, 4, 2: the first of equal remainders gains", parts)
	}
}

// TestSpread: what comes pays debts first, what goes is taken where something is, and the sum is always the change.
func TestSpread(t *testing.T) {
	p := Pools{2, 1, 1}
	for _, c := range []struct {
		change          int64
		available, want []int64
	}{
		{8, []int64{0, 0, 0}, []int64{4, 2, 2}},
		{8, []int64{5, -4, 0}, []int64{2, 5, 1}},
		{3, []int64{5, -4, -2}, []int64{0, 2, 1}},
		{-6, []int64{0, 2, 10}, []int64{0, -1, -5}},
		{-16, []int64{0, 2, 10}, []int64{-2, -3, -11}},
		{-4, []int64{-1, 0, 0}, []int64{-2, -1, -1}},
	} {
		delta := make([]int64, 3)
		if p.Spread(c.change, c.available, delta); !slices.Equal(delta, c.want) {
			t.Errorf("%d over %v: %v, want %v", c.change, c.available, delta, c.want)
		}
	}
	one := make([]int64, 1)
	if OnePool.Spread(-7, []int64{3}, one); one[0] != -7 {
		t.Errorf("the one pool of a SKU loses %d of 7", -one[0])
	}
}

// TestPoolsOf refuses shares that aren't, and gives channels without a share the largest pool.
func TestPoolsOf(t *testing.T) {
	for name, shares := range map[string][]float64{
		"none": nil, "negative": {1.5, -0.5}, "not a number": {math.NaN(), 1}, "not 1": {0.5, 0.4}, "too many": make([]float64, 257),
	} {
		if _, err := PoolsOf(shares); err == nil {
			t.Errorf("%s: shares %v make pools, want an error", name, shares)
		}
	}
	p, err := PoolsOf([]float64{0.2, 0.5, 0.3})
	if err != nil || p.Of(2) != 2 || p.Of(7) != 1 || OnePool.Of(9) != 0 {
		t.Errorf("channels 2 and 7 sell from pools %d and %d (%v), want their own and the largest", p.Of(2), p.Of(7), err)
	}
}
