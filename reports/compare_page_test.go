package reports

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/reports/compare"
	"github.com/doorbuster/doorbuster/sim/result"
)

// mixedComparison has a strategy that is worse, one with too few runs, and one that is on one side alone.
func mixedComparison(t *testing.T) *compare.Comparison {
	t.Helper()
	return comparison10(t, 1.2, func(old, new *result.File) {
		for i, f := range []*result.File{old, new} {
			for seed := range 3 {
				r := f.Runs[seed]
				r.Engine = "memory/optimistic"
				f.Runs = append(f.Runs, r)
			}
			r := f.Runs[0]
			r.Engine = []string{"memory/queue", "memory/quota"}[i]
			f.Runs = append(f.Runs, r)
		}
		new.Runs[4].Valid, new.Runs[4].Invalid = false, []string{"the generator lagged"}
	})
}

func TestComparePage(t *testing.T) {
	page := written(t, func(b *bytes.Buffer) error { return CompareHTML(b, mixedComparison(t)) })
	for _, want := range []string{
		"Of 2 strategies: 1 worse and 1 with too few runs to tell.", "✗ worse", "too few runs", "9 pairs of runs with one seed", "<caption>Every figure</caption>",
		"Differences and their intervals", `class="bar bad `, "Only in old, compared with nothing: memory/queue (virtual).", "Only in new, compared with nothing: memory/quota (virtual).",
		"new, seed 5: invalid: the generator lagged", "p50 worse &#43;",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, pattern := range []string{`https?://`, `(?i)<script`, `(?i)\bon[a-z]+="`, `url\(`, `NaN`, `%!`} {
		if found := regexp.MustCompile(pattern).FindString(page); found != "" {
			t.Errorf("the page has %q", found)
		}
	}
}

func TestComparePageEscapesNames(t *testing.T) {
	c := comparison10(t, 0.8, func(old, new *result.File) {
		for _, f := range []*result.File{old, new} {
			f.Scenario, f.Card.Commit = evil, evil
			for i := range f.Runs {
				f.Runs[i].Engine, f.Runs[i].Variant = evil, evil
			}
		}
		new.Runs[0].Valid, new.Runs[0].Invalid = false, []string{evil}
	})
	c.Warnings, c.Pairs[0].Notes, c.Pairs[0].Broken = []string{evil}, []string{evil}, evil
	page := written(t, func(b *bytes.Buffer) error { return CompareHTML(b, c) })
	if strings.Contains(page, "<img") || !strings.Contains(page, "&lt;img") {
		t.Error("a name from the result is written as markup, or is gone")
	}
}

// TestForestPutsWorseToTheRight compares a rate of which more is better, and one of which less is.
func TestForestPutsWorseToTheRight(t *testing.T) {
	fill, ok1 := forestRowOf(&compare.Figure{Name: "fill_rate", Better: "higher", Method: "m", Smallest: 0.001, Difference: -0.1, Low: -0.2, High: -0.05, Verdict: compare.Worse})
	p99, ok2 := forestRowOf(&compare.Figure{Name: "p99", Better: "lower", Method: "m", Smallest: 0.02, Difference: 0.01, Low: -0.01, High: 0.02, Verdict: compare.None})
	if !ok1 || !ok2 {
		t.Fatal("a figure with an interval has no place")
	}
	if fill.at != 3 || fill.low >= fill.at || fill.high <= fill.at || fill.class != "bad" {
		t.Errorf("a fill rate worse by a hundred times what matters stands at %+v: want 3", fill)
	}
	if p99.at != 0.5 || p99.low != -0.5 || p99.high != 1 || p99.class != "c3" {
		t.Errorf("half of what matters stands at %+v: want 0.5", p99)
	}
	if _, ok := forestRowOf(&compare.Figure{Name: "p99", Method: "m"}); ok {
		t.Error("a figure of which every difference matters has a place among multiples of none")
	}
}
