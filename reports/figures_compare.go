package reports

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/wcharczuk/go-chart/v2"

	"github.com/doorbuster/doorbuster/sim/result"
)

// outcomes are what can become of an order, in the order in which bars show them.
var outcomes = []struct{ class, name string }{
	{"best", "promised, stock was there"}, {"bad", "promised, stock was not there"}, {"c1", "pending"},
	{"rest", "refused, sold out"}, {"c4", "refused falsely: stock was there"}, {"c3", "answer lost"}, {"none", "left before paying"},
}

func outcomeParts(o result.Orders) []part {
	values := []int64{o.Promised - o.Oversold, o.Oversold, o.Pending, o.Refused - o.RefusedFalsely, o.RefusedFalsely, o.Unknown}
	left := o.Asked
	parts := make([]part, 0, len(outcomes))
	for i, v := range values {
		left -= v
		parts = append(parts, part{outcomes[i].class, v})
	}
	return append(parts, part{outcomes[len(outcomes)-1].class, max(0, left)})
}

// ordersByOutcome shows what became of the orders, a bar for each strategy.
func ordersByOutcome(c *comparison) (figure, error) {
	fig := figure{Title: "What became of the orders", Kind: kindOfFigure(c.Mode), Unit: "orders",
		Note: fmt.Sprintf("A part that is not 0 is at least %d pixels wide, a part of 0 has no mark.", leastMark),
		Data: &table{Caption: "Orders by outcome", Head: []string{"strategy"}}}
	var all []bar
	seen := make([]bool, len(outcomes))
	for _, s := range c.Scores {
		o := s.First().Orders
		parts := outcomeParts(o)
		row := []string{s.Name()}
		for i, p := range parts {
			seen[i] = seen[i] || p.Value > 0
			row = append(row, count(p.Value))
		}
		fig.Data.Rows = append(fig.Data.Rows, row)
		note := fmt.Sprintf("%s oversold, %s refused falsely", compact(o.Oversold), compact(o.RefusedFalsely))
		if blank(s.First()) {
			note = "did not run"
		}
		all = append(all, bar{Name: s.Short, Note: note, Parts: parts})
	}
	for i, o := range outcomes {
		fig.Data.Head = append(fig.Data.Head, o.name)
		if seen[i] {
			fig.Legend = append(fig.Legend, legend{Class: o.class, Area: true, Text: o.name})
		}
	}
	return fig.full(func(width int) (template.HTML, error) {
		return bars("Orders by outcome, a bar for each strategy; the table below has the figures.", width, all)
	})
}

// ordersByChannel shows what became of one strategy's orders, a bar for each channel.
func ordersByChannel(s *score) (figure, error) {
	r := s.First()
	title := "Orders by channel: " + nameOf(r)
	if len(r.Channels) == 0 {
		return missing(title, "the result has no channels for this run"), nil
	}
	fig := figure{Title: title, Kind: s.Simulated(), Unit: "orders",
		Legend: []legend{{Class: "best", Area: true, Text: "promised"}, {Class: "bad", Area: true, Text: "promised, and to be cancelled by the seller"}, {Class: "rest", Area: true, Text: "refused"}},
		Data:   &table{Caption: "Orders by channel", Head: []string{"channel", "asked", "promised", "units promised", "to be cancelled", "refused", "cancellation rate"}}}
	var all []bar
	for _, ch := range r.Channels {
		all = append(all, bar{Name: ch.Name, Note: compact(ch.PromisedUnits) + " units, " + percent(ch.CancellationRate) + " cancelled",
			Parts: []part{{"best", ch.Promised - ch.Cancelled}, {"bad", ch.Cancelled}, {"rest", ch.Refused}}})
		fig.Data.Rows = append(fig.Data.Rows, []string{ch.Name + " (" + ch.Kind + ")", count(ch.Asked), count(ch.Promised), count(ch.PromisedUnits), count(ch.Cancelled), count(ch.Refused), percent(ch.CancellationRate)})
	}
	return fig.half(func(width int) (template.HTML, error) {
		return bars(nameOf(r)+": orders by channel; the table below has the figures.", width, all)
	})
}

// distribution is one run's latency at each percentile.
type distribution struct {
	score  *score
	points []point // nines, log10 of ms
	p99    float64 // ms
}

// latencyDistribution lays the strategies' distributions over each other, on a scale that shows the tail.
func latencyDistribution(c *comparison, title string, encoded func(*result.Run) string) (figure, error) {
	var all []distribution
	var broken []string
	lowest, highest, nines := math.Inf(1), 0.0, 2
	for _, s := range c.Scores {
		h, err := hdrhistogram.Decode([]byte(encoded(s.First())))
		if err != nil || h.TotalCount() == 0 {
			broken = append(broken, s.Short)
			continue
		}
		d := distribution{score: s, p99: float64(h.ValueAtPercentile(99)) / 1000}
		d.points = tail(h)
		lowest, highest = min(lowest, float64(h.ValueAtPercentile(50))/1000), max(highest, float64(h.Max())/1000)
		nines = max(nines, int(math.Ceil(d.points[len(d.points)-1].x)))
		all = append(all, d)
	}
	if len(all) == 0 {
		return missing(title, "no run recorded such an operation"), nil
	}
	slices.SortStableFunc(all, func(a, b distribution) int { return cmp.Compare(b.p99, a.p99) })
	fig := figure{Title: title, Kind: kindOfFigure(c.Mode), Unit: "from the intended start, logarithmic; share of operations at least as fast",
		Data: &table{Caption: "99th percentile in ms, slowest first", Head: []string{"strategy", "p99"}}}
	looks := c.looks()
	for _, d := range all {
		fig.Legend = append(fig.Legend, looks[d.score].legend(d.score.Short+": p99 "+duration(d.p99)))
		fig.Data.Rows = append(fig.Data.Rows, []string{d.score.Name(), millis(d.p99)})
	}
	if len(broken) > 0 {
		fig.Note = "Without such operations: " + listed(broken) + "."
	}
	return fig.full(func(width int) (template.HTML, error) {
		f := frame{about: title + " by percentile, a line for each strategy; the table below has the 99th percentiles.", width: width, height: 340,
			x: percentileAxis(nines), y: latencyAxis(lowest, highest)}
		if width == narrowWidth {
			f.height = 280
			f.x.ticks = withoutCrowd(f.x.ticks)
		}
		for _, d := range slices.Backward(all) {
			f.marks = append(f.marks, line(looks[d.score].class, looks[d.score].dash, d.points))
		}
		return f.svg()
	})
}

// withoutCrowd drops the last label but one where a phone has no room for it.
func withoutCrowd(ticks []chart.Tick) []chart.Tick {
	if len(ticks) < 7 {
		return ticks
	}
	return slices.Delete(slices.Clone(ticks), len(ticks)-2, len(ticks)-1)
}

// tail reads a histogram of µs from its median at steps of a twentieth of a nine, up to its last sample.
func tail(h *hdrhistogram.Histogram) []point {
	var points []point
	last := math.Log10(float64(h.TotalCount()))
	for i := 0; ; i++ {
		nines := min(medianNines+float64(i)/20, max(last, medianNines), 6)
		p := 100 * (1 - math.Pow(10, -nines))
		points = append(points, point{nines, log10ms(float64(h.ValueAtPercentile(p)) / 1000)})
		if nines >= min(last, 6) {
			return points
		}
	}
}
