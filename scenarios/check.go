package scenarios

import "time"

// shareSlack is how far shares may be from summing to 1, for decimals that binary can't hold.
const shareSlack = 1e-6

// check looks at values together, once each is right by itself.
func (p *decoder) check() {
	s := p.s
	sum := 0.0
	for _, c := range s.Channels {
		sum += c.Share
	}
	if sum < 1-shareSlack || sum > 1+shareSlack {
		p.fail(p.root.at("channels"), "shares sum to %.6g: expected 1", sum)
	}
	if s.Pressure && s.Control == "" {
		p.fail(p.root, "control: missing: under pressure a strategy must be named that oversells, as naive, or pressure be false")
	}
	if n := s.Demand.Hot.SKUs; n > s.SKUs {
		p.fail(p.root.at("demand", "hot", "skus"), "%d, more than the scenario's %d SKUs", n, s.SKUs)
	}
	p.checkTimes()
}

func (p *decoder) checkTimes() {
	s, spike := p.s, p.s.Demand.Spike
	within := func(d time.Duration, what string, path ...string) {
		if d > s.Day {
			p.fail(p.root.at(path...), "%s %s: expected it within the day of %s", what, d, s.Day)
		}
	}
	within(spike.At+spike.Ramp+spike.Hold, "the spike's peak ends after", "demand", "spike", "at")
	within(s.Holds.For, "a hold lasts", "holds", "for")
	within(s.Shopper.CancelAfter, "a buyer cancels after", "shopper", "cancel_after")
	for i, r := range s.Stock.Receipts {
		if r.At > s.Day {
			n := p.root.at("stock", "receipts").items[i]
			p.fail(n.at("at"), "a receipt at %s: expected it within the day of %s", r.At, s.Day)
		}
	}
}
