package reports

import (
	"fmt"
	"html/template"
	"math"

	"github.com/wcharczuk/go-chart/v2"

	"github.com/doorbuster/doorbuster/reports/compare"
)

// mostTimes is how far the chart of a comparison reaches, as a power of ten of the smallest difference that matters; what goes further is cut off.
const mostTimes = 6

// forest shows every figure of a pair of engines: the difference and its interval, in multiples of the smallest difference that matters, so that
// rates and latencies stand on one scale. What is worse stands to the right, whichever direction is better.
func forest(p *compare.Pair) (figure, error) {
	title := "Differences and their intervals: " + p.Title()
	var rows []forestRow
	reach := 2.0
	for i := range p.Figures {
		if r, ok := forestRowOf(&p.Figures[i]); ok {
			rows = append(rows, r)
			reach = max(reach, math.Ceil(max(math.Abs(r.low), math.Abs(r.high))))
		}
	}
	if len(rows) == 0 {
		return missing(title, "no figure has an interval"), nil
	}
	reach = min(reach, mostTimes+1)
	fig := figure{Title: "Differences and their intervals", Kind: kindOfFigure(p.Mode), Unit: "multiples of the smallest difference that matters; to the right is worse",
		Legend: []legend{{Class: "bad", Area: true, Text: "worse"}, {Class: "best", Area: true, Text: "better"}, {Class: "c3", Area: true, Text: "no difference shown, or too few runs"},
			{Class: "none", Area: true, Text: "too small to matter"}},
		Note: "The dot is the difference, the line its interval. Beyond ±1× the scale is logarithmic."}
	return fig.full(func(width int) (template.HTML, error) {
		stacked := width < wideWidth
		f := frame{about: title + "; the table below has the figures.", width: width, bare: true, y: axis{max: float64(len(rows))}, x: timesAxis(reach)}
		rowHeight := 28
		if stacked {
			rowHeight = 42
		} else {
			f.left = 110
		}
		f.height = rowHeight*len(rows) + 40
		f.marks = []mark{func(p plot) {
			p.rect("bar none", p.px(-1), p.box.Top, p.px(1), p.box.Bottom)
			for i, r := range rows {
				p.forestRow(r, i, len(rows), stacked, reach)
			}
		}, line("zero", nil, []point{{0, 0}, {0, float64(len(rows))}})}
		return f.svg()
	})
}

// forestRow is one figure; its places are on the axis of the chart.
type forestRow struct {
	name, change, class string
	at, low, high       float64
}

func forestRowOf(f *compare.Figure) (forestRow, bool) {
	if f.Method == "" || f.Smallest <= 0 || math.IsNaN(f.Low+f.High+f.Difference) {
		return forestRow{}, false
	}
	sign := 1.0
	if f.Better == "higher" {
		sign = -1
	}
	place := func(x float64) float64 { return timesPlace(sign * x / f.Smallest) }
	r := forestRow{name: wordsOf(f.Name), change: f.Change(), class: "c3", at: place(f.Difference), low: place(f.Low), high: place(f.High)}
	r.low, r.high = min(r.low, r.high), max(r.low, r.high)
	switch f.Verdict {
	case compare.Worse:
		r.class = "bad"
	case compare.Better:
		r.class = "best"
	}
	return r, true
}

// timesPlace is where a multiple stands: linear up to 1, then a unit for each power of ten.
func timesPlace(times float64) float64 {
	if a := math.Abs(times); a > 1 {
		return math.Copysign(1+math.Log10(a), times)
	}
	return times
}

// timesAxis reaches so many places to both sides.
func timesAxis(reach float64) axis {
	a := axis{min: -reach, max: reach}
	for i := -int(reach); i <= int(reach); i++ {
		label := "0"
		if i != 0 {
			label = axisCount(math.Pow(10, math.Abs(float64(i))-1)) + "×"
		}
		if i < 0 {
			label = "−" + label
		}
		if reach > 4 && i%2 == 0 && i != 0 {
			label = "" // there is no room for all on a phone
		}
		a.ticks = append(a.ticks, chart.Tick{Value: float64(i), Label: label})
	}
	return a
}

func (p plot) forestRow(r forestRow, i, n int, stacked bool, reach float64) {
	height := p.box.Bottom - p.box.Top
	top, bottom := p.box.Top+height*i/n, p.box.Top+height*(i+1)/n
	middle := (top + bottom) / 2
	if stacked {
		p.text("name", r.name, p.box.Left, top+textSize+2)
		p.text("soft end", r.change, p.box.Right, top+textSize+2)
		middle = bottom - 10
	} else {
		p.text("name end", r.name, p.box.Left-8, middle+4)
	}
	within := func(x float64) int { return p.px(max(-reach, min(reach, x))) }
	p.rect("bar "+r.class, within(r.low), middle-1, max(within(r.high), within(r.low)+1), middle+1)
	p.rect("bar "+r.class, within(r.at)-4, middle-4, within(r.at)+4, middle+4)
}

// forestNote says what a chart leaves out.
func forestNote(p *compare.Pair) string {
	var out []string
	for i := range p.Figures {
		if _, ok := forestRowOf(&p.Figures[i]); !ok {
			out = append(out, wordsOf(p.Figures[i].Name))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return fmt.Sprintf("Without a place in the chart: %s.", listed(out))
}
