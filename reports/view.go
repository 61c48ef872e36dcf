package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
	Unchecked  []unchecked
	Tails      []figure
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

// tile is one figure of the first screen.
type tile struct {
	Name, Value, Against, Note, Kind, Tone string
}

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
		for _, r := range s.Runs {
			run := &runView{Run: r, ID: fmt.Sprintf("run-%d-%d", id, len(v.Views)+1), Name: s.Short}
			if !c.OneSeed() {
				run.SeedIfSeveral = fmt.Sprintf("seed %d", r.Seed)
			}
			for _, draw := range []func(*result.File, *result.Run) (figure, error){latencyOverDay, ratesOverDay, queuesOverDay} {
				f, err := draw(c.File, r)
				if err != nil {
					return nil, err
				}
				run.Figures = append(run.Figures, f)
			}
			v.Views = append(v.Views, run)
		}
	}
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

func tiles(c *comparison) []tile {
	if c.Shop() {
		return shopTiles(c)
	}
	subject := c.shown()[len(c.shown())-1]
	kind, against := subject.Simulated(), c.Beside
	if against == subject {
		against = nil
	}
	versus := func(value func(*score) string) string {
		if against == nil {
			return ""
		}
		return against.Short + ": " + value(against)
	}
	name, tone := subject.Short, ""
	switch {
	case subject.Oversold.Max > 0:
		tone = "poor"
	case subject.Eligible():
		tone = "good"
	}
	if !subject.Proven() {
		name += ", " + subject.Word()
	}
	with := func(rate string) string {
		if sum := c.summary(subject); sum != nil && len(subject.Runs) > 1 {
			if r, ok := rateOf(sum, rate); ok {
				return fmt.Sprintf("%s, over %d seeds %s (95"+nbsp+"%%)", name, sum.Runs, interval(r))
			}
		}
		return name
	}
	units := shown(func(s *score) string { return oversold(s.Oversold) })
	cancelled := shown(func(s *score) string { return percent(s.Cancellation) })
	filled := shown(func(s *score) string { return percent(s.FillRate) })
	slow := shown(func(s *score) string { return duration(s.P99) })
	return []tile{
		{Name: "Units sold that did not exist", Value: units(subject), Against: versus(units), Note: with("oversell"), Kind: kind, Tone: tone},
		{Name: "Orders the seller must cancel", Value: cancelled(subject), Against: versus(cancelled), Note: with("cancellation"), Kind: kind, Tone: tone},
		{Name: "Units asked for that were filled", Value: filled(subject), Against: versus(filled), Note: with("fill_rate"), Kind: kind},
		{Name: "99 % answered within", Value: slow(subject), Against: versus(slow), Note: name + ", operations served", Kind: kind},
	}
}

// shown has a dash for the value of a strategy that did not run.
func shown(value func(*score) string) func(*score) string {
	return func(s *score) string {
		if s.Blank() {
			return "–"
		}
		return value(s)
	}
}

// limit is what a marketplace allows of cancellations by the seller, and who keeps to it.
type limit struct {
	Marketplace, Allows string
	share               float64
	strictly            bool // the limit itself is already too much
	Rows                []limitRow
}

type limitRow struct {
	Engine, Rate string
	Within       bool
}

// The marketplaces' published limits on cancellations by the seller.
var marketplaceLimits = []limit{
	{Marketplace: "Amazon", Allows: "below 2.5 %", share: 0.025, strictly: true},
	{Marketplace: "Walmart", Allows: "at most 2 %", share: 0.02},
	{Marketplace: "eBay, minimum standard", Allows: "at most 2 %", share: 0.02},
	{Marketplace: "eBay, Top Rated", Allows: "at most 0.5 %", share: 0.005},
}

// limits hold the strategies shown against the marketplaces; those whose runs prove nothing are left out, all of them gives nil.
func limits(c *comparison) []limit {
	judged := slices.DeleteFunc(slices.Clone(c.shown()), func(s *score) bool { return !s.Proven() })
	if len(judged) == 0 {
		return nil
	}
	all := slices.Clone(marketplaceLimits)
	for i := range all {
		for _, s := range judged {
			rate := s.rateAt(all[i].Marketplace)
			within := rate < all[i].share || rate == all[i].share && !all[i].strictly
			all[i].Rows = append(all[i].Rows, limitRow{s.Short, percent(rate), within})
		}
	}
	return all
}

// rateAt is the cancellation rate that a marketplace sees: of its own channel in the worst seed, if the shop has one by its name, else of
// all orders.
func (s *score) rateAt(marketplace string) float64 {
	rate, found := 0.0, false
	name, _, _ := strings.Cut(strings.ToLower(marketplace), ",")
	for _, r := range s.Runs {
		for _, ch := range r.Channels {
			if r.Shop.Modelled && strings.ToLower(ch.Name) == name {
				rate, found = max(rate, ch.CancellationRate), true
			}
		}
	}
	if !found {
		return s.Cancellation
	}
	return rate
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
