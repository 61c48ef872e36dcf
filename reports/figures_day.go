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
	end := max(f.Demand.DayS, float64(len(r.Series.Asked))*intervalOfDay(r))
	return day{end, f.Demand.SpikeFromS, f.Demand.SpikeToS}
}

// intervalOfDay is how much of the scenario's day one interval of the run's series covers, in s. A measured day is compressed; its charts
// show the time of the scenario's day all the same, so that they stand beside simulated ones.
func intervalOfDay(r *result.Run) float64 { return r.Series.IntervalS * pace(r) }

// pace is how many seconds of the scenario's day pass in one second of the run.
func pace(r *result.Run) float64 {
	if r.Wall.Pace > 0 {
		return r.Wall.Pace
	}
	return 1
}

func (d day) frame(about string, width int, y axis, marks ...mark) frame {
	f := frame{about: about, width: width, height: 260, x: clockAxis(d.end, timeTicks(width)), y: y}
	f.marks = append([]mark{spike(d.spikeFrom, min(d.spikeTo, d.end))}, marks...)
	return f
}

// latencyOverDay shows percentiles over time on a logarithmic scale.
func latencyOverDay(f *result.File, r *result.Run) (figure, error) {
	const title = "Latency over time"
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
	fig.Data = seriesTable("Latency in ms", intervalOfDay(r), n, []string{"p50 served", "p99 served", "p99 refused"},
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
			marks = append(marks, line(row.class, nil, overTime(intervalOfDay(r), values, len(row.values), most(width))))
		}
		return d.frame(nameOf(r)+": latency percentiles over time", width, latencyAxis(lowest, highest), marks...).svg()
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
	fig.Data = seriesTable("Orders in each interval", intervalOfDay(r), n, []string{"asked", "promised", "sold out", "other refusals"},
		func(i int) []string {
			return []string{count(s.Asked[i]), count(s.Promised[i]), count(s.SoldOut[i]), count(s.OtherRefused[i])}
		})
	d := dayOf(f, r)
	return fig.half(func(width int) (template.HTML, error) {
		var marks []mark
		for _, row := range rows {
			perSecond := func(i int) float64 { return float64(row.values[i]) / s.IntervalS }
			marks = append(marks, line(row.class, row.dash, overTime(intervalOfDay(r), perSecond, n, most(width))))
		}
		return d.frame(nameOf(r)+": orders a second over time", width, rateAxis(top, 4), marks...).svg()
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
		Data: seriesTable("Operations at the end of each interval", intervalOfDay(r), n, []string{"inside", "waiting"},
			func(i int) []string { return []string{count(s.InEngine[i]), count(s.Waiting[i])} })}
	d := dayOf(f, r)
	return fig.half(func(width int) (template.HTML, error) {
		return d.frame(nameOf(r)+": operations inside the engine and waiting, over time", width, countAxis(float64(top), 4),
			line("c4", nil, overTime(intervalOfDay(r), intsAt(s.Waiting), n, most(width))),
			line("best", nil, overTime(intervalOfDay(r), intsAt(s.InEngine), n, most(width)))).svg()
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
