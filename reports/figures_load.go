package reports

import (
	"fmt"
	"html/template"
	"math"
	"slices"
)

// loadSteps is how many steps of load latency is shown for.
const loadSteps = 16

// loaded is a run's latency at each step of load.
type loaded struct {
	score *score
	p99   [loadSteps]float64 // ms; the median of the intervals with that load; 0: there was none
}

// latencyAgainstLoad shows, a line for each strategy, how latency grew with the operations a second.
func latencyAgainstLoad(c *comparison) (figure, error) {
	const title = "Latency against load"
	top, lowest, highest := 0.0, math.Inf(1), 0.0
	for _, s := range c.Scores {
		top = max(top, slices.Max(append([]float64{0}, s.First().Series.OperationsPerS...)))
	}
	var all []loaded
	for _, s := range c.Scores {
		l, some := loadedOf(s, top/loadSteps)
		for _, ms := range l.p99 {
			if ms > 0 {
				lowest, highest = min(lowest, ms), max(highest, ms)
			}
		}
		if some > 1 {
			all = append(all, l)
		}
	}
	if len(all) == 0 {
		return missing(title, "no run recorded latency at two loads"), nil
	}
	fig := figure{Title: title, Kind: kindOfFigure(c.Mode), Unit: "p99 served, from the intended start, logarithmic; operations a second",
		Note: "Median over the intervals of the day that had that load.",
		Data: &table{Caption: "Median p99 in ms at each load", Head: []string{"operations a second"}}}
	looks := c.looks()
	for _, l := range all {
		fig.Legend = append(fig.Legend, looks[l.score].legend(l.score.Short))
		fig.Data.Head = append(fig.Data.Head, l.score.Short)
	}
	fig.Data.Rows = loadRows(all, top/loadSteps)
	return fig.full(func(width int) (template.HTML, error) {
		f := frame{about: title + ", a line for each strategy; the table below has the figures.", width: width, height: 300, x: rateAxis(top, timeTicks(width)), y: latencyAxis(lowest, highest)}
		for _, l := range slices.Backward(all) {
			f.marks = append(f.marks, line(looks[l.score].class, looks[l.score].dash, l.points(top/loadSteps)))
		}
		return f.svg()
	})
}

// loadedOf sorts the intervals of the score's first run by load; some is at how many steps there was any.
func loadedOf(s *score, step float64) (l loaded, some int) {
	l.score = s
	var at [loadSteps][]float64
	series := &s.First().Series
	for i, ms := range series.P99MS[:min(len(series.P99MS), len(series.OperationsPerS))] {
		if ms > 0 && step > 0 {
			n := min(int(series.OperationsPerS[i]/step), loadSteps-1)
			at[n] = append(at[n], ms)
		}
	}
	for n, values := range at {
		if len(values) > 0 {
			slices.Sort(values)
			l.p99[n] = values[len(values)/2]
			some++
		}
	}
	return l, some
}

// points stand in the middle of their step; steps without an interval are passed over.
func (l *loaded) points(step float64) (all []point) {
	for n, ms := range l.p99 {
		if ms > 0 {
			all = append(all, point{(float64(n) + 0.5) * step, log10ms(ms)})
		}
	}
	return all
}

func loadRows(all []loaded, step float64) (rows [][]string) {
	for n := range loadSteps {
		row := []string{fmt.Sprintf("%s to %s", significant(float64(n)*step), significant(float64(n+1)*step))}
		some := false
		for _, l := range all {
			cell := "–"
			if l.p99[n] > 0 {
				cell, some = millis(l.p99[n]), true
			}
			row = append(row, cell)
		}
		if some {
			rows = append(rows, row)
		}
	}
	return rows
}
