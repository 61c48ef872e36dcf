package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// Markdown writes a summary for a build's page, such as $GITHUB_STEP_SUMMARY: of each file the recommendation, a line for each run, and what failed
// with the command that shows it again. It has SummaryLimit bytes at the most.
func Markdown(w io.Writer, files ...*result.File) error {
	m := &markdown{limit: SummaryLimit}
	for _, f := range files {
		m.file(f)
	}
	return m.writeTo(w)
}

func (m *markdown) file(f *result.File) {
	m.block("## doorbuster: "+marked(f.Scenario), "", marked(demandInWords(f)), "")
	if !f.Complete {
		m.block("**Cut short: verdicts are unknown.**", "")
	}
	if f.Sweep.Is() {
		m.sweep(f)
		return
	}
	for _, c := range comparisonsOf([]*result.File{f}) {
		m.recommendation(c)
	}
	m.block(row("engine", "seed", "figures", "verdict", "orders promised", "oversold units", "refused falsely", "cancelled", "p50", "p99", "p99.9"),
		row("---", "--:", "---", "---", "--:", "--:", "--:", "--:", "--:", "--:", "--:"))
	for i := range f.Runs {
		m.block(runRow(&f.Runs[i]))
	}
	m.block("")
	for i := range f.Runs {
		m.failures(&f.Runs[i])
	}
	for _, warning := range f.Warnings {
		m.block("- warning: " + marked(warning))
	}
}

func (m *markdown) recommendation(c *comparison) {
	headline := marked(c.Headline())
	if c.Label != "" {
		headline = marked(c.Label) + ": " + headline
	}
	m.block("**"+headline+"**", "")
	if c.Partial || c.anyValid() {
		m.block(marked(c.Why()), "")
	}
}

func runRow(r *result.Run) string {
	name := marked(r.Engine)
	if r.Variant != "" {
		name += " " + marked(r.Variant)
	}
	l := r.LatencyMS.Intended
	cells := []string{name, fmt.Sprint(r.Seed), kindOfFigure(r.Mode), runVerdict(r)}
	if blank(r) {
		return row(append(cells, "–", "–", "–", "–", "–", "–", "–")...)
	}
	return row(append(cells, count(r.Orders.Promised), oversold(r.Units.Oversold), count(r.Orders.RefusedFalsely), percent(r.Rates.Cancellation),
		duration(l.P50), duration(l.P99), duration(l.P999))...)
}

func runVerdict(r *result.Run) string {
	switch {
	case !r.Complete:
		return "cut short"
	case !r.Valid:
		return "invalid"
	case r.Verdict == result.Fail:
		return "**FAIL**"
	case r.IsControl:
		return "control"
	case !r.PromisesNoOversell && r.Verdict == result.Pass:
		return "no promise"
	}
	return marked(r.Verdict)
}

// failures says what of a run failed or proves nothing.
func (m *markdown) failures(r *result.Run) {
	name := strings.Join(strings.Fields(marked(r.Engine)+" "+marked(r.Variant)), " ") + " seed " + fmt.Sprint(r.Seed)
	if !r.Valid || !r.Complete || r.Error != "" {
		m.block("- " + name + ": " + marked(whyInvalid(r)))
	}
	for _, c := range r.Checks {
		if !c.Promised || c.Verdict != result.Fail && c.Verdict != result.Unknown {
			continue
		}
		m.block(append([]string{"- " + name + ": " + marked(c.Name) + ": **" + marked(c.Verdict) + "**. " + marked(sentence(c.Detail)), ""}, indented(code(c.Replay))...)...)
	}
}

// indented belongs to the item of a list above it.
func indented(lines []string) []string {
	for i := range lines {
		lines[i] = "  " + lines[i]
	}
	return lines
}
