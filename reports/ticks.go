package reports

import (
	"math"
	"strconv"

	"github.com/wcharczuk/go-chart/v2"
)

// axis is one axis of a chart: its range, and ticks at round values.
type axis struct {
	min, max float64
	ticks    []chart.Tick
}

// countAxis runs from 0 to a round value at or above top, with about n ticks at whole numbers.
func countAxis(top float64, n int) axis {
	return linearAxis(top, niceStep(top/float64(n), true))
}

// rateAxis is countAxis for values that need not be whole.
func rateAxis(top float64, n int) axis {
	return linearAxis(top, niceStep(top/float64(n), false))
}

func linearAxis(top, step float64) axis {
	a := axis{}
	for i := 0; ; i++ {
		a.max = float64(i) * step
		a.ticks = append(a.ticks, chart.Tick{Value: a.max, Label: axisCount(a.max)})
		if a.max >= top && i > 0 {
			return a
		}
	}
}

// signedAxis runs over 0, from a round value at or below low to one at or above high.
func signedAxis(low, high float64, n int) axis {
	step := niceStep((high-low)/float64(n), true)
	a := axis{min: math.Floor(low/step) * step}
	for a.max = a.min; ; a.max += step {
		a.ticks = append(a.ticks, chart.Tick{Value: a.max, Label: axisCount(a.max)})
		if a.max >= high {
			return a
		}
	}
}

// niceStep is the smallest of 1, 2, 5, 10, 20 … (or 0.5, 0.2 …) that is at least atLeast.
func niceStep(atLeast float64, whole bool) float64 {
	if whole && atLeast <= 1 || atLeast <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(atLeast)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= atLeast*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// axisCount writes a round value in as few characters as it needs: 20k, 1.5M, 0.2.
func axisCount(v float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e9, "G"}, {1e6, "M"}, {1e4, "k"}} {
		if v >= u.size {
			if u.size == 1e4 {
				u.size = 1e3
			}
			return trimmed(v/u.size, 2) + u.name
		}
	}
	if v < 0 {
		return "−" + axisCount(-v)
	}
	if v >= 1000 {
		return count(int64(v))
	}
	return trimmed(v, 3)
}

// log10ms is where a latency stands on a logarithmic axis. Below a microsecond there is nothing to tell apart.
func log10ms(ms float64) float64 { return math.Log10(max(ms, 0.001)) }

// latencyAxis is logarithmic: its values are log10ms of lowest and highest, in ms. go-chart's own logarithmic range
// never ends on values that are not positive.
func latencyAxis(lowest, highest float64) axis {
	lo, hi := log10ms(lowest), log10ms(highest)
	a := axis{min: math.Floor(lo + 1e-9), max: math.Ceil(hi - 1e-9)}
	steps := []float64{1}
	if hi-lo < 2.2 { // few decades: ticks between them, and an axis that begins and ends there
		steps = []float64{1, 2, 5}
	}
	if a.max <= a.min {
		a.max = a.min + 1
	}
	var ticks []chart.Tick
	for decade := a.min; decade <= a.max; decade++ {
		for _, s := range steps {
			ms := s * math.Pow(10, decade)
			ticks = append(ticks, chart.Tick{Value: math.Log10(ms), Label: duration(ms)})
		}
	}
	first, last := 0, len(ticks)-1
	for first+1 < len(ticks) && ticks[first+1].Value <= lo+1e-9 {
		first++
	}
	for last-1 > first && ticks[last-1].Value >= hi-1e-9 {
		last--
	}
	a.ticks = ticks[first : last+1]
	a.min, a.max = a.ticks[0].Value, a.ticks[len(a.ticks)-1].Value
	return a
}

// clockSteps are the distances in seconds that ticks of a time axis may have.
var clockSteps = []float64{60, 120, 300, 600, 900, 1800, 3600, 7200, 3 * 3600, 4 * 3600, 6 * 3600, 12 * 3600,
	oneDay, 2 * oneDay, 7 * oneDay, 10 * oneDay, 14 * oneDay, 28 * oneDay, 56 * oneDay, 91 * oneDay, 182 * oneDay, 364 * oneDay, 3640 * oneDay}

const oneDay = 86400.0 // s

// clockAxis runs from 0 to end, in seconds, with at most n+1 ticks at full minutes, hours or days.
func clockAxis(end float64, n int) axis {
	step := clockSteps[len(clockSteps)-1]
	for i := len(clockSteps) - 1; i >= 0 && end/clockSteps[i] <= float64(n); i-- {
		step = clockSteps[i]
	}
	a := axis{max: end}
	for v := 0.0; v <= end*(1+1e-9); v += step {
		label := clock(v)
		if step >= oneDay {
			label = "day " + strconv.Itoa(int(v/oneDay)+1)
		}
		a.ticks = append(a.ticks, chart.Tick{Value: v, Label: label})
	}
	return a
}

// medianNines is where the median stands on a percentile axis.
var medianNines = math.Log10(2)

// percentileAxis begins at the median and gives each further nine the same room: its values are nines, −log10 of the share that is slower; its labels are percentages.
func percentileAxis(nines int) axis {
	labels := []string{"", "90", "99", "99.9", "99.99", "99.999", "99.9999"}
	a := axis{min: medianNines, max: float64(min(max(nines, 2), len(labels)-1))}
	a.ticks = append(a.ticks, chart.Tick{Value: medianNines, Label: "50"})
	for i := 1; i <= int(a.max); i++ {
		a.ticks = append(a.ticks, chart.Tick{Value: float64(i), Label: labels[i]})
	}
	return a
}
