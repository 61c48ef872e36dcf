package reports

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// Differences smaller than these don't decide a ranking: they are what timing alone moves.
const (
	sameRefusals = 0.001 // of orders asked
	sameFillRate = 0.001 // of units asked
)

// comparison is a set of runs that met the same demand in the same kind of time, and so can be ranked.
type comparison struct {
	Label   string // empty if it is the only one
	File    *result.File
	Mode    string
	Partial bool     // a file was cut short
	Scores  []*score // best first
	Best    *score   // recommended; nil if none can be
	Control *score   // nil if there is none
	Beside  *score   // shown beside the recommended one: the control, or in a shop what ran first; nil if there is neither
}

// score is one engine on one variant in a comparison: all its seeds together, the worst of them where it counts.
type score struct {
	Engine         string
	Variant        string
	Short          string // the variant, and the engine where they differ, without the backend where all share it
	Rank           int    // from 1; 0: not ranked
	Runs           []*result.Run
	Oversold       result.Oversold // the worst seed
	FalseShare     float64         // refused falsely ÷ orders asked, mean
	RefusedFalsely int64           // mean
	Stranded       int64           // mean
	FillRate       float64         // mean
	Cancellation   float64         // the worst seed
	ToCancel       int64           // orders that the seller must cancel, the worst seed
	P50, P99       float64         // ms from the intended start, the worst seed
	Verdict        string
	Promises       bool
	Valid          bool
	Complete       bool
	IsControl      bool // ran only as control
	Idealised      bool // its marketplaces ask the engine, which none does: it shows what the others can't pass
	Shop           shopScore
}

// blank says whether a run ended before there was anything to count: its zeros say nothing.
func blank(r *result.Run) bool { return !r.Complete && r.Orders.Asked == 0 }

// Blank says whether no run of it has anything to show.
func (s *score) Blank() bool {
	return !slices.ContainsFunc(s.Runs, func(r *result.Run) bool { return !blank(r) })
}

// Proven says whether its figures may be held against a limit: all its runs are valid and complete.
func (s *score) Proven() bool { return s.Valid && s.Complete }

// First is the run that charts show: the lowest seed.
func (s *score) First() *result.Run { return s.Runs[0] }

// Eligible says whether it may be recommended: the engine promised, kept it, and its runs prove it. What displays and losses oversold is not
// the engine's.
func (s *score) Eligible() bool {
	return s.Promises && s.Verdict == result.Pass && s.Valid && s.Complete && !s.IsControl && !s.Idealised && s.Shop.ByEngine == 0
}

// Name is its engine, and its variant if it has one.
func (s *score) Name() string { return nameOf(s.First()) }

func nameOf(r *result.Run) string {
	if r.Variant == "" {
		return r.Engine
	}
	return r.Variant + " on " + r.Engine
}

// Simulated is the word for its figures.
func (s *score) Simulated() string { return kindOfFigure(s.First().Mode) }

// comparisonsOf sorts the runs of all files into comparisons, in the order in which they are first met.
func comparisonsOf(files []*result.File) []*comparison {
	var all []*comparison
	byKey := map[string]*comparison{}
	for _, f := range files {
		if f.Sweep.Is() { // its points are ranked by themselves
			continue
		}
		for i := range f.Runs {
			r := &f.Runs[i]
			key := fmt.Sprint(f.Scenario, "\x00", f.Demand.ConfigHash, "\x00", f.Demand.Scale, "\x00", r.Mode)
			c := byKey[key]
			if c == nil {
				c = &comparison{File: f, Mode: r.Mode}
				byKey[key], all = c, append(all, c)
			}
			c.Partial = c.Partial || !f.Complete
			c.add(r)
		}
	}
	for _, c := range all {
		c.finish()
	}
	label(all)
	return all
}

func (c *comparison) add(r *result.Run) {
	i := slices.IndexFunc(c.Scores, func(s *score) bool { return s.Engine == r.Engine && s.Variant == r.Variant })
	if i < 0 {
		i = len(c.Scores)
		c.Scores = append(c.Scores, &score{Engine: r.Engine, Variant: r.Variant})
	}
	c.Scores[i].Runs = append(c.Scores[i].Runs, r)
}

func (c *comparison) finish() {
	c.name()
	for _, s := range c.Scores {
		s.sum()
		if path.Base(s.Engine) == c.File.Demand.Control && (c.Control == nil || s.Oversold.Min > c.Control.Oversold.Min) {
			c.Control = s
		}
	}
	c.Beside = c.Control
	if c.Beside == nil && c.Broad() {
		c.Beside = c.Scores[0]
	}
	c.markIdealised()
	c.Scores = rank(c.Scores, c.preference())
	if c.Scores[0].Eligible() && !c.Partial {
		c.Best = c.Scores[0]
	}
}

// sharedBackend is the backend of all engines with its slash, or "" if they differ.
func (c *comparison) sharedBackend() string {
	backend, _, _ := strings.Cut(c.Scores[0].Engine, "/")
	for _, s := range c.Scores {
		if !strings.HasPrefix(s.Engine, backend+"/") {
			return ""
		}
	}
	return backend + "/"
}

func (s *score) sum() {
	slices.SortStableFunc(s.Runs, func(a, b *result.Run) int { return cmp.Compare(a.Seed, b.Seed) })
	s.Promises, s.Valid, s.Complete, s.IsControl, s.Verdict = true, true, true, true, result.Pass
	n := float64(len(s.Runs))
	for _, r := range s.Runs {
		s.Promises = s.Promises && r.PromisesNoOversell
		s.Valid = s.Valid && r.Valid
		s.Complete = s.Complete && r.Complete
		s.IsControl = s.IsControl && r.IsControl
		s.Verdict = worse(s.Verdict, r.Verdict)
		s.Oversold.Min = max(s.Oversold.Min, r.Units.Oversold.Min)
		s.Oversold.Max = max(s.Oversold.Max, r.Units.Oversold.Max)
		s.Cancellation = max(s.Cancellation, r.Rates.Cancellation)
		s.ToCancel = max(s.ToCancel, r.Orders.Cancelled.SellerOversold+r.Orders.Cancelled.PendingExpired)
		s.P50 = max(s.P50, r.LatencyMS.Intended.P50)
		s.P99 = max(s.P99, r.LatencyMS.Intended.P99)
		s.FalseShare += share(r.Orders.RefusedFalsely, r.Orders.Asked) / n
		s.FillRate += r.Rates.FillRate / n
		s.RefusedFalsely += r.Orders.RefusedFalsely
		s.Stranded += r.Units.Stranded
	}
	s.RefusedFalsely /= int64(len(s.Runs))
	s.Stranded /= int64(len(s.Runs))
	s.Shop = shopOf(s.Runs)
}

func share(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

func worse(a, b string) string {
	order := []string{result.Pass, result.NotChecked, result.Unknown, result.Fail}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

// rank orders scores: first those that may be recommended, best first, then the rest by units oversold.
func rank(scores []*score, prefer []measure) []*score {
	var ranked, rest []*score
	for _, s := range scores {
		if s.Eligible() {
			ranked = append(ranked, s)
		} else {
			rest = append(rest, s)
		}
	}
	for i := range ranked {
		j := i + best(ranked[i:], prefer)
		ranked[i], ranked[j] = ranked[j], ranked[i]
		ranked[i].Rank = i + 1
	}
	slices.SortStableFunc(rest, func(a, b *score) int {
		return cmp.Or(cmp.Compare(a.Oversold.Min, b.Oversold.Min), cmp.Compare(a.Engine, b.Engine), cmp.Compare(a.Variant, b.Variant))
	})
	return append(ranked, rest...)
}

// measure is something to have little of; differences up to slack don't count.
type measure struct {
	of    func(*score) float64
	slack float64
}

// served is how well strategies serve buyers. Not overselling by turning buyers away is no merit, so false refusals come first and
// the fill rate second.
var served = []measure{
	{func(s *score) float64 { return s.FalseShare }, sameRefusals},
	{func(s *score) float64 { return -s.FillRate }, sameFillRate},
}

// best is the index of the score to prefer: those as good as the best in one measure go on to the next. Latency decides among those
// that serve buyers equally well.
func best(scores []*score, prefer []measure) int {
	left := slices.Clone(scores)
	for _, m := range prefer {
		left = within(left, same(scores, m.slack), m.of)
	}
	winner := slices.MinFunc(left, func(a, b *score) int {
		return cmp.Or(cmp.Compare(a.P99, b.P99), cmp.Compare(a.P50, b.P50), cmp.Compare(a.Engine, b.Engine), cmp.Compare(a.Variant, b.Variant))
	})
	return slices.Index(scores, winner)
}

// same is the difference of two shares below which they count as equal: at least the given one. Simulated runs meet the same demand at the
// same moments; of measured ones, two that are equally good differ by chance, in 19 cases of 20 by less
// than 1.4/√n of n orders (1.96 standard errors of the difference of two proportions, where they are widest).
func same(scores []*score, least float64) float64 {
	slack := least
	for _, s := range scores {
		for _, r := range s.Runs {
			if r.Mode == result.Wall && r.Orders.Asked > 0 {
				slack = max(slack, 1.4/math.Sqrt(float64(r.Orders.Asked)))
			}
		}
	}
	return slack
}

// within keeps the scores whose measure is at most slack above the lowest.
func within(scores []*score, slack float64, measure func(*score) float64) []*score {
	lowest := measure(scores[0])
	for _, s := range scores {
		lowest = min(lowest, measure(s))
	}
	return slices.DeleteFunc(scores, func(s *score) bool { return measure(s) > lowest+slack })
}

// label names comparisons by what tells them apart.
func label(all []*comparison) {
	if len(all) < 2 {
		return
	}
	taken := map[string]int{}
	for _, c := range all {
		c.Label = c.File.Scenario + ", " + kindOfFigure(c.Mode)
		taken[c.Label]++
	}
	for _, c := range all {
		if taken[c.Label] > 1 {
			c.Label += fmt.Sprintf(", scale %s, demand %.8s", trimmed(c.File.Demand.Scale, 4), c.File.Demand.ConfigHash)
		}
	}
}
