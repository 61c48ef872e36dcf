package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// shareSlack is how far shares may be from summing to 1, for decimals that binary can't hold.
const shareSlack = 1e-6

// check looks at values together, once each is right by itself.
func (p *decoder) check() {
	s := p.s
	p.checkShares()
	if s.Pressure && s.Control == "" {
		p.failTogether(p.root, []*node{p.root.at("pressure")}, "control: missing: under pressure a strategy must be named that oversells, as naive, or pressure be false")
	}
	if n, hot := s.Demand.Hot.SKUs, p.root.at("demand", "hot", "skus"); n > s.SKUs {
		p.failTogether(hot, []*node{hot, p.root.at("skus")}, "%d, more than the scenario's %d SKUs", n, s.SKUs)
	}
	p.checkTimes()
	p.checkPublished()
	if p.ordersADay > 0 {
		p.countArrivals()
	}
}

func (p *decoder) checkShares() {
	shares, allocations, channels := 0.0, 0.0, p.root.at("channels")
	for _, c := range p.s.Channels {
		shares += c.Share
		allocations += c.Allocation
	}
	if shares < 1-shareSlack || shares > 1+shareSlack {
		p.failTogether(channels, []*node{channels}, "shares sum to %.6g: expected 1", shares)
	}
	if allocations > 1+shareSlack {
		p.failTogether(channels, []*node{channels}, "allocations sum to %.6g: expected at most 1, the stock that there is", allocations)
	}
}

// checkPublished looks for the variants that the figures are of.
func (p *decoder) checkPublished() {
	var names []string
	for _, v := range p.s.Variants {
		names = append(names, v.Name)
	}
	for i, f := range p.s.Published {
		at := p.root.at("published").items[i]
		switch {
		case f.Variant == "" && len(names) > 0:
			p.missing(at, "variant", "expected one of "+strings.Join(names, ", "))
		case f.Variant != "" && !slices.Contains(names, f.Variant):
			p.fail(at.at("variant"), "%q is not known: %s", f.Variant, suggest(f.Variant, names))
		}
	}
}

// countArrivals turns orders a day into the arrivals that they are made by: most carts of own stores come to nothing.
func (p *decoder) countArrivals() {
	d, sh, buy := &p.s.Demand, p.s.Shopper, 0.0
	pays := (1 - sh.PaymentFailure) / (1 - sh.PaymentFailure*sh.PaymentRetry) // in the end, however often it is tried
	for _, c := range p.s.Channels {
		if c.Kind == Own {
			c.Share *= (1 - sh.LeaveAtCart) * (1 - sh.LeaveAtCheckout) * pays
		}
		buy += c.Share
	}
	orders := p.root.at("demand", "orders_per_day")
	if d.ArrivalsPerDay = p.ordersADay / buy; !(d.ArrivalsPerDay <= maxArrivals) { // false for NaN
		p.failTogether(orders, []*node{orders, p.root.at("shopper"), p.root.at("channels")},
			"%g orders are %.3g arrivals, of which %.3g come to an order: expected at most %g arrivals", p.ordersADay, d.ArrivalsPerDay, buy, maxArrivals)
	}
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
	for i, t := range s.Sync.Allocated.At {
		within(t, "shares are divided at", p.root.at("sync", "allocated", "at").items[i])
	}
}

// failTogether reports values that don't go together. The place is that of one of them, so that the settings which brought
// others along are named too: the file alone may be right.
func (r *reader) failTogether(at *node, together []*node, format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	var settings []string
	for _, n := range together {
		settings = n.settings(settings)
	}
	if len(settings) > 0 && !(len(settings) == 1 && settings[0] == at.setting) {
		msg += " (with " + strings.Join(settings, " and ") + ")"
	}
	r.fail(at, "%s", msg)
}
