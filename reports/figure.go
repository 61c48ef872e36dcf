package reports

import (
	"errors"
	"html/template"
	"strings"
)

// figure is a chart with everything that a reader needs beside it, or the reason why it is left out.
type figure struct {
	Title   string
	Kind    string // simulated, measured
	Unit    string // of the value axis
	Note    string
	Wide    template.HTML
	Medium  template.HTML // only of a figure that is as wide as the page
	Narrow  template.HTML
	Legend  []legend
	Data    *table
	Missing string // why there is no chart
}

// legend explains one colour. It stands below the chart, where it covers no line.
type legend struct {
	Class string
	Area  bool
	Dash  string // an SVG dash array
	Text  string
}

// table is data that can stand behind a chart. Its first column is text, the others are numbers.
type table struct {
	Caption string
	Head    []string
	Rows    [][]string
}

// full draws a figure as wide as the page; at is told a width and draws for it.
func (f figure) full(at func(width int) (template.HTML, error)) (figure, error) {
	var wide, medium, narrow error
	f.Wide, wide = at(wideWidth)
	f.Medium, medium = at(mediumWidth)
	f.Narrow, narrow = at(narrowWidth)
	return f, errors.Join(wide, medium, narrow)
}

// half draws a figure that stands beside another one where there is room.
func (f figure) half(at func(width int) (template.HTML, error)) (figure, error) {
	var wide, narrow error
	f.Wide, wide = at(halfWidth)
	f.Narrow, narrow = at(narrowWidth)
	return f, errors.Join(wide, narrow)
}

// missing is a figure that has nothing to show.
func missing(title, why string) figure { return figure{Title: title, Missing: why} }

// style of one strategy in charts that show several.
type look struct {
	class string
	dash  []float64
}

// Colours for strategies that are neither recommended nor the control; with the dashes they tell ten apart.
var lookClasses = []string{"c1", "c2", "c3", "c4", "c5"}
var lookDashes = [][]float64{nil, {6, 3}, {2, 3}}

// looks gives each strategy of a comparison its colour: the recommended one and the control have theirs in every chart.
func (c *comparison) looks() map[*score]look {
	all := map[*score]look{}
	n := 0
	for _, s := range c.Scores {
		switch s {
		case c.Best:
			all[s] = look{class: "best"}
		case c.Beside:
			all[s] = look{class: "bad"}
		default:
			all[s] = look{lookClasses[n%len(lookClasses)], lookDashes[n/len(lookClasses)%len(lookDashes)]}
			n++
		}
	}
	return all
}

func (l look) legend(text string) legend {
	dashes := make([]string, len(l.dash))
	for i, d := range l.dash {
		dashes[i] = trimmed(d, 1)
	}
	return legend{Class: l.class, Dash: strings.Join(dashes, " "), Text: text}
}

// most is how many points of a series a drawing of that width can show.
func most(width int) int { return width * 2 / 3 }

func timeTicks(width int) int {
	if width < wideWidth {
		return 5
	}
	return 13
}
