package reports

import (
	"fmt"
	"html/template"
	"math"

	"github.com/doorbuster/doorbuster/sim/result"
)

// updateLimit is what was published of update latency, in ms; 0: nothing was.
func updateLimit(f *result.File) float64 {
	for _, p := range f.Published {
		if p.Figure == "update_latency_ms.p99" && p.Unit == "ms" {
			return p.Value
		}
	}
	return 0
}

// updatesOverDay shows how long movements took to reach every channel, against the limit that was published.
func updatesOverDay(c *comparison) (figure, error) {
	const title = "Until every channel shows a sale, p99"
	limit, lowest, highest := updateLimit(c.File), math.Inf(1), 0.0
	looks := c.looks()
	var shown []*score
	for _, s := range c.inOrder() {
		some := false
		for _, ms := range s.First().Shop.UpdateP99MS {
			if ms > 0 {
				lowest, highest, some = min(lowest, ms), max(highest, ms), true
			}
		}
		if some {
			shown = append(shown, s)
		}
	}
	if len(shown) == 0 || shown[0].First().Series.IntervalS <= 0 {
		return missing(title, "no movement had to be shown by another channel"), nil
	}
	fig := figure{Title: title, Kind: kindOfFigure(c.Mode), Unit: "logarithmic", Note: "Of the movements of each interval. Gaps are intervals without one.",
		Data: &table{Caption: "Update latency in ms over the day", Head: []string{"variant", "p50", "p99", "p99.9", "slowest"}}}
	for _, s := range shown {
		u := s.First().UpdateLatencyMS
		fig.Legend = append(fig.Legend, looks[s].legend(fmt.Sprintf("%s: p99 of the day %s", s.Short, duration(u.P99))))
		fig.Data.Rows = append(fig.Data.Rows, []string{s.Short, millis(u.P50), millis(u.P99), millis(u.P999), millis(u.Max)})
	}
	if limit > 0 {
		lowest, highest = min(lowest, limit), max(highest, limit)
		fig.Legend = append(fig.Legend, legend{Class: "stock", Dash: "5 3", Text: "published: under " + duration(limit)})
	}
	d := dayOf(c.File, shown[0].First())
	return fig.full(func(width int) (template.HTML, error) {
		var marks []mark
		for _, s := range shown {
			r := s.First()
			p99 := r.Shop.UpdateP99MS
			at := func(i int) float64 {
				if p99[i] <= 0 {
					return math.NaN()
				}
				return log10ms(p99[i])
			}
			marks = append(marks, line(looks[s].class, looks[s].dash, overTime(intervalOfDay(r), at, len(p99), most(width))))
		}
		if limit > 0 {
			marks = append(marks, line("stock", []float64{5, 3}, []point{{0, log10ms(limit)}, {d.end, log10ms(limit)}}))
		}
		return d.frame(title+", over the day; the figures stand in the legend.", width, latencyAxis(lowest, highest), marks...).svg()
	})
}

// letdownsOverDay shows, beside each other, the orders cancelled and those told to wait, by then.
func letdownsOverDay(c *comparison) ([]figure, error) {
	cancelled, err := sumOverDay(c, "Orders cancelled by the seller, by then", "no order was cancelled by the seller", func(r *result.Run) []int64 { return r.Shop.Cancelled })
	if err != nil {
		return nil, err
	}
	pending, err := sumOverDay(c, "Orders told to wait, by then", "nobody was told to wait", func(r *result.Run) []int64 { return r.Shop.Pending })
	return []figure{cancelled, pending}, err
}

// sumOverDay shows how many of something there had been by each time, a line for each variant.
func sumOverDay(c *comparison, title, none string, of func(*result.Run) []int64) (figure, error) {
	looks, sums := c.looks(), map[*score][]int64{}
	var shown []*score
	var top int64
	for _, s := range c.inOrder() {
		values := of(s.First())
		if len(values) < 2 || s.First().Series.IntervalS <= 0 {
			continue
		}
		sum := make([]int64, len(values))
		for i, n := range values {
			sum[i] = n
			if i > 0 {
				sum[i] += sum[i-1]
			}
		}
		sums[s], shown, top = sum, append(shown, s), max(top, sum[len(sum)-1])
	}
	if top == 0 {
		return missing(title, none), nil
	}
	fig := figure{Title: title, Kind: kindOfFigure(c.Mode), Unit: "orders", Data: &table{Caption: title[:len(title)-len(", by then")], Head: []string{"variant", "at the end"}}}
	for _, s := range shown {
		end := sums[s][len(sums[s])-1]
		fig.Legend = append(fig.Legend, looks[s].legend(fmt.Sprintf("%s: %s at the end", s.Short, plural(end, "order"))))
		fig.Data.Rows = append(fig.Data.Rows, []string{s.Short, count(end)})
	}
	d := dayOf(c.File, shown[0].First())
	return fig.half(func(width int) (template.HTML, error) {
		var marks []mark
		for _, s := range shown {
			marks = append(marks, line(looks[s].class, looks[s].dash, overTime(intervalOfDay(s.First()), intsAt(sums[s]), len(sums[s]), most(width))))
		}
		return d.frame(title+"; the figures stand in the legend.", width, countAxis(float64(top), 4), marks...).svg()
	})
}
