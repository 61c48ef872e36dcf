package reports

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// outcome is a figure by which points of a sweep are held against each other; less of it is better.
type outcome struct {
	Name  string // as in "orders refused although stock was there"
	of    func(*result.Run) float64
	write func(float64) string
	bare  func(float64) string // the same without a unit
	unit  string               // of write's figures, for an axis
	by    float64              // factor from the outcome to the axis
	share bool                 // of the orders asked for
}

var (
	lostSales = outcome{Name: "refused although stock was there", write: percent, bare: inPercents, unit: "% of orders asked for", by: 100, share: true,
		of: func(r *result.Run) float64 { return share(r.Orders.RefusedFalsely, r.Orders.Asked) }}
	brokenPromises = outcome{Name: "promised and then cancelled", write: percent, bare: inPercents, unit: "% of orders asked for", by: 100, share: true,
		of: func(r *result.Run) float64 {
			return share(r.Orders.Cancelled.SellerOversold+r.Orders.Cancelled.PendingExpired, r.Orders.Asked)
		}}
	wentWrong = outcome{Name: "refused although stock was there, or promised and then cancelled", write: percent, bare: inPercents, unit: "% of orders asked for", by: 100, share: true,
		of: func(r *result.Run) float64 { return lostSales.of(r) + brokenPromises.of(r) }}
)

// inMoney is what the disappointments of a run cost.
func inMoney(currency string) outcome {
	return outcome{Name: "cost", unit: currency, by: 1, of: func(r *result.Run) float64 { return r.Shop.Money.Total },
		write: func(x float64) string { return money(result.Money{Currency: currency}, x) },
		bare:  func(x float64) string { return count(whole(x)) }}
}

// inPercents is percent without its sign.
func inPercents(share float64) string { return strings.TrimSuffix(percent(share), nbsp+"%") }

// sweepResult is one file of a sweep, judged.
type sweepResult struct {
	File     *result.File
	Points   []*sweepPoint // those that prove something: the ones that may be recommended, best first, then the others
	LeftOut  []*sweepPoint // those that prove nothing, which are shown and not ranked
	Frontier []*sweepPoint // those that no other one beats, from the fewest refusals to the fewest cancellations
	Best     *sweepPoint   // nil: none can be recommended
	Aim      outcome
	Keys     []sweepKey // those that vary
	Fixed    result.Settings
	Seeds    int
}

// sweepPoint is one point on one engine and variant: all its seeds together.
type sweepPoint struct {
	Settings  result.Settings
	Engine    string
	Variant   string
	Runs      []*result.Run
	Lost      paired
	Cancelled paired
	Aim       paired
	Unfit     string   // why it may not be recommended; empty: it may
	words     []string // its value of each of the sweep's keys
}

// sweepOf judges the runs of a sweep.
func sweepOf(f *result.File) *sweepResult {
	s := &sweepResult{File: f, Aim: wentWrong}
	all := pointsOf(f)
	s.keys(all)
	if currency := costedIn(all); currency != "" {
		s.Aim = inMoney(currency)
	}
	modelled := slices.ContainsFunc(all, (*sweepPoint).modelled)
	for _, p := range all {
		s.Seeds = max(s.Seeds, len(p.Runs))
		if !p.proven() {
			s.LeftOut = append(s.LeftOut, p)
			continue
		}
		p.Lost, p.Cancelled, p.Aim = p.mean(lostSales), p.mean(brokenPromises), p.mean(s.Aim)
		p.Unfit = p.unfit(modelled)
		s.Points = append(s.Points, p)
	}
	slices.SortStableFunc(s.Points, func(a, b *sweepPoint) int {
		return cmp.Or(cmp.Compare(boolOrder(a.Unfit != ""), boolOrder(b.Unfit != "")), cmp.Compare(a.Aim.mean, b.Aim.mean), cmp.Compare(a.Cancelled.mean, b.Cancelled.mean))
	})
	if len(s.Points) > 0 && s.Points[0].Unfit == "" {
		s.Best = s.Points[0]
	}
	s.Frontier = frontier(s.eligible())
	return s
}

func boolOrder(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (s *sweepResult) eligible() []*sweepPoint {
	n := slices.IndexFunc(s.Points, func(p *sweepPoint) bool { return p.Unfit != "" })
	if n < 0 {
		n = len(s.Points)
	}
	return s.Points[:n]
}

// pointsOf gathers the runs of each point, those made only as control left out, in the order of the file.
func pointsOf(f *result.File) []*sweepPoint {
	var all []*sweepPoint
	byKey := map[[3]string]*sweepPoint{}
	for i := range f.Runs {
		r := &f.Runs[i]
		if r.IsControl {
			continue
		}
		key := [3]string{r.Settings.String(), r.Engine, r.Variant}
		p := byKey[key]
		if p == nil {
			p = &sweepPoint{Settings: r.Settings, Engine: r.Engine, Variant: r.Variant}
			byKey[key], all = p, append(all, p)
		}
		p.Runs = append(p.Runs, r)
	}
	for _, p := range all {
		slices.SortStableFunc(p.Runs, func(a, b *result.Run) int { return cmp.Compare(a.Seed, b.Seed) })
	}
	return all
}

// proven says whether all runs of the point may be judged.
func (p *sweepPoint) proven() bool { return p.whyNot() == "" }

// whyNot is why a point may not be judged.
func (p *sweepPoint) whyNot() string {
	for _, r := range p.Runs {
		switch {
		case !r.Complete:
			return "did not run to its end: " + r.Error
		case !r.Valid:
			return strings.Join(r.Invalid, " ")
		case r.Verdict == result.Unknown:
			return "its verdict is unknown"
		}
	}
	return ""
}

// unfit says why a point may not be recommended, which proves something; modelled, whether a shop stands around the engine at any point.
func (p *sweepPoint) unfit(modelled bool) string {
	for _, r := range p.Runs {
		switch {
		case r.Verdict != result.Pass:
			return "its engine broke its promise"
		case !r.PromisesNoOversell:
			return "its engine doesn't promise not to oversell"
		case r.Units.Oversold.ByCause.Engine > 0:
			return "its engine itself oversold"
		}
	}
	if modelled && !p.modelled() && p.marketplaces() {
		return "its marketplaces ask before they promise, which none does: it shows what the others can't pass"
	}
	return ""
}

func (p *sweepPoint) modelled() bool { return p.Runs[0].Shop.Modelled }

// marketplaces says whether it has any. Where no shop stands around the engine they ask it, which none does.
func (p *sweepPoint) marketplaces() bool {
	return slices.ContainsFunc(p.Runs[0].Channels, func(c result.Channel) bool { return c.Kind == "marketplace" })
}

// mean of an outcome over seeds. A share of orders that never came up may still do so: its interval ends at what so many orders in all can't rule
// out (Clopper and Pearson; orders of one day are not quite independent).
func (p *sweepPoint) mean(o outcome) paired {
	values, asked := make([]float64, len(p.Runs)), int64(0)
	for i, r := range p.Runs {
		values[i] = o.of(r)
		asked += r.Orders.Asked
	}
	m := meanOf(values)
	if o.share && asked > 0 && slices.Max(values) == 0 {
		m.high = 1 - math.Pow(0.025, 1/float64(asked))
	}
	return m
}

// costedIn is the currency that every point's cost is known in, or "".
func costedIn(all []*sweepPoint) string {
	currency := ""
	for _, p := range all {
		for _, r := range p.Runs {
			m := r.Shop.Money.Currency
			if r.Complete && (m == "" || currency != "" && m != currency) {
				return ""
			}
			currency = cmp.Or(currency, m)
		}
	}
	return currency
}

// frontier are the points that no other one beats: none has fewer of both, or fewer of one and as many of the other. They are
// in the order of refusals.
func frontier(points []*sweepPoint) []*sweepPoint {
	sorted := slices.Clone(points)
	slices.SortStableFunc(sorted, func(a, b *sweepPoint) int {
		return cmp.Or(cmp.Compare(a.Lost.mean, b.Lost.mean), cmp.Compare(a.Cancelled.mean, b.Cancelled.mean))
	})
	var front []*sweepPoint
	for _, p := range sorted {
		if n := len(front); n == 0 || p.Cancelled.mean < front[n-1].Cancelled.mean {
			front = append(front, p)
		}
	}
	return front
}
