package workload

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/doorbuster/doorbuster/engines"
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
	hotSKUs, coldSKUs     []engines.SKU
	hotWeight, coldWeight float64
}

func newMixture(skus []article) *mixture {
	m := &mixture{}
	var hot, cold []float64
	for i, s := range skus {
		if s.hot {
			hot, m.hotSKUs = append(hot, s.weight), append(m.hotSKUs, engines.SKU(i))
			m.hotWeight += s.weight
		} else {
			cold, m.coldSKUs = append(cold, s.weight), append(m.coldSKUs, engines.SKU(i))
			m.coldWeight += s.weight
		}
	}
	m.hot, m.cold = newAlias(hot), newAlias(cold)
	return m
}

// draw picks a SKU; hotShare is the chance that it is a doorbuster.
func (m *mixture) draw(r *stream, hotShare float64) engines.SKU {
	if len(m.coldSKUs) == 0 || len(m.hotSKUs) > 0 && r.Float64() < hotShare {
		return m.hotSKUs[m.hot.draw(r)]
	}
	return m.coldSKUs[m.cold.draw(r)]
}

// alias draws from a discrete distribution in constant time (Walker 1977, in Vose's form of 1991).
// Libraries here draw in logarithmic time, which a day of 30 million lines feels.
type alias struct {
	keep  []float64 // chance of staying in the column that was drawn
	other []uint32
}

func newAlias(weights []float64) alias {
	n, sum := len(weights), 0.0
	for _, w := range weights {
		sum += w
	}
	a := alias{make([]float64, n), make([]uint32, n)}
	var small, large []int
	for i, w := range weights {
		a.keep[i] = w / sum * float64(n)
		if a.keep[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		a.other[s] = uint32(l)
		if a.keep[l] -= 1 - a.keep[s]; a.keep[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, i := range append(small, large...) { // what rounding left over
		a.keep[i] = 1
	}
	return a
}

func (a *alias) draw(r *stream) int {
	column, rest := bits.Mul64(r.Uint64(), uint64(len(a.keep)))
	if float64(rest>>11)/(1<<53) < a.keep[column] {
		return int(column)
	}
	return int(a.other[column])
}
