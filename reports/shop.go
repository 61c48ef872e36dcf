package reports

import (
	"math"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// Differences smaller than sameLetDown don't decide a ranking. Whoever turns away more than tooManyRefused although stock is there is
// ranked after those who don't, however few customers it lets down.
const (
	sameLetDown    = 0.001 // of orders asked
	tooManyRefused = 0.05  // of orders asked
)

// shopScore is what a shop with channels of its own adds to a score: means over seeds, unless it says otherwise.
type shopScore struct {
	Modelled       bool  // channels promise by themselves in one run at least
	ByEngine       int64 // units that the engine itself oversold, at most, in the worst seed
	ByCause        result.ByCause
	OversoldOrders int64
	LetDown        int64   // orders cancelled by the seller or that waited in vain
	OversoldShare  float64 // oversold orders ÷ orders asked
	LetDownShare   float64 // let down ÷ orders asked
	Cancellation   float64
	Promised       int64   // orders
	Pending        int64   // orders
	UpdateP99      float64 // ms, the worst seed; 0: no movement had to be displayed elsewhere
	Money          result.Money
	Orders         int64 // that a shop of the size that the money is for promises in the time of the scenario
}

func shopOf(runs []*result.Run) shopScore {
	s, n := shopScore{}, float64(len(runs))
	var cause [3]float64
	var oversold, down, promised, pending, orders float64
	for _, r := range runs {
		o, u := &r.Orders, &r.Units.Oversold
		letDown := o.Cancelled.SellerOversold + o.Cancelled.PendingExpired
		s.Modelled = s.Modelled || r.Shop.Modelled
		s.ByEngine = max(s.ByEngine, u.Max-u.ByCause.Display-u.ByCause.Loss)
		s.UpdateP99 = max(s.UpdateP99, r.UpdateLatencyMS.P99)
		s.OversoldShare += share(o.Oversold, o.Asked) / n
		s.LetDownShare += share(letDown, o.Asked) / n
		s.Cancellation += r.Rates.Cancellation / n
		for i, units := range []int64{u.ByCause.Engine, u.ByCause.Display, u.ByCause.Loss} {
			cause[i] += float64(units) / n
		}
		oversold, down = oversold+float64(o.Oversold)/n, down+float64(letDown)/n
		promised, pending = promised+float64(o.Promised)/n, pending+float64(o.Pending)/n
		orders += float64(o.Promised) * r.Shop.Money.Scale / n
		addMoney(&s.Money, r.Shop.Money, n)
	}
	s.ByCause = result.ByCause{Engine: whole(cause[0]), Display: whole(cause[1]), Loss: whole(cause[2])}
	s.OversoldOrders, s.LetDown, s.Promised, s.Pending, s.Orders = whole(oversold), whole(down), whole(promised), whole(pending), whole(orders)
	return s
}

func whole(x float64) int64 { return int64(math.Round(x)) }

// addMoney adds the n-th part of a run's money.
func addMoney(sum *result.Money, m result.Money, n float64) {
	sum.Currency = m.Currency
	for _, add := range []struct {
		to *float64
		x  float64
	}{{&sum.Scale, m.Scale}, {&sum.Cancelled, m.Cancelled}, {&sum.Refunds, m.Refunds}, {&sum.Expedite, m.Expedite}, {&sum.Penalties, m.Penalties},
		{&sum.Repurchase, m.Repurchase}, {&sum.RefusedMargin, m.RefusedMargin}, {&sum.Stranded, m.Stranded}, {&sum.Total, m.Total}} {
		*add.to += add.x / n
	}
}

// Costed says whether the scenario states costs.
func (s shopScore) Costed() bool { return s.Money.Currency != "" && s.Modelled }

// RefusesTooMany says whether it doesn't oversell because it doesn't sell.
func (s *score) RefusesTooMany() bool { return s.FalseShare > tooManyRefused }

// Varies says whether variants are compared.
func (c *comparison) Varies() bool {
	return slices.ContainsFunc(c.Scores, func(s *score) bool { return s.Variant != c.Scores[0].Variant })
}

// Shop says whether channels promise by themselves in any run.
func (c *comparison) Shop() bool {
	return slices.ContainsFunc(c.Scores, func(s *score) bool { return s.Shop.Modelled })
}

// Broad says whether there is more to judge than engines: variants, or a shop around them.
func (c *comparison) Broad() bool { return c.Varies() || c.Shop() }

// Costed says whether the scenario states costs.
func (c *comparison) Costed() bool {
	return slices.ContainsFunc(c.Scores, func(s *score) bool { return s.Shop.Costed() })
}

// name gives each score the shortest name that tells it apart.
func (c *comparison) name() {
	shared := c.sharedBackend()
	oneEngine := !slices.ContainsFunc(c.Scores, func(s *score) bool { return s.Engine != c.Scores[0].Engine })
	for _, s := range c.Scores {
		s.Short = strings.TrimPrefix(s.Engine, shared)
		switch {
		case s.Variant != "" && oneEngine:
			s.Short = s.Variant
		case s.Variant != "":
			s.Short = s.Variant + " on " + s.Short
		}
	}
}

// markIdealised finds the variants that let marketplaces ask the engine, in a comparison where others don't.
func (c *comparison) markIdealised() {
	if !c.Varies() || !c.Shop() {
		return
	}
	for _, s := range c.Scores {
		s.Idealised = !s.Shop.Modelled && slices.ContainsFunc(s.First().Channels, func(ch result.Channel) bool { return ch.Kind == "marketplace" })
	}
}

// preference is what a comparison is ranked by. Where only engines differ they are all that can let a customer down, and those that did
// are not ranked at all.
func (c *comparison) preference() []measure {
	if !c.Broad() {
		return served
	}
	return append([]measure{
		{func(s *score) float64 {
			if s.RefusesTooMany() {
				return 1
			}
			return 0
		}, 0},
		{func(s *score) float64 { return s.Shop.LetDownShare }, sameLetDown},
		{func(s *score) float64 { return s.Shop.OversoldShare }, sameLetDown},
	}, served...)
}
