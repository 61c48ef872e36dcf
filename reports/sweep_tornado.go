package reports

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/wcharczuk/go-chart/v2"
)

// tornado shows for each key how far the outcome moves between its lowest and its highest value, the strongest first.
func (s *sweepResult) tornado() (figure, error) {
	title := "What each key changes: " + s.Aim.Name
	all := s.sensitivities(s.Aim)
	if len(all) == 0 {
		return missing(title, "no key has two values that can be judged"), nil
	}
	fig := figure{Title: title, Kind: kindOfFigure(s.File.Runs[0].Mode), Unit: s.Aim.unit + ", mean over all points with the value",
		Legend: []legend{{Class: "best", Area: true, Text: "from the key's lowest value to its highest; of words, from the one with the least to the one with the most"}},
		Data:   s.sensitivityTable()}
	if slices.ContainsFunc(all, func(one sensitivity) bool { return one.span() > math.Abs(one.Means[one.High]-one.Means[one.Low]) }) {
		fig.Legend = append(fig.Legend, legend{Class: "rest", Area: true, Text: "beyond it, values between these two"})
	}
	if len(s.LeftOut) > 0 || !s.File.Complete || s.File.Sweep.Sample > 0 || s.File.Sweep.Shard != "" {
		fig.Note = "Not every value of one key meets every value of the others here, so a part of what one changes may be another's."
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, one := range all {
		low, high = min(low, slices.Min(one.Means)), max(high, slices.Max(one.Means))
	}
	return fig.full(func(width int) (template.HTML, error) {
		f := frame{about: title + ", a bar for each key; the table below has the figures.", width: width, bare: true, y: axis{max: float64(len(all))},
			x: spanAxis(low*s.Aim.by, high*s.Aim.by, 5), height: 58*len(all) + 40}
		if width == narrowWidth {
			f.x = spanAxis(low*s.Aim.by, high*s.Aim.by, 3)
		}
		f.marks = []mark{func(p plot) {
			for i := range all {
				s.sway(p, &all[i], i, len(all))
			}
		}}
		return f.svg()
	})
}

// sway draws one key: its name above, a pale bar over all its values, a strong one from the lowest to the highest, and which end is which.
func (s *sweepResult) sway(p plot, one *sensitivity, i, n int) {
	height := p.box.Bottom - p.box.Top
	top := p.box.Top + height*i/n + textSize + 8
	bottom := p.box.Top + height*(i+1)/n - 8
	at := func(mean float64) int { return p.px(mean * s.Aim.by) }
	p.text("name", one.Key.Name, p.box.Left, top-6)
	wide := func(class string, a, b, inset int) {
		p.rect(class, min(a, b), top+inset, max(max(a, b), min(a, b)+leastMark), bottom-inset)
	}
	if one.span() > 0 {
		wide("bar rest", at(slices.Min(one.Means)), at(slices.Max(one.Means)), 6)
		wide("bar best", at(one.Means[one.Low]), at(one.Means[one.High]), 2)
	}
	p.ends(one, at(one.Means[one.Low]), at(one.Means[one.High]), (top+bottom)/2+4)
}

// ends writes the lowest and the highest value beside the ends of a bar.
func (p plot) ends(one *sensitivity, low, high, y int) {
	names := [2]string{cut(one.Key.Values[one.Low], 14), cut(one.Key.Values[one.High], 14)}
	if low == high {
		p.text("soft", names[0]+" to "+names[1]+": no change", min(low+6, p.box.Right-170), y)
		return
	}
	for i, x := range [2]int{low, high} {
		left := x < max(low, high)
		room := characterWidth*len([]rune(names[i])) + 8
		switch {
		case left && x-room >= p.box.Left:
			p.text("soft end", names[i], x-6, y)
		case !left && x+room <= p.box.Right:
			p.text("soft", names[i], x+6, y)
		}
	}
}

// spanAxis runs from a round value at or below low to one at or above high, with about n steps between; a step more on either side
// leaves room for labels.
func spanAxis(low, high float64, n int) axis {
	step := niceStep((high-low)/float64(n), false)
	from, to := math.Floor(low/step)-1, math.Ceil(high/step)+1
	if low >= 0 && from < 0 {
		from = 0
	}
	a := axis{min: from * step, max: to * step}
	for i := from; i <= to; i++ {
		a.ticks = append(a.ticks, chart.Tick{Value: i * step, Label: axisCount(i * step)})
	}
	return a
}

// sensitivityTable has a row for each value of each key, and what the key changes as a whole.
func (s *sweepResult) sensitivityTable() *table {
	t := &table{Caption: "Means over all points with the value", Head: []string{"key and value"}}
	outcomes := []outcome{lostSales, brokenPromises}
	if s.Costed() {
		outcomes = append(outcomes, s.Aim)
	}
	for _, o := range outcomes {
		t.Head = append(t.Head, o.Name)
	}
	for _, one := range s.sensitivities(s.Aim) {
		i := slices.IndexFunc(s.Keys, func(k sweepKey) bool { return k.Name == one.Key.Name })
		of := make([]sensitivity, len(outcomes))
		for k, o := range outcomes {
			of[k], _ = s.sensitivity(i, s.Keys[i], o)
		}
		for v, value := range one.Key.Values {
			row := []string{one.Key.Name + "=" + value}
			for k, o := range outcomes {
				row = append(row, o.write(of[k].Means[v]))
			}
			t.Rows = append(t.Rows, row)
		}
		row := []string{fmt.Sprintf("%s, from %s to %s", one.Key.Name, one.Key.Values[one.Low], one.Key.Values[one.High])}
		for k, o := range outcomes {
			row = append(row, signedChange(o, of[k].Means[one.High]-of[k].Means[one.Low], of[k].Change))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// signedChange writes by how much an outcome changes, with its interval where several seeds give one and the ends are the same for it.
func signedChange(o outcome, by float64, p paired) string {
	write := func(x float64) string {
		if x < 0 {
			return "−" + o.write(-x)
		}
		return "+" + o.write(x)
	}
	bare := func(x float64) string { return strings.Replace(write(x), o.write(math.Abs(x)), o.bare(math.Abs(x)), 1) }
	text := write(by)
	if p.seeds > 1 && math.Abs(p.mean-by) <= 1e-9*math.Max(1, math.Abs(by)) {
		text += " [" + bare(p.low) + ", " + bare(p.high) + "]"
	}
	return text
}
