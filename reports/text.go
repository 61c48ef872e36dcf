package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// Colours of a terminal.
const (
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	plain  = "\x1b[0m"
)

// Text writes f as a table for a terminal: a line for each run or, where engines ran with several seeds, one for each engine with its
// rates and their intervals; then what is invalid, the checks that did not pass with the command that replays them, and warnings.
// Latency is of operations served, from the intended start. Lines of the table have at most 110 columns.
func Text(w io.Writer, f *result.File, color bool) error {
	t := &terminal{color: color}
	t.line("%s", printable(demandInWords(f)))
	if !f.Complete {
		t.line("%s", t.paint(yellow, "Cut short: verdicts are unknown."))
	}
	t.line("")
	if f.Sweep.Is() {
		t.sweep(f)
		_, err := io.WriteString(w, t.b.String())
		return err
	}
	if repeated(f) {
		t.seeds(f)
	} else {
		t.runs(f)
	}
	t.problems(f)
	t.unpromised(f)
	t.published(f)
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

func verdictColor(verdict string) string {
	switch verdict {
	case result.Pass:
		return green
	case result.Fail:
		return red
	}
	return yellow
}

// repeated says whether an engine ran more than once under the same conditions.
func repeated(f *result.File) bool {
	for _, c := range comparisonsOf([]*result.File{f}) {
		for _, s := range c.Scores {
			if len(s.Runs) > 1 {
				return true
			}
		}
	}
	return false
}

func severalSeeds(f *result.File) bool {
	for _, r := range f.Runs {
		if r.Seed != f.Runs[0].Seed {
			return true
		}
	}
	return false
}

func (t *terminal) recommendation(f *result.File) {
	for _, c := range comparisonsOf([]*result.File{f}) {
		prefix := ""
		if c.Label != "" {
			prefix = printable(c.Label) + ": "
		}
		t.line("\n%s%s", prefix, printable(c.Headline()))
		if c.Partial || c.anyValid() { // else the reasons stand above
			t.line("%s", printable(c.Why()))
			if cost := c.Cost(); c.Broad() && cost != "" {
				t.line("%s", printable(cost))
			}
			for _, more := range c.NoWin() {
				t.line("%s", printable(more))
			}
		}
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
