package workload

import (
	"time"
)

// poisson is the day drawn from a scenario: a Poisson process whose rate changes from second to second.
type poisson struct {
	d        *Demand
	who      *shoppers
	gaps     *stream
	basket   *stream
	second   int
	at       float64 // seconds
	rate     float64 // of this second
	hotShare float64
	n        uint64
}

func newPoisson(d *Demand, seed uint64) *poisson {
	p := &poisson{d: d, who: newShoppers(d.scenario, seed), basket: newStream(), second: -1}
	p.gaps = newStream().set(seed, 0, arrivalStream)
	p.nextSecond()
	return p
}

func (p *poisson) nextSecond() bool {
	p.second++
	if p.second >= len(p.d.rate.site) {
		return false
	}
	hot, cold := p.d.rate.at(p.second, p.d.mix.hotWeight, p.d.mix.coldWeight)
	p.rate, p.hotShare = hot+cold, hot/(hot+cold)
	return true
}

// Next moves along the process: a unit of exponential "work" is used up at the rate of each second that is crossed.
func (p *poisson) Next(plan *Plan) bool {
	work := p.gaps.ExpFloat64()
	for {
		end := float64(p.second + 1)
		if need := work / p.rate; p.at+need < end {
			p.at += need
			break
		}
		work -= (end - p.at) * p.rate
		p.at = end
		if !p.nextSecond() {
			return false
		}
	}
	p.n++
	plan.Shopper, plan.At = p.n, time.Duration(p.at*1e9)
	r := p.basket.set(p.who.seed, p.n, basketStream)
	p.who.channel(r, plan)
	if plan.Own {
		p.who.behave(plan)
	}
	if !plan.Asks(p.d.scenario.Holds.Policy) {
		return true // nobody will look at the basket; a third of all arrivals end here
	}
	p.who.basket(r, plan, p.d.mix, p.hotShare)
	p.who.later(plan)
	return true
}
