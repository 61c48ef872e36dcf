package reports

import (
	"strings"
	"unicode/utf8"

	"github.com/doorbuster/doorbuster/sim/result"
)

// mostInText is how many points a terminal is shown.
const mostInText = 10

// sweep writes the recommendation of a sweep, the best points, the frontier and what each key changes.
func (t *terminal) sweep(f *result.File) {
	s := sweepOf(f)
	t.line("%s", printable(s.About()))
	if text := s.Unfinished(); text != "" {
		t.line("%s", t.paint(yellow, printable(text)))
	}
	t.line("")
	for _, g := range []*table{s.ranking(mostInText), s.frontierTableIfAny(), s.strengths(), s.unranked(mostInText)} {
		t.plain(g)
	}
	for _, broken := range s.Broken() {
		t.line("%s", t.paint(red, printable(broken)))
	}
	for _, flat := range s.Flat() {
		t.line("%s", t.paint(yellow, printable(flat)))
	}
	for _, warning := range f.Warnings {
		t.line("warning: %s", printable(warning))
	}
	t.line("\n%s\n%s", printable(s.Headline()), printable(s.Why()))
	for _, text := range []string{s.Sure(), s.Cost(), s.Lucky(), s.Again()} {
		if text != "" {
			t.line("%s", printable(text))
		}
	}
}

func (s *sweepResult) frontierTableIfAny() *table {
	if len(s.Frontier) == 0 {
		return nil
	}
	g := s.frontierTable()
	g.Rows = g.Rows[:min(len(g.Rows), mostInText)]
	return g
}

// strengths is what each key changes of the outcome that points are ranked by.
func (s *sweepResult) strengths() *table {
	g := &table{Caption: "What each key changes, from its lowest to its highest value, the strongest first", Head: []string{"key", "from", "to", s.Aim.Name}}
	for _, one := range s.sensitivities(s.Aim) {
		g.Rows = append(g.Rows, []string{one.Key.Name, one.Key.Values[one.Low], one.Key.Values[one.High], signedChange(s.Aim, one.Means[one.High]-one.Means[one.Low], one.Change)})
	}
	if g.Rows == nil {
		return nil
	}
	return g
}

// widestCell is where a cell of a plain table is cut.
const widestCell = 60

// plain writes a table with its caption; its columns are as wide as they need to be.
func (t *terminal) plain(g *table) {
	if g == nil {
		return
	}
	t.line("%s", printable(g.Caption))
	head := make([]string, len(g.Head))
	widths := make([]int, len(g.Head))
	rows := append([][]string{head}, g.Rows...)
	for i, h := range g.Head {
		head[i] = shortHead(h)
	}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], min(utf8.RuneCountInString(cell), widestCell))
		}
	}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			if g.Head[i] == "why" { // words, at the end of the line
				cells[i] = printable(cell)
				continue
			}
			cell = cut(printable(cell), widestCell)
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if cells[i] = pad + cell; i == 0 {
				cells[i] = cell + pad
			}
		}
		t.line("  %s", strings.TrimRight(strings.Join(cells, "  "), " "))
	}
	t.line("")
}

// shortHead is a heading that leaves room for figures.
func shortHead(h string) string {
	switch h {
	case lostSales.Name:
		return "refused"
	case brokenPromises.Name:
		return "cancelled"
	case wentWrong.Name:
		return "gone wrong"
	case oversoldHead:
		return "oversold"
	}
	return h
}

// sweepMarkdown is the part of a summary that is about a sweep.
func (m *markdown) sweep(f *result.File) {
	s := sweepOf(f)
	m.block("**"+marked(s.Headline())+"**", "", marked(s.Why()), "")
	for _, text := range []string{s.Unfinished(), s.Sure(), s.Cost()} {
		if text != "" {
			m.block(marked(text), "")
		}
	}
	for _, g := range []*table{s.ranking(mostInText), s.strengths()} {
		if g == nil {
			continue
		}
		lines := []string{marked(g.Caption) + ":", "", row(markedAll(g.Head)...), row(ruled(len(g.Head))...)}
		for _, r := range g.Rows {
			lines = append(lines, row(markedAll(r)...))
		}
		m.block(append(lines, "")...)
	}
}

func markedAll(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = marked(c)
	}
	return out
}

func ruled(n int) []string {
	out := []string{"---"}
	for range n - 1 {
		out = append(out, "--:")
	}
	return out
}
