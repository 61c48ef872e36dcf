// Package workload is demand: who comes when, for what, and what they then do. It is either drawn from a scenario's figures or
// replayed from a real order log.
//
// Every shopper's decisions come from a random stream of their own, of (seed, shopper, purpose). They don't shift with anything that
// happens in a run, so that every strategy meets the same day, and differences between strategies are paired.
package workload

import (
	"math"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// Demand is everything that one day asks of the shop. It is read-only; several runs may share it.
type Demand struct {
	Names   func(engines.SKU) string
	Opening []int64   // units, by SKU
	Daily   []float64 // units that buyers are expected to want in 24 hours, by SKU; empty for a replayed log
	Hot     []bool    // doorbusters, by SKU
	Length  time.Duration

	HotShare         float64 // of demanded lines over the day, expected
	HotShareAtScale1 float64
	Scale            float64

	scenario *scenarios.Scenario
	mix      *mixture
	rate     *rate
	log      *Log
	amplify  int
}

// Arrivals yields shoppers in the order of time.
type Arrivals interface {
	// Next lends the next one until it is called again; nil: there is none.
	Next() *Plan
}

// Plan is one shopper's visit, or one marketplace order: when they come and everything they will do if the shop lets them.
type Plan struct {
	Shopper uint64 // numbered from 1 in the order of arrival
	At      time.Duration
	Channel engines.Channel
	Own     bool           // the channel is an own store: the shopper has a cart
	Asks    bool           // the engine is asked for units, under the scenario's hold policy
	Lines   []engines.Line // in SKU order; one SKU may stand in two of them; of those who ask for units only
	Resend  bool           // their client sends what it asked once more

	// Own stores only. The times are from the step before.
	LeavesAtCart     bool
	CartAfter        time.Duration
	CheckoutAfter    time.Duration
	LeavesAtCheckout bool
	SaysSo           bool // gives the hold back instead of just going
	PayAfter         time.Duration
	FailedPayments   int // before the one that succeeds, or before they give up
	Pays             bool

	CancelAfter time.Duration // from the promise; 0: doesn't cancel
	SecondTab   bool          // begins a second checkout of the same cart, and leaves it
}

// Buys says whether the shopper pays in the end, if the shop lets them.
func (p *Plan) Buys() bool { return !p.Own || !p.LeavesAtCart && !p.LeavesAtCheckout && p.Pays }

// New draws the demand of a scenario with a share (0, 1] of its SKUs. Each SKU that is run keeps its whole demand.
func New(sc *scenarios.Scenario, scale float64) *Demand {
	skus := sample(sc, scale)
	d := &Demand{scenario: sc, Scale: scale, Length: sc.Day, rate: newRate(sc)}
	d.mix = newMixture(skus)
	d.Hot = make([]bool, len(skus))
	for i := range skus {
		d.Hot[i] = skus[i].hot
	}
	d.Names = func(s engines.SKU) string { return rankName(skus[s].rank) }
	d.HotShare = d.rate.hotShare(d.mix.hotWeight, d.mix.coldWeight)
	d.HotShareAtScale1 = d.rate.hotShare(d.rate.hot, 1-d.rate.hot)
	d.stock(skus)
	return d
}

// stock sets the opening stock from what the day's buyers are expected to want.
func (d *Demand) stock(skus []article) {
	sc := d.scenario
	hotLines, coldLines := d.rate.linesOfDay()
	units := mean(sc.Demand.LineUnits) * buyers(sc)
	d.Opening, d.Daily = make([]int64, len(skus)), make([]float64, len(skus))
	for i, s := range skus {
		lines, cover := coldLines, sc.Stock.Cover
		if s.hot {
			lines, cover = hotLines, sc.Stock.HotCover
		}
		wanted := lines * s.weight * mean(sc.Demand.BasketLines) * units
		d.Daily[i] = wanted / max(1, sc.Day.Hours()/24)
		d.Opening[i] = max(sc.Stock.Minimum, int64(math.Round(wanted*cover)))
	}
}

// buyers is the share of arrivals who pay in the end, if the shop lets them.
func buyers(sc *scenarios.Scenario) float64 {
	s, pays, all := sc.Shopper, payers(sc), 0.0
	for _, c := range sc.Channels {
		if c.Kind == scenarios.Own {
			all += c.Share * (1 - s.LeaveAtCart) * (1 - s.LeaveAtCheckout) * pays
		} else {
			all += c.Share
		}
	}
	return all
}

// payers is the share of those who try to pay who succeed in the end.
func payers(sc *scenarios.Scenario) (pays float64) {
	fail := sc.Shopper.PaymentFailure
	for n, reach := 0, 1.0; n <= maxPaymentRetries; n++ {
		pays += reach * (1 - fail)
		reach *= fail * sc.Shopper.PaymentRetry
	}
	return pays
}

// Planned is the number of arrivals to expect.
func (d *Demand) Planned() float64 {
	if d.log != nil {
		return float64(d.log.sales() * d.amplify)
	}
	hot, cold := d.rate.linesOfDay()
	return hot*d.mix.hotWeight + cold*d.mix.coldWeight
}

// Arrivals are the day's shoppers for one seed.
func (d *Demand) Arrivals(seed uint64) Arrivals {
	if d.log != nil {
		return newReplay(d, seed)
	}
	return newPoisson(d, seed)
}

// mean of a distribution over 1, 2, 3 … given by weights.
func mean(weights []float64) float64 {
	sum, total := 0.0, 0.0
	for i, w := range weights {
		sum += w
		total += w * float64(i+1)
	}
	return total / sum
}
