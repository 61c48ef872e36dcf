package reports

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/doorbuster/doorbuster/reports/compare"
)

// CompareText writes a comparison for a terminal: for each pair of engines its verdict, what it is made of, and what was left out.
func CompareText(w io.Writer, c *compare.Comparison, color bool) error {
	t := &terminal{color: color}
	t.line("%s: old %s → new %s", printable(c.Scenario), printable(origin(c.Old)), printable(origin(c.New)))
	for i := range c.Pairs {
		t.pair(&c.Pairs[i])
	}
	t.line("")
	for _, s := range []struct {
		side    string
		engines []string
	}{{"old", c.OnlyOld}, {"new", c.OnlyNew}} {
		if len(s.engines) > 0 {
			t.line("only in %s, compared with nothing: %s", s.side, printable(strings.Join(s.engines, ", ")))
		}
	}
	for _, warning := range c.Warnings {
		t.line("warning: %s", printable(warning))
	}
	t.line("%s", howJudged(c))
	_, err := io.WriteString(w, t.b.String())
	return err
}

func origin(o compare.Origin) string {
	if o.Commit == "" {
		return o.Name
	}
	return fmt.Sprintf("%s (%s)", o.Name, o.Commit)
}

// howJudged says what a verdict rests on.
func howJudged(c *compare.Comparison) string {
	if c.Tested == 0 {
		return "Nothing was tested: the sides agree in every figure, or too few runs prove anything."
	}
	return fmt.Sprintf("Intervals hold the true difference with %s. A verdict needs that, a test at %s after correction for %s, and a difference that matters.",
		percentWhole(c.Confidence), percentWhole(1-c.Confidence), plural(int64(c.Tested), "tested figure"))
}

func percentWhole(share float64) string { return trimmed(100*share, 1) + nbsp + "%" }

func (t *terminal) pair(p *compare.Pair) {
	t.line("\n%s, %s: %s", printable(p.Title()), kindOfFigure(p.Mode), t.paint(pairColor(p.Verdict), strings.ToUpper(p.Verdict)))
	t.line("%s", printable(howCompared(p)))
	if p.Broken != "" {
		t.line("%s", t.paint(red, printable("new "+p.Broken)))
	}
	table := tabwriter.NewWriter(&t.b, 0, 0, 2, ' ', 0)
	if len(p.Figures) > 0 {
		fmt.Fprintln(table, "figure\told\tnew\tdifference\tinterval\tnew worse in\tverdict")
	}
	for i := range p.Figures {
		fmt.Fprintln(table, strings.Join(figureCells(&p.Figures[i]), "\t"))
	}
	table.Flush()
	for _, note := range p.Notes {
		t.line("note: %s", printable(note))
	}
	for _, l := range leftOut(p) {
		t.line("left out: %s", printable(l))
	}
}

// leftOut says which runs were not compared, those of one side for one reason together.
func leftOut(p *compare.Pair) (lines []string) {
	seeds := map[string][]string{}
	var order [][2]string
	for _, l := range p.LeftOut {
		key := l.Side + "\x00" + l.Why
		if seeds[key] == nil {
			order = append(order, [2]string{l.Side, l.Why})
		}
		seeds[key] = append(seeds[key], fmt.Sprint(l.Seed))
	}
	for _, o := range order {
		lines = append(lines, fmt.Sprintf("%s, seed %s: %s", o[0], strings.Join(seeds[o[0]+"\x00"+o[1]], ", "), o[1]))
	}
	return lines
}

func pairColor(verdict string) string {
	switch verdict {
	case compare.Better:
		return green
	case compare.Worse:
		return red
	}
	return yellow
}

// howCompared says how many runs met how.
func howCompared(p *compare.Pair) string {
	if p.Paired {
		text := fmt.Sprintf("%s of runs with one seed", plural(int64(p.OldRuns), "pair"))
		if p.Verdict == compare.TooFew {
			text += fmt.Sprintf("; %d are needed for a verdict", compare.MinPairs)
		}
		return text
	}
	text := fmt.Sprintf("%s against %d, not paired", plural(int64(p.OldRuns), "run"), p.NewRuns)
	if p.Verdict == compare.TooFew {
		text += fmt.Sprintf("; %d a side are needed for a verdict", compare.MinRuns)
	}
	return text
}

// figureCells are name, both sides, difference, interval, effect size and verdict.
func figureCells(f *compare.Figure) []string {
	show := percent
	if f.Relative {
		show = duration
	}
	verdict := f.Verdict
	if f.Why != "" {
		verdict += ": " + f.Why
	}
	return []string{f.Name, show(f.Old), show(f.New), f.Change(), f.Interval(), trimmed(100*f.NewWorse, 0) + nbsp + "%", verdict}
}
