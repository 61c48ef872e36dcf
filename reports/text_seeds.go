package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// seeds is the table of engines that ran with several seeds: a line for each engine, in the order of the runs.
func (t *terminal) seeds(f *result.File) {
	for _, c := range comparisonsOf([]*result.File{f}) {
		if c.Label != "" {
			t.line("%s:", printable(c.Label))
		}
		g := textTable{left: 2, verdict: 1, rows: [][]string{
			{"engine", "verdict", "oversold", "cancelled", "refused falsely", "filled", "p99, ms"},
			{"", "", "% of units", "% of orders", "% of refusals", "% of units asked", "worst seed"},
		}}
		if c.Varies() {
			g.withVariants()
		}
		seeds := 0
		for _, s := range c.inOrder() {
			g.rows = append(g.rows, c.seedsRow(s))
			seeds = max(seeds, len(s.Runs))
		}
		t.table(g)
		t.line("%s figures, means over %d seeds with 95 %% intervals: Student's t; where events are rare, exact", capital(kindOfFigure(c.Mode)), seeds)
		t.line("binomial over all seeds together (* and ≤). Every seed by itself stands in the report.")
		t.line("")
	}
}

// inOrder are the scores in the order in which the engines ran.
func (c *comparison) inOrder() []*score {
	first := func(s *score) int {
		return slices.IndexFunc(c.File.Runs, func(r result.Run) bool { return r.Engine == s.Engine && r.Variant == s.Variant })
	}
	return slices.SortedFunc(slices.Values(c.Scores), func(a, b *score) int { return cmp.Compare(first(a), first(b)) })
}

func (c *comparison) seedsRow(s *score) []string {
	row := []string{printable(s.Short), s.Word()}
	if c.Varies() {
		row = []string{printable(s.Variant), printable(strings.TrimPrefix(s.Engine, c.sharedBackend())), s.Word()}
	}
	sum := c.summary(s)
	if sum == nil && len(s.Runs) == 1 && s.Proven() { // the control, which needs one run only
		r := s.First().Rates
		for _, rate := range []float64{r.Oversell, r.Cancellation, r.FalseRefusal, r.FillRate} {
			row = append(row, trimmed(100*rate, 3))
		}
		return append(row, short(s.P99))
	}
	if sum == nil {
		return append(row, "–", "–", "–", "–", "–")
	}
	if sum.Runs < len(s.Runs) {
		row[0] += fmt.Sprintf(" (%d of %d)", sum.Runs, len(s.Runs))
	}
	for _, name := range mainRates {
		cell := "–"
		if r, ok := rateOf(sum, name); ok {
			cell = inPercent(r)
			if r.Method == result.ClopperPearson && r.Events > 0 && r.Events < r.Trials {
				cell += "*"
			}
		}
		row = append(row, cell)
	}
	return append(row, short(s.P99))
}

// summary is what the result says of all seeds of s together; nil if none of them was valid and complete.
func (c *comparison) summary(s *score) *result.Summary {
	for i, sum := range c.File.Summaries {
		if sum.Engine == s.Engine && sum.Variant == s.Variant && sum.Mode == c.Mode {
			return &c.File.Summaries[i]
		}
	}
	return nil
}

func rateOf(s *result.Summary, name string) (result.RateInterval, bool) {
	i := slices.IndexFunc(s.Rates, func(r result.RateInterval) bool { return r.Name == name })
	if i < 0 {
		return result.RateInterval{}, false
	}
	return s.Rates[i], true
}
