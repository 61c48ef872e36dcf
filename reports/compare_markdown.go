package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/doorbuster/doorbuster/reports/compare"
)

// CompareMarkdown writes a comparison for a pull request: a line for each pair of engines with what is better or worse, then every figure, folded away.
// It has SummaryLimit bytes at the most.
func CompareMarkdown(w io.Writer, c *compare.Comparison) error {
	m := &markdown{limit: SummaryLimit}
	m.block("## doorbuster: "+marked(c.Scenario), "", fmt.Sprintf("Old: %s. New: %s.", marked(origin(c.Old)), marked(origin(c.New))), "",
		row("engine", "figures", "verdict", "what", "runs"), row("---", "---", "---", "---", "---"))
	for i := range c.Pairs {
		p := &c.Pairs[i]
		m.block(row(marked(p.Title()), kindOfFigure(p.Mode), emphasized(p.Verdict), marked(whatChanged(p)), marked(howCompared(p))))
	}
	m.block("")
	for _, warning := range c.Warnings {
		m.block("- warning: " + marked(warning))
	}
	for _, only := range []struct {
		side    string
		engines []string
	}{{"old", c.OnlyOld}, {"new", c.OnlyNew}} {
		if len(only.engines) > 0 {
			m.block("- only in " + only.side + ", compared with nothing: " + marked(strings.Join(only.engines, ", ")))
		}
	}
	for i := range c.Pairs {
		m.pair(&c.Pairs[i])
	}
	m.block("", marked(howJudged(c)))
	return m.writeTo(w)
}

func emphasized(verdict string) string {
	if verdict == compare.Worse || verdict == compare.Better {
		return "**" + verdict + "**"
	}
	return verdict
}

// whatChanged lists what is worse and what is better, by how much.
func whatChanged(p *compare.Pair) string {
	var parts []string
	if p.Broken != "" {
		parts = append(parts, p.Broken)
	}
	for _, verdict := range []string{compare.Worse, compare.Better} {
		for i := range p.Figures {
			if f := &p.Figures[i]; f.Verdict == verdict {
				parts = append(parts, fmt.Sprintf("%s %s %s %s", f.Name, verdict, f.Change(), f.Interval()))
			}
		}
	}
	return strings.Join(parts, "; ")
}

func (m *markdown) pair(p *compare.Pair) {
	lines := []string{"", "<details><summary>" + marked(p.Title()) + ", " + kindOfFigure(p.Mode) + ": " + p.Verdict + "</summary>", ""}
	if len(p.Figures) > 0 {
		lines = append(lines, row("figure", "old", "new", "difference", "interval", "new worse in", "verdict"), row("---", "--:", "--:", "--:", "---", "--:", "---"))
	}
	for i := range p.Figures {
		cells := figureCells(&p.Figures[i])
		for j := range cells {
			cells[j] = marked(cells[j])
		}
		lines = append(lines, row(cells...))
	}
	lines = append(lines, "")
	for _, note := range p.Notes {
		lines = append(lines, "- "+marked(note))
	}
	for _, l := range leftOut(p) {
		lines = append(lines, "- left out: "+marked(l))
	}
	m.block(append(lines, "", "</details>")...)
}
