package reports

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/wcharczuk/go-chart/v2"
)

// mostDots is how many points that are not on the frontier a drawing has: more would lie on each other, and make the page large.
const mostDots = 2000

// frontierChart shows each point by what it refuses and what it cancels.
func (s *sweepResult) frontierChart() (figure, error) {
	const title = "Orders cancelled against orders refused although stock was there"
	if len(s.Points) < 2 {
		return missing(title, "fewer than two points can be judged"), nil
	}
	fig := figure{Title: title, Kind: kindOfFigure(s.File.Runs[0].Mode), Unit: "% of orders asked for, means over seeds; the best corner is at the bottom left",
		Legend: []legend{{Class: "best", Area: true, Text: "no other point is better in both"}, {Class: "c3", Area: true, Text: "another point is at least as good in both"}},
		Data:   s.frontierTable()}
	if slices.ContainsFunc(s.Points, func(p *sweepPoint) bool { return p.Unfit != "" }) {
		fig.Legend = append(fig.Legend, legend{Class: "bad", Area: true, Text: "may not be recommended: it doesn't promise, or didn't keep it, or its channels do what none can"})
	}
	fig.Note = "Labels have the values of " + s.keysInWords() + ", for as many points as have room; the ringed one is recommended."
	if len(s.Points) > mostDots {
		fig.Note += fmt.Sprintf(" Of %s off the frontier, every n-th is drawn.", plural(int64(len(s.Points)), "point"))
	}
	var right, top float64
	for _, p := range s.Points {
		right, top = max(right, 100*p.Lost.mean), max(top, 100*p.Cancelled.mean)
	}
	return fig.full(func(width int) (template.HTML, error) {
		f := frame{about: title + ", a dot for each point; the table below has the frontier.", width: width, height: 380, x: rateAxis(right, 6), y: rateAxis(top, 5)}
		if width == narrowWidth {
			f.height, f.x = 330, rateAxis(right, 4)
		}
		f.marks = []mark{s.dots, func(p plot) { p.text("soft end", "refused →", p.box.Right, p.box.Bottom-6) },
			func(p plot) { p.text("soft", "↑ cancelled", p.box.Left+6, p.box.Top+textSize) }}
		return f.svg()
	})
}

func (s *sweepResult) keysInWords() string {
	names := make([]string, len(s.Keys))
	for i, k := range s.Keys {
		names[i] = k.Name
	}
	return listed(names)
}

// dots draws the points: those that others beat below, then the frontier as steps, its dots and their labels.
func (s *sweepResult) dots(p plot) {
	step := (len(s.Points) + mostDots - 1) / mostDots
	for i, one := range s.Points {
		if i%step != 0 || slices.Contains(s.Frontier, one) {
			continue
		}
		class := "bar c3"
		if one.Unfit != "" {
			class = "bar bad"
		}
		p.dot(class, one, 3)
	}
	p.path("best", nil, steps(s.Frontier))
	for _, one := range s.Frontier {
		p.dot("bar best", one, 4)
	}
	taken := []chart.Box{{Left: p.box.Left, Top: p.box.Top, Right: p.box.Left + 90, Bottom: p.box.Top + textSize + 4},
		{Left: p.box.Right - 70, Top: p.box.Bottom - textSize - 8, Right: p.box.Right, Bottom: p.box.Bottom}} // the axes' names
	labelled := slices.Clone(s.Frontier)
	if s.Best != nil {
		p.ring(s.Best)
		labelled = append([]*sweepPoint{s.Best}, labelled...)
	}
	for i, one := range labelled {
		if i == 0 || one != s.Best {
			taken = p.label(cut(s.short(one), 30), one, taken, s.Points)
		}
	}
}

// steps is the border of what the frontier's points beat.
func steps(front []*sweepPoint) []point {
	var line []point
	for i, p := range front {
		x, y := 100*p.Lost.mean, 100*p.Cancelled.mean
		if i > 0 {
			line = append(line, point{x, line[len(line)-1].y})
		}
		line = append(line, point{x, y})
	}
	return line
}

func (p plot) at(one *sweepPoint) (x, y int) {
	return p.px(100 * one.Lost.mean), p.py(100 * one.Cancelled.mean)
}

func (p plot) dot(class string, one *sweepPoint, radius float64) {
	x, y := p.at(one)
	p.use(class, nil)
	p.r.Circle(radius, x, y)
	p.r.Fill()
}

// ring is drawn as a path, as lines are.
func (p plot) ring(one *sweepPoint) {
	x, y := p.at(one)
	p.use("stock", nil)
	const corners, radius = 24, 9
	for i := range corners {
		a := 2 * math.Pi * float64(i) / corners
		px, py := x+int(math.Round(radius*math.Cos(a))), y+int(math.Round(radius*math.Sin(a)))
		if i == 0 {
			p.r.MoveTo(px, py)
		} else {
			p.r.LineTo(px, py)
		}
	}
	p.r.Close()
	p.r.Stroke()
}

// characterWidth is about that of a character of a label, in px.
const characterWidth = 7

// place is where a label may stand.
type place struct {
	class  string
	box    chart.Box
	anchor int
}

// label writes a name beside a dot, where the fewest other dots are below it; where it would lie on another label or leave the chart on every
// side, it is left out. It returns what is taken.
func (p plot) label(name string, one *sweepPoint, taken []chart.Box, dots []*sweepPoint) []chart.Box {
	x, y := p.at(one)
	const gap = 12
	width := characterWidth * utf8.RuneCountInString(name)
	var best *place
	fewest := len(dots) + 1
	for _, dy := range []int{-4, textSize + 2, -textSize - 4, 2*textSize + 4} {
		top, bottom := y+dy-textSize, y+dy+3
		for _, at := range []place{{"name", chart.Box{Left: x + gap, Right: x + gap + width, Top: top, Bottom: bottom}, x + gap},
			{"name end", chart.Box{Left: x - gap - width, Right: x - gap, Top: top, Bottom: bottom}, x - gap}} {
			if box := at.box; box.Left < p.box.Left || box.Right > p.box.Right || box.Top < p.box.Top || box.Bottom > p.box.Bottom || overlaps(box, taken) {
				continue
			}
			if n := p.under(at.box, dots); n < fewest {
				best, fewest = &at, n
			}
		}
	}
	if best == nil {
		return taken
	}
	p.text(best.class, name, best.anchor, best.box.Bottom-3)
	return append(taken, best.box)
}

// under counts the dots in a box.
func (p plot) under(box chart.Box, dots []*sweepPoint) (n int) {
	for _, one := range dots {
		if x, y := p.at(one); x > box.Left-4 && x < box.Right+4 && y > box.Top-4 && y < box.Bottom+4 {
			n++
		}
	}
	return n
}

func overlaps(box chart.Box, taken []chart.Box) bool {
	return slices.ContainsFunc(taken, func(t chart.Box) bool {
		return box.Left < t.Right && t.Left < box.Right && box.Top < t.Bottom && t.Top < box.Bottom
	})
}

func (s *sweepResult) frontierTable() *table {
	t := &table{Caption: "The frontier, from the fewest refusals to the fewest cancellations; in brackets 95 % intervals over seeds", Head: []string{s.keysShort(), lostSales.Name, brokenPromises.Name}}
	if s.Costed() {
		t.Head = append(t.Head, s.Aim.Name)
	}
	for _, p := range s.Frontier {
		row := []string{s.short(p), briefly(lostSales, p.Lost), briefly(brokenPromises, p.Cancelled)}
		if s.Costed() {
			row = append(row, briefly(s.Aim, p.Aim))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
