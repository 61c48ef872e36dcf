package workload

import (
	"time"
)

// poisson is the day drawn from a scenario: a Poisson process whose rate changes from second to second.
type poisson struct {
	d      *Demand
	who    *shoppers
	gaps   *stream
	second int
	at     float64 // seconds
	rate   float64 // of this second
	hot    chance  // that a line of this second is of a doorbuster
	n      uint64

	// Shoppers are drawn some at a time: the code and the tables that draw them push much of a day's own out of the processor's cache.
	plans        [16]Plan
	drawn, given int
}

func newPoisson(d *Demand, seed uint64) *poisson {
	p := &poisson{d: d, who: newShoppers(d.scenario, seed), gaps: newStream(seed, arrivalStream), second: -1}
	p.nextSecond()
	return p
}

func (p *poisson) nextSecond() bool {
	p.second++
	if p.second >= len(p.d.rate.site) {
		return false
	}
	hot, cold := p.d.rate.at(p.second, p.d.mix.hotWeight, p.d.mix.coldWeight)
	p.rate, p.hot = hot+cold, chanceOf(hot/(hot+cold))
	return true
}

// Next implements Arrivals.
func (p *poisson) Next() *Plan {
	if p.given == p.drawn {
		p.given, p.drawn = 0, 0
		for p.drawn < len(p.plans) && p.draw(&p.plans[p.drawn]) {
			p.drawn++
		}
		if p.drawn == 0 {
			return nil
		}
	}
	p.given++
	return &p.plans[p.given-1]
}

// draw moves along the process: a unit of exponential "work" is used up at the rate of each second that is crossed.
// It is false once the day is over.
func (p *poisson) draw(plan *Plan) bool {
	if p.second == len(p.d.rate.site) {
		return false
	}
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
	p.who.come(plan, p.n, time.Duration(p.at*1e9))
	plan.Asks = !plan.Own || p.who.behave(plan)
	if !plan.Asks {
		return true // nobody will look at the basket; a third of all arrivals end here
	}
	p.who.fill(plan, p.d.mix, p.hot)
	p.who.later(plan)
	return true
}
