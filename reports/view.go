package reports

import (
	"fmt"
	"maps"
	"slices"

	"github.com/doorbuster/doorbuster/sim/result"
)

// comparisonView is a comparison with everything that its part of the page shows.
type comparisonView struct {
	*comparison
	ID         int
	Rule       string
	Tiles      []tile
	Limits     []limit
	Stock      []figure
	Outcomes   figure
	Channels   []figure
	Funnels    []figure
	Unchecked  []unchecked
	Tails      []figure
	Loads      figure
	Invariants *invariants
	Validities []validity
	Contention *table
	Intervals  *table // of the rates that a strategy is chosen by, over several seeds
	Views      []*runView

	MoreIntervals *table // of the other rates

	Around *shopView // nil where only engines are compared
}

// InOrder are the strategies in the order in which they ran.
func (v *comparisonView) InOrder() []*score { return v.inOrder() }

// Seeds lists the seeds that its runs had.
func (c *comparison) Seeds() string { return listed(c.seeds()) }

// OneSeed says whether all runs had the same seed.
func (c *comparison) OneSeed() bool { return len(c.seeds()) == 1 }

func (c *comparison) seeds() []string {
	var seeds []string
	for _, s := range c.Scores {
		for _, r := range s.Runs {
			if seed := fmt.Sprint(r.Seed); !slices.Contains(seeds, seed) {
				seeds = append(seeds, seed)
			}
		}
	}
	return seeds
}

// Wall is how the day was fitted into real time; nil if it was simulated.
func (v *comparisonView) Wall() *result.WallDay {
	if v.Mode != result.Wall {
		return nil
	}
	return &v.Scores[0].First().Wall
}

// Valid counts the runs that are valid and complete, of all.
func (v *comparisonView) Valid() string {
	valid := 0
	for _, r := range v.Views {
		if r.Valid && r.Complete {
			valid++
		}
	}
	return fmt.Sprintf("%d of %d", valid, len(v.Views))
}

// runView is one run in the engineers' part.
type runView struct {
	*result.Run
	ID            string
	Name          string
	SeedIfSeveral string
	Figures       []figure
	Undrawn       bool // it is one of too many
}

// Where there are more than mostDrawn runs, each strategy's first drawnEach have charts of their own: a page of hundreds of charts is read by nobody.
const (
	mostDrawn = 40
	drawnEach = 4
)

// DrawnEach is for the page.
func (v *runView) DrawnEach() int { return drawnEach }

func (c *comparison) runs() (n int) {
	for _, s := range c.Scores {
		n += len(s.Runs)
	}
	return n
}

// draw makes the charts of the run alone.
func (v *runView) draw(f *result.File) error {
	if v.Undrawn {
		return nil
	}
	for _, draw := range []func(*result.File, *result.Run) (figure, error){latencyOverDay, ratesOverDay, queuesOverDay} {
		drawn, err := draw(f, v.Run)
		if err != nil {
			return err
		}
		v.Figures = append(v.Figures, drawn)
	}
	return nil
}

// Replay is the command that all its checks name, or "" if they name several.
func (v *runView) Replay() string {
	for _, c := range v.Checks {
		if c.Replay != v.Checks[0].Replay {
			return ""
		}
	}
	if len(v.Checks) == 0 {
		return ""
	}
	return v.Checks[0].Replay
}

// Clock writes a time of the run, in ms, as the time of the scenario's day that it stands for.
func (v *runView) Clock(ms int64) string { return exactClock(int64(float64(ms) * pace(v.Run))) }

// Reasons is why the run proves nothing.
func (v *runView) Reasons() []string { return invalidity(v.Run) }

// unchecked is a check that was not made, or that could not tell.
type unchecked struct {
	Name, Verdict, Why string
	Engines            []string
}

func viewOf(c *comparison, id int) (*comparisonView, error) {
	v := &comparisonView{comparison: c, ID: id, Rule: c.RuleInWords(), Tiles: tiles(c), Limits: limits(c), Contention: contention(c), Unchecked: uncheckedIn(c)}
	v.Intervals = intervals(c, "Rates with 95 % intervals", mainRates...)
	v.MoreIntervals = intervals(c, "More rates with 95 % intervals", "conversion", "sell_through")
	if err := v.figures(); err != nil {
		return nil, err
	}
	if c.Broad() {
		around, err := shopViewOf(c)
		if err != nil {
			return nil, err
		}
		v.Around = around
	}
	for _, s := range c.Scores {
		for i, r := range s.Runs {
			run := &runView{Run: r, ID: fmt.Sprintf("run-%d-%d", id, len(v.Views)+1), Name: s.Short, Undrawn: c.runs() > mostDrawn && i >= drawnEach}
			if !c.OneSeed() {
				run.SeedIfSeveral = fmt.Sprintf("seed %d", r.Seed)
			}
			if err := run.draw(c.File); err != nil {
				return nil, err
			}
			v.Views = append(v.Views, run)
		}
	}
	v.Invariants, v.Validities = invariantsOf(c, v.Views), validities(v.Views)
	return v, nil
}

func (v *comparisonView) figures() (err error) {
	c := v.comparison
	add := func(list *[]figure, f figure, e error) {
		*list = append(*list, f)
		if err == nil {
			err = e
		}
	}
	var top int64
	for _, s := range c.shown() {
		top = max(top, stockDayOf(s.First()).top)
	}
	for _, s := range c.shown() {
		f, e := promisedAgainstStock(c.File, s.First(), top)
		add(&v.Stock, f, e)
	}
	f, e := closeUp(c)
	add(&v.Stock, f, e)
	f, e = oversoldOverDay(c)
	add(&v.Stock, f, e)
	for _, s := range c.shown() {
		f, e := ordersByChannel(s)
		add(&v.Channels, f, e)
		f, e = funnel(s)
		add(&v.Funnels, f, e)
	}
	var tails []figure
	f, e = latencyDistribution(c, "Latency of operations served", func(r *result.Run) string { return r.Histograms.IntendedServed })
	add(&tails, f, e)
	f, e = latencyDistribution(c, "Latency of operations refused", func(r *result.Run) string { return r.Histograms.IntendedRefused })
	add(&tails, f, e)
	v.Tails = tails
	if err != nil {
		return err
	}
	if v.Loads, err = latencyAgainstLoad(c); err != nil {
		return err
	}
	v.Outcomes, err = ordersByOutcome(c)
	return err
}

// shown are the strategies that the first screen draws: the control or the first variant, and the recommended one, or the first there is.
func (c *comparison) shown() []*score {
	var all []*score
	if c.Beside != nil {
		all = append(all, c.Beside)
	}
	if c.Best != nil && c.Best != c.Beside {
		all = append(all, c.Best)
	}
	if all == nil {
		all = c.Scores[:1]
	}
	return all
}

// contention has a row for each run and a column for each counter that any run moved; nil if none did.
func contention(c *comparison) *table {
	names := map[string]bool{}
	for _, s := range c.Scores {
		for name, n := range s.First().Contention {
			if n != 0 {
				names[name] = true
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	sorted := slices.Sorted(maps.Keys(names))
	t := &table{Caption: "What contention made happen", Head: []string{"strategy"}}
	for _, name := range sorted {
		t.Head = append(t.Head, wordsOf(name))
	}
	for _, s := range c.Scores {
		row := []string{s.Short}
		for _, name := range sorted {
			row = append(row, count(s.First().Contention[name]))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// mainRates are those that a strategy is chosen by.
var mainRates = []string{"oversell", "cancellation", "false_refusal", "fill_rate"}

// intervals has a row for each strategy and a column for each of the rates over several seeds; nil if there was one seed.
func intervals(c *comparison, caption string, rates ...string) *table {
	t := &table{Caption: caption, Head: []string{"strategy", "seeds"}}
	for _, name := range rates {
		t.Head = append(t.Head, rateInWords(name))
	}
	for _, s := range c.Scores {
		sum := c.summary(s)
		if sum == nil || len(s.Runs) < 2 {
			continue
		}
		row := []string{s.Short, count(int64(sum.Runs))}
		for _, name := range rates {
			cell := "–"
			if rate, ok := rateOf(sum, name); ok {
				cell = interval(rate)
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	if t.Rows == nil {
		return nil
	}
	return t
}

// uncheckedIn gathers what was not checked or left unknown, by check and reason.
func uncheckedIn(c *comparison) []unchecked {
	var all []unchecked
	for _, s := range c.Scores {
		for _, check := range s.First().Checks {
			if check.Verdict == result.Pass || check.Verdict == result.Fail {
				continue
			}
			i := slices.IndexFunc(all, func(u unchecked) bool {
				return u.Name == check.Name && u.Verdict == check.Verdict && u.Why == check.Detail
			})
			if i < 0 {
				i = len(all)
				all = append(all, unchecked{Name: check.Name, Verdict: check.Verdict, Why: check.Detail})
			}
			all[i].Engines = append(all[i].Engines, s.Short)
		}
	}
	return all
}

// Names lists the engines.
func (u unchecked) Names() string { return listed(u.Engines) }
