package reports

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/doorbuster/doorbuster/sim/result"
)

// Columns of a terminal that a line of the table may take, and that the name of an engine keeps however long the line is.
const (
	widestLine    = 110
	narrowestName = 12
)

// textTable is a table for a terminal. Its first two rows are headings, its first column names an engine.
type textTable struct {
	rows    [][]string
	left    int // how many columns stand at the left of their room
	verdict int // the column that has a colour
	rule    int // before which row an empty line stands, unless it is the first or the last; simulated and measured don't touch
}

func (t *terminal) table(g textTable) {
	widths := g.widths()
	for n, row := range g.rows {
		if n == g.rule && n > 2 {
			t.line("")
		}
		cells := make([]string, len(row))
		for i, cell := range row {
			cell = cutFront(cell, widths[i])
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if n > 1 && i == g.verdict {
				cell = t.paint(verdictColor(cell), cell)
			}
			if i < g.left {
				cells[i] = cell + pad
			} else {
				cells[i] = pad + cell
			}
		}
		t.line("%s", strings.TrimRight(strings.Join(cells, " "), " "))
	}
	t.line("")
}

// widths gives each column the room of its widest cell. The first one yields if the line would be too long.
func (g textTable) widths() []int {
	widths := make([]int, len(g.rows[0]))
	for _, row := range g.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	total := len(widths) - 1
	for _, w := range widths {
		total += w
	}
	widths[0] -= max(0, min(total-widestLine, widths[0]-narrowestName))
	return widths
}

// runs is the table with a line for each run.
func (t *terminal) runs(f *result.File) {
	varies, shop := broad(f)
	if shop {
		t.table(shopRows(f, varies))
		t.line("Cancelled counts those who waited in vain too. Shown: p99 of the time until every channel displays a movement.")
		t.line("")
		return
	}
	g := textTable{left: 3, verdict: 2, rows: [][]string{
		{"engine", "figures", "verdict", "promised", "oversold", "refused", "stranded", "cancel", "p50", "p99", "p99.9", "events", "took"},
		{"", "", "", "orders", "units", "falsely", "units", "led", "ms", "ms", "ms", "", ""},
	}}
	for _, mode := range []string{result.Virtual, result.Wall} {
		for i := range f.Runs {
			if r := &f.Runs[i]; r.Mode == mode {
				g.rows = append(g.rows, textRow(f, r, varies))
			}
		}
		if mode == result.Virtual {
			g.rule = len(g.rows)
		}
	}
	if varies {
		g.withVariants()
	}
	t.table(g)
}

func textRow(f *result.File, r *result.Run, varies bool) []string {
	row := []string{runName(f, r)}
	if varies {
		row = names(f, r, varies)
	}
	row = append(row, kindOfFigure(r.Mode), shownVerdict(r))
	if blank(r) {
		return append(row, "–", "–", "–", "–", "–", "–", "–", "–", "–", "–")
	}
	p := r.LatencyMS.Intended
	return append(row, compact(r.Orders.Promised),
		exactOversold(r.Units.Oversold), compact(r.Orders.RefusedFalsely), compact(r.Units.Stranded),
		fmt.Sprintf("%.2f%%", r.Rates.Cancellation*100), short(p.P50), short(p.P99), short(p.P999), compact(r.Events), shortTime(r.ElapsedS))
}

// exactOversold is to the unit where there is room: it is the figure that matters most.
func exactOversold(o result.Oversold) string {
	if o.Min != o.Max {
		return compact(o.Min) + "–" + compact(o.Max)
	}
	return strconv.FormatInt(o.Min, 10)
}

// shownVerdict is a run's verdict, or that it has none to be trusted.
func shownVerdict(r *result.Run) string {
	switch {
	case blank(r):
		return "not run"
	case r.Verdict == result.Fail: // a promise that was broken stays so, whatever else is wrong
		return r.Verdict
	case !r.Complete:
		return "cut short"
	case !r.Valid:
		return "invalid"
	case r.IsControl:
		return "control"
	case r.Verdict == result.Pass && !r.PromisesNoOversell:
		return "no promise" // it passed what it promises, which isn't what a reader of this column looks for
	}
	return r.Verdict
}

func short(ms float64) string {
	switch {
	case ms >= 10000:
		return compact(int64(ms))
	case ms >= 100:
		return trimmed(ms, 0)
	}
	return trimmed(ms, 1)
}

func shortTime(s float64) string {
	if s < 100 {
		return trimmed(s, 1) + "s"
	}
	return fmt.Sprintf("%dm%02ds", int(s)/60, int(s)%60)
}

// cutFront shortens s to its last n characters: a strategy and a seed tell more than a backend.
func cutFront(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return "…" + string(runes[len(runes)-n+1:])
}

// cut shortens s to n characters.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
