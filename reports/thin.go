package reports

// thinned chooses which of n values to draw so that about most remain and no peak of any of the rows is lost: the lowest and the
// highest of each row in each of equal stretches. Indices are in order.
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
			low, high := from, from
			for i := from; i < to; i++ {
				if row(i) < row(low) {
					low = i
				}
				if row(i) > row(high) {
					high = i
				}
			}
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
