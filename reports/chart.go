package reports

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"

	"github.com/wcharczuk/go-chart/v2"
)

// Widths in px of the drawings of each chart. The page shows the one that fits the window, so that text is never scaled down
// to where it can't be read.
const (
	wideWidth   = 1010
	halfWidth   = 490 // one of two beside each other
	mediumWidth = 700
	narrowWidth = 328 // a phone
	textSize    = 12  // as page.css has it
)

// frame is a chart before it is drawn. Colours are classes, which page.css gives values for light and dark.
type frame struct {
	about         string // what a screen reader says
	width, height int
	x, y          axis
	bare          bool // no y axis: the marks bring their own labels
	left          int  // room for those, in px
	marks         []mark
}

// mark draws something on a chart. It is a go-chart series.
type mark func(p plot)

// GetName, GetYAxis, GetStyle, Validate and Render are what go-chart asks of a series.
func (mark) GetName() string           { return "" }
func (mark) GetYAxis() chart.YAxisType { return chart.YAxisSecondary } // the one on the left
func (mark) GetStyle() chart.Style     { return chart.Style{} }
func (mark) Validate() error           { return nil }
func (m mark) Render(r chart.Renderer, box chart.Box, x, y chart.Range, s chart.Style) {
	m(plot{r, box, x, y, s})
}

// fixedRange keeps the range that it was made with: go-chart would shrink it to the outermost ticks.
type fixedRange struct{ chart.ContinuousRange }

func (*fixedRange) SetMin(float64) {}
func (*fixedRange) SetMax(float64) {}

func (a axis) asRange() chart.Range {
	return &fixedRange{chart.ContinuousRange{Min: a.min, Max: a.max}}
}

// svg draws the chart as an svg element to stand in a page.
func (f frame) svg() (template.HTML, error) {
	hidden := chart.Hidden()
	c := chart.Chart{
		Width: f.width, Height: f.height, DPI: 72,
		Background: chart.Style{ClassName: "bg", Padding: chart.Box{Top: 10, Left: 4 + f.left, Right: 14, Bottom: 4, IsSet: true}},
		Canvas:     chart.Style{ClassName: "bg"},
		XAxis: chart.XAxis{
			Style: f.axisStyle(), Range: f.x.asRange(), Ticks: escaped(f.x.ticks), GridMajorStyle: hidden, GridMinorStyle: hidden,
		},
		// go-chart takes the range of the secondary axis from the ticks of the primary one.
		YAxis: chart.YAxis{Style: hidden, Range: f.y.asRange(), Ticks: escaped(f.y.ticks)},
		YAxisSecondary: chart.YAxis{
			Style: f.axisStyle(), Range: f.y.asRange(), Ticks: escaped(f.y.ticks), Zero: chart.GridLine{Style: hidden},
			GridMajorStyle: hidden, GridMinorStyle: hidden,
		},
	}
	if f.bare {
		c.YAxisSecondary.Style = hidden
	} else {
		c.Series = append(c.Series, grid(f.y.ticks))
	}
	for _, m := range f.marks {
		c.Series = append(c.Series, m)
	}
	var b bytes.Buffer
	if err := c.Render(measuredSVG, &b); err != nil {
		return "", fmt.Errorf("chart %q: %w", f.about, err)
	}
	return inPage(b.String(), f.about), nil
}

func (f frame) axisStyle() chart.Style { return chart.Style{ClassName: "axis", FontSize: textSize} }

// inPage turns a drawing of go-chart's into an element of a page: named for screen readers, without namespaces (which HTML
// knows, and which look like addresses), and with shorter paths.
func inPage(svg, about string) template.HTML {
	svg = strings.NewReplacer(
		` xmlns="http://www.w3.org/2000/svg"`, ` role="img" aria-label="`+html.EscapeString(about)+`"`,
		` xmlns:xlink="http://www.w3.org/1999/xlink"`, "",
		"<path  ", "<path ",
	).Replace(svg)
	return template.HTML(shortPaths(svg)) // go-chart's output; every text in it went through html.EscapeString
}

// escaped makes labels safe: go-chart writes text into SVG as it is.
func escaped(ticks []chart.Tick) []chart.Tick {
	out := make([]chart.Tick, len(ticks))
	for i, t := range ticks {
		out[i] = chart.Tick{Value: t.Value, Label: html.EscapeString(t.Label)}
	}
	return out
}

// plot is where a mark draws.
type plot struct {
	r     chart.Renderer
	box   chart.Box
	x, y  chart.Range
	style chart.Style
}

type point struct{ x, y float64 }

func (p plot) px(x float64) int { return p.box.Left + p.x.Translate(x) }
func (p plot) py(y float64) int { return p.box.Bottom - p.y.Translate(y) }

func (p plot) use(class string, dash []float64) {
	chart.Style{ClassName: class, StrokeDashArray: dash}.WriteToRenderer(p.r)
}

// path draws a line; a point whose y is not a number breaks it.
func (p plot) path(class string, dash []float64, points []point) {
	p.use(class, dash)
	down := false
	for _, pt := range points {
		switch {
		case math.IsNaN(pt.y):
			down = false
		case down:
			p.r.LineTo(p.px(pt.x), p.py(pt.y))
		default:
			p.r.MoveTo(p.px(pt.x), p.py(pt.y))
			down = true
		}
	}
	p.r.Stroke()
}

// rect fills a box given in pixels.
func (p plot) rect(class string, left, top, right, bottom int) {
	p.use(class, nil)
	p.r.MoveTo(left, top)
	p.r.LineTo(right, top)
	p.r.LineTo(right, bottom)
	p.r.LineTo(left, bottom)
	p.r.Close()
	p.r.Fill()
}

// text writes at pixels; class "end" or "middle" says which part of it stands there.
func (p plot) text(class, s string, x, y int) {
	style := p.style
	style.ClassName, style.FontSize = class, textSize
	chart.Draw.Text(p.r, html.EscapeString(s), x, y, style)
}

func grid(ticks []chart.Tick) mark {
	return func(p plot) {
		for _, t := range ticks {
			p.path("grid", nil, []point{{p.x.GetMin(), t.Value}, {p.x.GetMax(), t.Value}})
		}
	}
}

// line draws a line through points.
func line(class string, dash []float64, points []point) mark {
	return func(p plot) { p.path(class, dash, points) }
}

// above fills the area where a line runs above a floor; both have the same x values.
func above(class string, line, floor []point) mark {
	return func(p plot) {
		p.use(class, nil)
		for i := 1; i < len(line); i++ {
			p.strip(line[i-1], line[i], floor[i-1], floor[i])
		}
		p.r.Fill()
	}
}

// strip adds to the path the part of one step that lies above its floor, from where the two cross.
func (p plot) strip(a, b, floorA, floorB point) {
	da, db := a.y-floorA.y, b.y-floorB.y
	if !(da > 0 || db > 0) || math.IsNaN(da) || math.IsNaN(db) {
		return
	}
	cross := func() point {
		t := da / (da - db)
		return point{a.x + t*(b.x-a.x), floorA.y + t*(floorB.y-floorA.y)}
	}
	if da < 0 {
		a = cross()
		floorA = a
	} else if db < 0 {
		b = cross()
		floorB = b
	}
	p.r.MoveTo(p.px(floorA.x), p.py(floorA.y))
	for _, pt := range []point{a, b, floorB} {
		p.r.LineTo(p.px(pt.x), p.py(pt.y))
	}
	p.r.Close()
}

// spike shades a stretch of time and names it.
func spike(from, to float64) mark {
	return func(p plot) {
		if to <= from {
			return
		}
		p.rect("spike", p.px(from), p.box.Top, p.px(to), p.box.Bottom)
		p.text("soft", "spike", p.px(from)+4, p.box.Top+textSize+3)
	}
}
