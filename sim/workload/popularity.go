package workload

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/doorbuster/doorbuster/scenarios"
)

// article is one SKU of the catalog: its rank by popularity (from 1) and its share of lines at scale 1.
type article struct {
	rank   int
	weight float64
	hot    bool
}

func rankName(rank int) string { return fmt.Sprintf("SKU-%06d", rank) }

// zipf is the unnormalised weight of a rank.
func zipf(rank int, s float64) float64 { return math.Pow(float64(rank), -s) }

// sample picks the SKUs to run, doorbusters and others apart: as many strata of neighbouring ranks as SKUs are wanted, and from each the
// rank whose weight is closest to the mean of its stratum. So the sample is as skewed as the whole, and no SKU's own demand is thinned.
// At least one doorbuster is run, however small the scale: Demand.HotShare says what that does to their share.
func sample(sc *scenarios.Scenario, scale float64) []article {
	hot := min(sc.Demand.Hot.SKUs, sc.SKUs)
	total := zipfSum(1, sc.SKUs, sc.Demand.Zipf)
	skus := strata(nil, 1, hot, scale, sc.Demand.Zipf)
	for i := range skus {
		skus[i].hot = true
	}
	skus = strata(skus, hot+1, sc.SKUs, scale, sc.Demand.Zipf)
	for i := range skus {
		skus[i].weight = zipf(skus[i].rank, sc.Demand.Zipf) / total
	}
	return skus
}

// strata appends a share of the ranks from..to, at least one where there are any.
func strata(skus []article, from, to int, scale, s float64) []article {
	n := to - from + 1
	want := max(min(n, 1), min(n, int(math.Round(float64(n)*scale))))
	for i := range want {
		a, b := from+i*n/want, from+(i+1)*n/want-1 // ranks, both included
		rank := a
		if s > 0 { // weights fall with the rank, so the rank of their mean is found by inverting them
			rank = int(math.Round(math.Pow(zipfSum(a, b, s)/float64(b-a+1), -1/s)))
		}
		skus = append(skus, article{rank: max(a, min(b, rank))})
	}
	return skus
}

// zipfSum is the sum of the unnormalised weights of the ranks from..to.
func zipfSum(from, to int, s float64) float64 {
	sum := 0.0
	for k := from; k <= to; k++ {
		sum += zipf(k, s)
	}
	return sum
}

// hotWeight is the doorbusters' share of lines at scale 1, outside their burst.
func hotWeight(sc *scenarios.Scenario) float64 {
	s := sc.Demand.Zipf
	return zipfSum(1, min(sc.Demand.Hot.SKUs, sc.SKUs), s) / zipfSum(1, sc.SKUs, s)
}

// mixture draws SKUs: a doorbuster or another, and then which.
type mixture struct {
	hot, cold             alias
	only                  alias // the one of the two that there is, if there aren't both
	hotWeight, coldWeight float64
}

func newMixture(skus []article) *mixture {
	m := &mixture{}
	var hot, cold []float64
	for _, s := range skus {
		if s.hot {
			hot = append(hot, s.weight)
			m.hotWeight += s.weight
		} else {
			cold = append(cold, s.weight)
			m.coldWeight += s.weight
		}
	}
	m.hot, m.cold = newAlias(hot, 0), newAlias(cold, len(hot)) // doorbusters are the first SKUs
	if len(hot) == 0 {
		m.only = m.cold
	} else if len(cold) == 0 {
		m.only = m.hot
	}
	return m
}

// part draws whether the SKU is a doorbuster, which has the chance hot, and gives those that it is then one of.
func (m *mixture) part(r *stream, hot chance) alias {
	if m.only != nil {
		return m.only
	}
	if r.happens(hot) {
		return m.hot
	}
	return m.cold
}

// alias draws from a discrete distribution in constant time (Walker 1977, in Vose's form of 1991).
// Libraries here draw in logarithmic time, which a day of 30 million lines feels.
type alias []column

type column struct {
	keep       chance // of staying in it when it was drawn
	own, other uint32
}

// newAlias draws first with the first weight, first + 1 with the second, and so on.
func newAlias(weights []float64, first int) alias {
	n, sum := len(weights), 0.0
	for _, w := range weights {
		sum += w
	}
	a, keep := make(alias, n), make([]float64, n)
	var small, large []int
	for i, w := range weights {
		a[i] = column{always, uint32(first + i), 0}
		keep[i] = w / sum * float64(n)
		if keep[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		a[s].keep, a[s].other = chanceOf(keep[s]), a[l].own
		if keep[l] -= 1 - keep[s]; keep[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	return a // what rounding left over in small or large always stays
}

func (a alias) draw(r *stream) uint32 {
	i, rest := bits.Mul64(r.Uint64(), uint64(len(a)))
	c := a[i]
	drawn := c.other // c is read whole, so that this compiles without a branch, which nothing could predict
	if rest>>11 < uint64(c.keep) {
		drawn = c.own
	}
	return drawn
}
