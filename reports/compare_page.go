package reports

import (
	"bufio"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/doorbuster/doorbuster/reports/compare"
)

// comparePage is what compare.html shows.
type comparePage struct {
	*compare.Comparison
	Title, Headline, How string
	Style                template.CSS
	Origins              [2]string
	Only                 []string
	Overview             []compareRow
	Pairs                []*comparePair
}

// compareRow is a pair of engines in the overview.
type compareRow struct{ ID, Title, Kind, Verdict, What, Runs string }

// comparePair is a pair of engines with all its figures.
type comparePair struct {
	*compare.Pair
	ID, Title, Kind, Runs string
	Chart                 figure
	Table                 *table
	LeftOut               []string
}

// CompareHTML writes a comparison as a page of the kind that HTML writes: no network, no script.
func CompareHTML(w io.Writer, c *compare.Comparison) error {
	css, err := pageFiles.ReadFile("page.css")
	if err != nil {
		return err
	}
	p := comparePage{Comparison: c, Title: c.Scenario, Headline: compareHeadline(c), How: howJudged(c), Style: template.CSS(css), // our own file
		Origins: [2]string{origin(c.Old), origin(c.New)}}
	for _, side := range []struct {
		name    string
		engines []string
	}{{"old", c.OnlyOld}, {"new", c.OnlyNew}} {
		if len(side.engines) > 0 {
			p.Only = append(p.Only, "Only in "+side.name+", compared with nothing: "+listed(side.engines)+".")
		}
	}
	for i := range c.Pairs {
		view, err := comparePairOf(&c.Pairs[i], fmt.Sprintf("pair-%d", i+1))
		if err != nil {
			return err
		}
		p.Pairs = append(p.Pairs, view)
		p.Overview = append(p.Overview, compareRow{view.ID, view.Title, view.Kind, view.Verdict, whatChanged(view.Pair), view.Runs})
	}
	out := bufio.NewWriter(w)
	if err := pageTemplate.ExecuteTemplate(out, "compare.html", p); err != nil {
		return err
	}
	return out.Flush()
}

func comparePairOf(p *compare.Pair, id string) (*comparePair, error) {
	v := &comparePair{Pair: p, ID: id, Title: p.Title(), Kind: kindOfFigure(p.Mode), Runs: howCompared(p), LeftOut: leftOut(p)}
	v.Table = &table{Caption: "Every figure", Head: []string{"figure", "old", "new", "difference", "interval", "new worse in", "verdict"}}
	for i := range p.Figures {
		cells := figureCells(&p.Figures[i])
		cells[0] = wordsOf(cells[0])
		v.Table.Rows = append(v.Table.Rows, cells)
	}
	var err error
	v.Chart, err = forest(p)
	v.Chart.Note = strings.TrimSpace(v.Chart.Note + " " + forestNote(p))
	return v, err
}

// compareHeadline counts the verdicts in one sentence.
func compareHeadline(c *compare.Comparison) string {
	count := map[string]int{}
	for i := range c.Pairs {
		count[c.Pairs[i].Verdict]++
	}
	if len(c.Pairs) == 1 {
		return fmt.Sprintf("%s: %s.", c.Pairs[0].Title(), c.Pairs[0].Verdict)
	}
	var parts []string
	for _, v := range []struct{ verdict, words string }{{compare.Worse, "worse"}, {compare.Better, "better"}, {compare.None, "without a difference shown"}, {compare.TooFew, "with too few runs to tell"}} {
		if n := count[v.verdict]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v.words))
		}
	}
	return fmt.Sprintf("Of %d strategies: %s.", len(c.Pairs), listed(parts))
}
