package reports

import (
	"fmt"
	"html/template"
	"math"

	"github.com/doorbuster/doorbuster/sim/result"
)

// day is what charts over time share.
type day struct {
	end, spikeFrom, spikeTo float64 // s
}

func dayOf(f *result.File, r *result.Run) day {
	end := max(f.Demand.DayS, float64(len(r.Series.Asked))*r.Series.IntervalS)
	return day{end, f.Demand.SpikeFromS, f.Demand.SpikeToS}
}

func (d day) frame(about string, width int, y axis, marks ...mark) frame {
	f := frame{about: about, width: width, height: 260, x: clockAxis(d.end, timeTicks(width)), y: y}
	f.marks = append([]mark{spike(d.spikeFrom, min(d.spikeTo, d.end))}, marks...)
	return f
}

// stockDay is one run's stock of the hot SKUs over the day.
type stockDay struct {
	*result.Series
	n    int   // intervals
	top  int64 // most units promised or there
	peak int64 // most units promised beyond those there
}

func stockDayOf(r *result.Run) stockDay {
	d := stockDay{Series: &r.Series, n: min(len(r.Series.SupplyUnits), len(r.Series.PromisedUnits))}
	for i := range d.n {
		d.top, d.peak = max(d.top, d.SupplyUnits[i], d.PromisedUnits[i]), max(d.peak, d.beyond(i))
	}
	return d
}

// beyond is how many more units were promised than there were; negative while there was stock.
func (d stockDay) beyond(i int) int64 { return d.PromisedUnits[i] - d.SupplyUnits[i] }

func (d stockDay) empty() bool { return d.n < 2 || d.IntervalS <= 0 || d.top == 0 }

// promisedAgainstStock shows, for the hot SKUs, the units promised against the units there are. Its scale reaches top units at least.
func promisedAgainstStock(f *result.File, r *result.Run, top int64) (figure, error) {
	title := "Units promised against units there are: " + r.Engine
	s := stockDayOf(r)
	if s.empty() {
		return missing(title, "the result has no stock over time for this run"), nil
	}
	own := look{class: "best"}
	if r.Units.Oversold.Max > 0 {
		own.class = "bad"
	}
	fig := figure{Title: title, Kind: kindOfFigure(r.Mode), Unit: "units of the hot SKUs",
		Note:   "Of the hot SKUs together, never more was promised than there was.",
		Legend: []legend{own.legend("promised and not cancelled"), {Class: "stock", Dash: "5 3", Text: "there are"}},
		Data: seriesTable("Units of the hot SKUs at the end of each interval", s.IntervalS, s.n, []string{"there are", "promised", "beyond stock"},
			func(i int) []string {
				return []string{count(s.SupplyUnits[i]), count(s.PromisedUnits[i]), count(max(0, s.beyond(i)))}
			})}
	if s.peak > 0 {
		fig.Legend = append(fig.Legend, legend{Class: "excess", Area: true, Text: "promised beyond stock: up to " + plural(s.peak, "unit")})
		fig.Note = "Hot SKUs together: what is left of one can hide what is missing of another, so the shaded area is at most what was oversold."
	}
	d := dayOf(f, r)
	about := fmt.Sprintf("%s: units of hot SKUs promised and there over the day; up to %s promised beyond stock.", r.Engine, plural(s.peak, "unit"))
	return fig.half(func(width int) (template.HTML, error) {
		var promised, there []point
		for _, i := range thinned(s.n, most(width), intsAt(s.PromisedUnits), intsAt(s.SupplyUnits)) {
			x := float64(i+1) * s.IntervalS
			promised, there = append(promised, point{x, float64(s.PromisedUnits[i])}), append(there, point{x, float64(s.SupplyUnits[i])})
		}
		return d.frame(about, width, countAxis(float64(max(top, s.top)), 4),
			above("excess", promised, there), line("stock", []float64{5, 3}, there), line(own.class, nil, promised)).svg()
	})
}

// closeUp shows the same near the point where stock runs out: units promised less units there.
func closeUp(c *comparison) (figure, error) {
	const title = "Close up: units promised beyond the units there are"
	fig := figure{Title: title, Kind: kindOfFigure(c.Mode), Unit: "units of the hot SKUs",
		Note: "Above 0, more was promised than there is. A line that ends at the bottom goes on far below: there is stock left."}
	looks := c.looks()
	var peak int64
	for _, s := range c.shown() {
		if stock := stockDayOf(s.First()); !stock.empty() {
			peak = max(peak, stock.peak)
			fig.Legend = append(fig.Legend, looks[s].legend(fmt.Sprintf("%s: up to %s beyond", s.Short, plural(stock.peak, "unit"))))
		}
	}
	if peak == 0 {
		return missing(title, "of the hot SKUs together, no strategy shown promised more than there was"), nil
	}
	fig.Legend = append(fig.Legend, legend{Class: "excess", Area: true, Text: "promised and not there"})
	y := signedAxis(-float64(peak)/2, float64(peak)*1.1, 5)
	d := dayOf(c.File, c.shown()[0].First())
	return fig.half(func(width int) (template.HTML, error) {
		var marks []mark
		for _, s := range c.shown() {
			points, zero := beyondStock(stockDayOf(s.First()), most(width), y.min)
			marks = append(marks, above("excess", points, zero), line(looks[s].class, looks[s].dash, points))
		}
		marks = append(marks, line("zero", nil, []point{{0, 0}, {d.end, 0}}))
		return d.frame(title+", over the day; the figures stand in the legend.", width, y, marks...).svg()
	})
}

// beyondStock gives the units promised beyond stock, broken off below floor, and the zero line at the same times.
func beyondStock(s stockDay, most int, floor float64) (points, zero []point) {
	for _, i := range thinned(s.n, most, func(i int) float64 { return max(float64(s.beyond(i)), floor) }) {
		pt := point{float64(i+1) * s.IntervalS, float64(s.beyond(i))}
		zero = append(zero, point{pt.x, 0})
		if pt.y < floor {
			pt.y = math.NaN()
		}
		points = append(points, pt)
	}
	return points, zero
}

// oversoldOverDay shows how many units each strategy had oversold by then.
func oversoldOverDay(c *comparison) (figure, error) {
	const title = "Units oversold by then"
	looks := c.looks()
	var shown []*score
	var top int64
	for _, s := range c.Scores {
		if o := s.First().Series.OversoldUnits; len(o) > 1 && (o[len(o)-1] > 0 || s == c.Best) {
			shown, top = append(shown, s), max(top, o[len(o)-1])
		}
	}
	if top == 0 {
		return missing(title, "no run oversold a unit"), nil
	}
	fig := figure{Title: title, Kind: kindOfFigure(c.Mode), Unit: "units of all SKUs", Data: &table{Caption: "Units oversold at close", Head: []string{"strategy", "units"}}}
	for _, s := range shown {
		o := s.First().Series.OversoldUnits
		text := fmt.Sprintf("%s: %s at close", s.Short, plural(o[len(o)-1], "unit"))
		fig.Legend = append(fig.Legend, looks[s].legend(text))
		fig.Data.Rows = append(fig.Data.Rows, []string{s.Engine, count(o[len(o)-1])})
	}
	d := dayOf(c.File, shown[0].First())
	return fig.half(func(width int) (template.HTML, error) {
		var marks []mark
		for _, s := range shown {
			series := &s.First().Series
			marks = append(marks, line(looks[s].class, looks[s].dash, overTime(series.IntervalS, intsAt(series.OversoldUnits), len(series.OversoldUnits), most(width))))
		}
		return d.frame("Units oversold over the day, by strategy", width, countAxis(float64(top), 4), marks...).svg()
	})
}

// latencyOverDay shows percentiles over the day on a logarithmic scale.
func latencyOverDay(f *result.File, r *result.Run) (figure, error) {
	const title = "Latency over the day"
	s := &r.Series
	rows := []struct {
		name, class string
		values      []float64
	}{{"p99 refused", "c4", s.RefusedP99MS}, {"p50 served", "c1", s.P50MS}, {"p99 served", "best", s.P99MS}}
	lowest, highest := math.Inf(1), 0.0
	for _, row := range rows {
		for _, v := range row.values {
			if v > 0 {
				lowest, highest = min(lowest, v), max(highest, v)
			}
		}
	}
	if highest == 0 || s.IntervalS <= 0 {
		return missing(title, "no latency was recorded over time"), nil
	}
	fig := figure{Title: title, Kind: kindOfFigure(r.Mode), Unit: "from the intended start, logarithmic",
		Note: "Gaps are intervals without such an operation."}
	n := len(s.P99MS)
	for _, row := range rows {
		fig.Legend = append(fig.Legend, legend{Class: row.class, Text: row.name})
		n = min(n, len(row.values))
	}
	fig.Data = seriesTable("Latency in ms", s.IntervalS, n, []string{"p50 served", "p99 served", "p99 refused"},
		func(i int) []string {
			return []string{millis(s.P50MS[i]), millis(s.P99MS[i]), millis(s.RefusedP99MS[i])}
		})
	d := dayOf(f, r)
	return fig.half(func(width int) (template.HTML, error) {
		var marks []mark
		for _, row := range rows {
			values := func(i int) float64 {
				if row.values[i] <= 0 {
					return math.NaN()
				}
				return log10ms(row.values[i])
			}
			marks = append(marks, line(row.class, nil, overTime(s.IntervalS, values, len(row.values), most(width))))
		}
		return d.frame(r.Engine+": latency percentiles over the day", width, latencyAxis(lowest, highest), marks...).svg()
	})
}

// ratesOverDay shows what became of the orders, a second.
func ratesOverDay(f *result.File, r *result.Run) (figure, error) {
	const title = "Orders a second"
	s := &r.Series
	rows := []struct {
		name, class string
		dash        []float64
		values      []int64
	}{{"asked", "stock", []float64{5, 3}, s.Asked}, {"promised", "best", nil, s.Promised}, {"sold out", "c3", nil, s.SoldOut}, {"refused for another reason", "c4", nil, s.OtherRefused}}
	n, top := len(s.Asked), 0.0
	for _, row := range rows {
		n = min(n, len(row.values))
		for _, v := range row.values {
			top = max(top, float64(v)/s.IntervalS)
		}
	}
	if top == 0 || n < 2 || s.IntervalS <= 0 {
		return missing(title, "no orders were recorded over time"), nil
	}
	fig := figure{Title: title, Kind: kindOfFigure(r.Mode), Unit: "orders a second"}
	for _, row := range rows {
		fig.Legend = append(fig.Legend, look{row.class, row.dash}.legend(row.name))
	}
	fig.Data = seriesTable("Orders in each interval", s.IntervalS, n, []string{"asked", "promised", "sold out", "other refusals"},
		func(i int) []string {
			return []string{count(s.Asked[i]), count(s.Promised[i]), count(s.SoldOut[i]), count(s.OtherRefused[i])}
		})
	d := dayOf(f, r)
	return fig.half(func(width int) (template.HTML, error) {
		var marks []mark
		for _, row := range rows {
			perSecond := func(i int) float64 { return float64(row.values[i]) / s.IntervalS }
			marks = append(marks, line(row.class, row.dash, overTime(s.IntervalS, perSecond, n, most(width))))
		}
		return d.frame(r.Engine+": orders a second over the day", width, rateAxis(top, 4), marks...).svg()
	})
}

// queuesOverDay shows the operations inside the engine and those that wait to enter it.
func queuesOverDay(f *result.File, r *result.Run) (figure, error) {
	const title = "Operations inside and waiting"
	s := &r.Series
	n := min(len(s.InEngine), len(s.Waiting))
	var top int64
	for i := range n {
		top = max(top, s.InEngine[i], s.Waiting[i])
	}
	if top == 0 || n < 2 || s.IntervalS <= 0 {
		return missing(title, "at the end of every interval no operation was inside the engine or waiting"), nil
	}
	fig := figure{Title: title, Kind: kindOfFigure(r.Mode), Unit: "operations at the end of each interval",
		Legend: []legend{{Class: "best", Text: "inside the engine"}, {Class: "c4", Text: "waiting to enter"}},
		Data: seriesTable("Operations at the end of each interval", s.IntervalS, n, []string{"inside", "waiting"},
			func(i int) []string { return []string{count(s.InEngine[i]), count(s.Waiting[i])} })}
	d := dayOf(f, r)
	return fig.half(func(width int) (template.HTML, error) {
		return d.frame(r.Engine+": operations inside the engine and waiting, over the day", width, countAxis(float64(top), 4),
			line("c4", nil, overTime(s.IntervalS, intsAt(s.Waiting), n, most(width))),
			line("best", nil, overTime(s.IntervalS, intsAt(s.InEngine), n, most(width)))).svg()
	})
}

func intsAt(values []int64) func(int) float64 {
	return func(i int) float64 { return float64(values[i]) }
}

// overTime gives the points of a series, thinned; each stands at the end of its interval.
func overTime(interval float64, value func(int) float64, n, most int) []point {
	points := make([]point, 0, most)
	for _, i := range thinned(n, most, value) {
		points = append(points, point{float64(i+1) * interval, value(i)})
	}
	return points
}

// seriesTable lists a series at no more than 48 times of the day.
func seriesTable(caption string, interval float64, n int, heads []string, row func(int) []string) *table {
	step := (n + 47) / 48
	t := &table{Caption: caption, Head: append([]string{"interval that ends at"}, heads...)}
	if step > 1 {
		t.Caption += fmt.Sprintf(" (each %d-th of %s)", step, plural(int64(n), "interval"))
	}
	for i := step - 1; i < n; i += max(step, 1) {
		t.Rows = append(t.Rows, append([]string{clock(float64(i+1) * interval)}, row(i)...))
	}
	return t
}
