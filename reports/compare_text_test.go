package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/reports/compare"
	"github.com/doorbuster/doorbuster/sim/result"
)

// evil is a name that wants to be HTML, Markdown, a table's border, a mention and a terminal's command.
const evil = "memory/<img src=x onerror=alert(1)>|`**[a](b)@everyone\x1b[2J"

func comparison10(t *testing.T, factor float64, change func(old, new *result.File)) *compare.Comparison {
	t.Helper()
	old, new := seeds(t, 1), seeds(t, factor)
	if change != nil {
		change(old, new)
	}
	c, err := compare.Compare(compare.Side{Name: "out/old", File: old}, compare.Side{Name: "out/new", File: new}, compare.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func written(t *testing.T, write func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return plainSpaces(b.String())
}

func TestCompareText(t *testing.T) {
	c := comparison10(t, 1.2, func(old, new *result.File) {
		for _, seed := range []int{0, 3} {
			new.Runs[seed].Valid, new.Runs[seed].Invalid = false, []string{"the generator lagged"}
		}
		old.Card.Commit = "abc123"
		extra := old.Runs[0]
		extra.Engine = "memory/quota"
		old.Runs = append(old.Runs, extra)
	})
	text := written(t, func(b *bytes.Buffer) error { return CompareText(b, c, false) })
	for _, want := range []string{
		"old out/old (abc123) → new out/new", "memory/conditional, simulated: WORSE", "8 pairs of runs with one seed", "+20", "100 %", "worse\n",
		"left out: new, seed 1, 4: invalid: the generator lagged", "only in old, compared with nothing: memory/quota (virtual)",
		"Intervals hold the true difference with 95 %.", "after correction for 3 tested figures",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "\x1b") {
		t.Error("colours without being asked")
	}
	few := comparison10(t, 1.2, func(old, new *result.File) { new.Runs = new.Runs[:3] })
	if text := written(t, func(b *bytes.Buffer) error { return CompareText(b, few, true) }); !strings.Contains(text, yellow+"TOO FEW RUNS"+plain+"\n3 pairs of runs with one seed; 6 are needed for a verdict\n") {
		t.Errorf("got\n%s", text)
	}
}

func TestCompareMarkdown(t *testing.T) {
	c := comparison10(t, 0.8, func(old, new *result.File) {
		for _, f := range []*result.File{old, new} {
			f.Scenario = "<script>alert(1)</script>"
			for i := range f.Runs {
				f.Runs[i].Engine = evil
			}
		}
	})
	text := written(t, func(b *bytes.Buffer) error { return CompareMarkdown(b, c) })
	for _, want := range []string{"| **better** | p50 better −20", "## doorbuster: &lt;script&gt;", "<details><summary>memory/&lt;img", "10 pairs of runs"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	harmless(t, text)
}

// harmless fails if anything of an evil name reaches the page as it is.
func harmless(t *testing.T, text string) {
	t.Helper()
	for _, bad := range []string{"<script", "<img", "@everyone", "[a](b)", "\x1b", "`**"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q is in\n%s", bad, text)
		}
	}
}

func TestMarkdownSummary(t *testing.T) {
	f := fixture(t)
	f.Runs[1].Verdict, f.Runs[1].Checks[0] = result.Fail, result.Check{Name: "oversold", Promised: true, Verdict: result.Fail, Detail: "4 units", Replay: "doorbuster run x --set 'a=```'"}
	f.Runs[2].Valid, f.Runs[2].Invalid = false, []string{"it lagged"}
	f.Runs[3].Complete, f.Runs[3].Orders = false, result.Orders{}
	f.Runs[4].Engine, f.Scenario, f.Warnings = evil, "<script>", []string{"<script>"}
	text := written(t, func(b *bytes.Buffer) error { return Markdown(b, f) })
	for _, want := range []string{
		"| memory/pessimistic | 1 | simulated | **FAIL** |", "| memory/nowait | 1 | simulated | invalid |", "| memory/optimistic | 1 | simulated | cut short | – |",
		"- memory/pessimistic seed 1: oversold: **fail**. 4 units.", "  ````sh\n  doorbuster run x --set 'a=```'\n  ````", "seed 1: it lagged", "- warning: &lt;script&gt;",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	harmless(t, text)
}

func TestSummariesStayBelowTheirLimit(t *testing.T) {
	f := fixture(t)
	for len(f.Runs) < 9000 {
		f.Runs = append(f.Runs, f.Runs[:10]...)
	}
	text := written(t, func(b *bytes.Buffer) error {
		err := Markdown(b, f)
		if b.Len() > SummaryLimit || b.Len() < SummaryLimit/2 {
			t.Errorf("%d bytes, the limit is %d", b.Len(), SummaryLimit)
		}
		return err
	})
	if !strings.Contains(text[len(text)-200:], "parts left out: a summary may have 786432 bytes.") {
		t.Errorf("ends with %s", text[len(text)-200:])
	}
	if SummaryLimit >= 1<<20 {
		t.Error("GitHub takes 1 MiB for all summaries of a step")
	}
}
