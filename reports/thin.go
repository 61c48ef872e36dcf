package reports

import "math"

// thinned chooses which of n values to draw so that about most remain and no peak of any of the rows is lost: the lowest and the
// highest of each row in each of equal stretches. A stretch without numbers keeps its gap. Indices are in order.
func thinned(n, most int, rows ...func(i int) float64) []int {
	stretches := max(1, most/(2*max(1, len(rows))))
	if n <= most || n <= stretches {
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		return all
	}
	keep := make([]bool, n)
	keep[0], keep[n-1] = true, true
	for s := range stretches {
		from, to := n*s/stretches, n*(s+1)/stretches
		for _, row := range rows {
			low, high := extremes(from, to, row)
			keep[low], keep[high] = true, true
		}
	}
	var kept []int
	for i, k := range keep {
		if k {
			kept = append(kept, i)
		}
	}
	return kept
}

// extremes finds the lowest and the highest number from from up to to; both are from if there is none.
func extremes(from, to int, row func(i int) float64) (low, high int) {
	low, high = from, from
	for i := from; i < to; i++ {
		if v := row(i); math.IsNaN(v) {
			continue
		} else if l := row(low); math.IsNaN(l) || v < l {
			low = i
		}
		if h := row(high); math.IsNaN(h) || row(i) > h {
			high = i
		}
	}
	return low, high
}
