package scenarios

import (
	"fmt"
	"strings"
	"time"
)

// shareSlack is how far shares may be from summing to 1, for decimals that binary can't hold.
const shareSlack = 1e-6

// check looks at values together, once each is right by itself.
func (p *decoder) check() {
	s := p.s
	sum := 0.0
	for _, c := range s.Channels {
		sum += c.Share
	}
	if channels := p.root.at("channels"); sum < 1-shareSlack || sum > 1+shareSlack {
		p.failTogether(channels, []*node{channels}, "shares sum to %.6g: expected 1", sum)
	}
	if s.Pressure && s.Control == "" {
		p.failTogether(p.root, []*node{p.root.at("pressure")}, "control: missing: under pressure a strategy must be named that oversells, as naive, or pressure be false")
	}
	if n, hot := s.Demand.Hot.SKUs, p.root.at("demand", "hot", "skus"); n > s.SKUs {
		p.failTogether(hot, []*node{hot, p.root.at("skus")}, "%d, more than the scenario's %d SKUs", n, s.SKUs)
	}
	p.checkTimes()
}

func (p *decoder) checkTimes() {
	s, spike := p.s, p.s.Demand.Spike
	within := func(d time.Duration, what string, at *node, also ...*node) {
		if d > s.Day {
			p.failTogether(at, append(also, at, p.root.at("day")), "%s %s: expected it within the day of %s", what, d, s.Day)
		}
	}
	n := p.root.at("demand", "spike")
	within(spike.At+spike.Ramp+spike.Hold, "the spike's peak ends after", n.at("at"), n.at("ramp"), n.at("hold"))
	within(s.Holds.For, "a hold lasts", p.root.at("holds", "for"))
	within(s.Shopper.CancelAfter, "a buyer cancels after", p.root.at("shopper", "cancel_after"))
	for i, r := range s.Stock.Receipts {
		within(r.At, "a receipt at", p.root.at("stock", "receipts").items[i].at("at"))
	}
}

// failTogether reports values that don't go together. The place is that of one of them, so that the settings which brought
// others along are named too: the file alone may be right.
func (p *decoder) failTogether(at *node, together []*node, format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	var settings []string
	for _, n := range together {
		settings = n.settings(settings)
	}
	if len(settings) > 0 && !(len(settings) == 1 && settings[0] == at.file) {
		msg += " (with " + strings.Join(settings, " and ") + ")"
	}
	p.fail(at, "%s", msg)
}
