package reports

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/doorbuster/doorbuster/sim/result"
)

// Colours of a terminal.
const (
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	plain  = "\x1b[0m"
)

// Columns of a terminal that a line of the table may take, and that the name of an engine keeps however long the line is.
const (
	widestLine    = 110
	narrowestName = 12
)

var textHeads = []string{"engine", "figures", "verdict", "promised", "oversold", "refused", "stranded", "cancel", "p50", "p99", "p99.9", "events", "took"}
var textUnits = []string{"", "", "", "orders", "units", "falsely", "units", "led", "ms", "ms", "ms", "", ""}

// Text writes f as a table for a terminal: a line for each run, then the checks that did not pass with the command that
// replays them, then warnings. Latency is of operations served, from the intended start. Lines of the table have at most 110 columns.
func Text(w io.Writer, f *result.File, color bool) error {
	t := &terminal{color: color}
	t.line("%s, %s SKUs of %s, %s demand", printable(f.Scenario), count(int64(f.Demand.SKUs)), count(int64(f.Demand.SKUsAtScale1)), printable(f.Demand.Source))
	if !f.Complete {
		t.line("%s", t.paint(yellow, "Cut short: verdicts are unknown."))
	}
	t.line("")
	t.table(f)
	for i := range f.Runs {
		t.problems(&f.Runs[i])
	}
	t.unpromised(f)
	t.recommendation(f)
	for _, warning := range f.Warnings {
		t.line("warning: %s", printable(warning))
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

type terminal struct {
	b     strings.Builder
	color bool
}

func (t *terminal) line(format string, args ...any) { fmt.Fprintf(&t.b, format+"\n", args...) }

func (t *terminal) paint(color, s string) string {
	if !t.color {
		return s
	}
	return color + s + plain
}

func (t *terminal) table(f *result.File) {
	rows := [][]string{textHeads, textUnits}
	for i := range f.Runs {
		rows = append(rows, textRow(&f.Runs[i], severalSeeds(f)))
	}
	widths := columnWidths(rows)
	for n, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cell = cutFront(cell, widths[i])
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if n > 1 && i == 2 {
				cell = t.paint(verdictColor(cell), cell)
			}
			if i < 3 {
				cells[i] = cell + pad
			} else {
				cells[i] = pad + cell
			}
		}
		t.line("%s", strings.TrimRight(strings.Join(cells, " "), " "))
	}
	t.line("")
}

// columnWidths gives each column the room of its widest cell. The first one yields if the line would be too long.
func columnWidths(rows [][]string) []int {
	widths := make([]int, len(textHeads))
	for _, row := range rows {
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

func textRow(r *result.Run, seeds bool) []string {
	name := printable(r.Engine)
	if r.Variant != "" {
		name += " " + printable(r.Variant)
	}
	if seeds {
		name += fmt.Sprintf(" #%d", r.Seed)
	}
	p := r.LatencyMS.Intended
	return []string{
		name, kindOfFigure(r.Mode), shownVerdict(r), compact(r.Orders.Promised),
		exactOversold(r.Units.Oversold), compact(r.Orders.RefusedFalsely), compact(r.Units.Stranded),
		fmt.Sprintf("%.2f%%", r.Rates.Cancellation*100), short(p.P50), short(p.P99), short(p.P999), compact(r.Events), shortTime(r.ElapsedS),
	}
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
	if !r.Valid {
		return "invalid"
	}
	if r.IsControl {
		return "control"
	}
	if r.Verdict == result.Pass && !r.PromisesNoOversell {
		return "no promise" // it passed what it promises, which isn't what a reader of this column looks for
	}
	return r.Verdict
}

func verdictColor(verdict string) string {
	switch verdict {
	case result.Pass:
		return green
	case result.Fail:
		return red
	}
	return yellow
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

func severalSeeds(f *result.File) bool {
	for _, r := range f.Runs {
		if r.Seed != f.Runs[0].Seed {
			return true
		}
	}
	return false
}

// problems lists what a run failed or left unknown, and why it proves nothing if it doesn't.
func (t *terminal) problems(r *result.Run) {
	name := printable(r.Engine)
	for _, why := range r.Invalid {
		t.line("%s: %s: %s", name, t.paint(yellow, "invalid"), printable(why))
	}
	if r.Error != "" {
		t.line("%s: %s: %s", name, t.paint(red, "stopped"), printable(r.Error))
	}
	for _, c := range r.Checks {
		if c.Verdict != result.Unknown && (c.Verdict != result.Fail || !c.Promised) {
			continue
		}
		word := t.paint(verdictColor(c.Verdict), strings.ToUpper(c.Verdict))
		t.line("%s: %s: %s: %s", name, printable(c.Name), word, printable(c.Detail))
		if c.Replay != "" {
			t.line("    %s", printable(c.Replay))
		}
	}
	for _, warning := range r.Warnings {
		t.line("%s: warning: %s", name, printable(warning))
	}
}

// unpromised lists, by check, the runs that failed it without having promised to pass. Their detail is in the page.
func (t *terminal) unpromised(f *result.File) {
	var checks []string
	engines := map[string][]string{}
	for _, r := range f.Runs {
		for _, c := range r.Checks {
			if c.Verdict != result.Fail || c.Promised {
				continue
			}
			if engines[c.Name] == nil {
				checks = append(checks, c.Name)
			}
			if name := printable(r.Engine); !slices.Contains(engines[c.Name], name) {
				engines[c.Name] = append(engines[c.Name], name)
			}
		}
	}
	for _, check := range checks {
		t.line("failed and not promised: %s: %s", printable(check), listed(engines[check]))
	}
}

func (t *terminal) recommendation(f *result.File) {
	for _, c := range compare([]*result.File{f}) {
		prefix := ""
		if c.Label != "" {
			prefix = printable(c.Label) + ": "
		}
		t.line("\n%s%s", prefix, printable(c.Headline()))
		t.line("%s", printable(c.Why()))
	}
}

// printable keeps names from files from moving a terminal's cursor.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '\ufffd'
		}
		return r
	}, s)
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
