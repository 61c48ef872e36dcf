package reports

import (
	"fmt"
	"html/template"
	"math"

	"github.com/doorbuster/doorbuster/sim/result"
)

// stockDay is one run's stock of the hot SKUs over time.
type stockDay struct {
	*result.Series
	step float64 // of the scenario's day, in s
	n    int     // intervals
	top  int64   // most units promised or there
	peak int64   // most units promised beyond those there
}

func stockDayOf(r *result.Run) stockDay {
	d := stockDay{Series: &r.Series, step: intervalOfDay(r), n: min(len(r.Series.SupplyUnits), len(r.Series.PromisedUnits))}
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
	title := "Units promised against units there are: " + nameOf(r)
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
		Data: seriesTable("Units of the hot SKUs at the end of each interval", s.step, s.n, []string{"there are", "promised", "beyond stock"},
			func(i int) []string {
				return []string{count(s.SupplyUnits[i]), count(s.PromisedUnits[i]), count(max(0, s.beyond(i)))}
			})}
	if s.peak > 0 {
		fig.Legend = append(fig.Legend, legend{Class: "excess", Area: true, Text: "promised beyond stock: up to " + plural(s.peak, "unit")})
		fig.Note = "Hot SKUs together: what is left of one can hide what is missing of another, so the shaded area is at most what was oversold."
	}
	d := dayOf(f, r)
	about := fmt.Sprintf("%s: units of hot SKUs promised and there over time; up to %s promised beyond stock.", nameOf(r), plural(s.peak, "unit"))
	return fig.half(func(width int) (template.HTML, error) {
		var promised, there []point
		for _, i := range thinned(s.n, most(width), intsAt(s.PromisedUnits), intsAt(s.SupplyUnits)) {
			x := float64(i+1) * s.step
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
		return d.frame(title+", over time; the figures stand in the legend.", width, y, marks...).svg()
	})
}

// beyondStock gives the units promised beyond stock, broken off below floor, and the zero line at the same times.
func beyondStock(s stockDay, most int, floor float64) (points, zero []point) {
	for _, i := range thinned(s.n, most, func(i int) float64 { return max(float64(s.beyond(i)), floor) }) {
		pt := point{float64(i+1) * s.step, float64(s.beyond(i))}
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
	fig := figure{Title: title, Kind: kindOfFigure(c.Mode), Unit: "units of all SKUs", Data: &table{Caption: "Units oversold at the end", Head: []string{"strategy", "units"}}}
	for _, s := range shown {
		o := s.First().Series.OversoldUnits
		text := fmt.Sprintf("%s: %s at the end", s.Short, plural(o[len(o)-1], "unit"))
		fig.Legend = append(fig.Legend, looks[s].legend(text))
		fig.Data.Rows = append(fig.Data.Rows, []string{s.Name(), count(o[len(o)-1])})
	}
	d := dayOf(c.File, shown[0].First())
	return fig.half(func(width int) (template.HTML, error) {
		var marks []mark
		for _, s := range shown {
			r, series := s.First(), &s.First().Series
			marks = append(marks, line(looks[s].class, looks[s].dash, overTime(intervalOfDay(r), intsAt(series.OversoldUnits), len(series.OversoldUnits), most(width))))
		}
		return d.frame("Units oversold over time, by strategy", width, countAxis(float64(top), 4), marks...).svg()
	})
}
