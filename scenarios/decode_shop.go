package scenarios

import (
	"regexp"
	"time"
)

// Kinds of sync, as a channel names them.
var syncs = []string{Unified, Polling, Webhook, Stream, Allocated}

// Limits of what is taken as meant.
const (
	maxMessages = 1e9 // a second
	maxLead     = 365 * 24 * time.Hour
	maxSigmas   = 10
	maxMoney    = 1e9
	maxFigure   = 1e12
)

// preset fills a section with what it takes for the keys that it leaves out, once it is there.
func preset[T any](to *T, defaults T, of rule) rule {
	return rule{schema: of.schema, read: func(n *node) {
		*to = defaults
		of.read(n)
	}}
}

// sync reads figures of every kind, whether or not a channel is of it: a variant or --set may bring one.
func (p *decoder) sync(s *Sync) rule {
	every, webhook, stream, in := &s.Polling.Every, &s.Webhook, &s.Stream, &s.Imports
	return p.section(
		may("marketplaces", "The kind of all marketplaces that don't name one themselves.", p.oneOf(&p.marketplaces, syncs...)),
		may("push", "What we send them: the quantity, which replaces theirs, or the change.", p.oneOf(&s.Push, "absolute", "delta")),
		may("polling", "A job that sends every quantity at an interval.", p.section(
			need("every", "The interval between two sendings of every quantity.", p.duration(every, time.Second, maxDay)),
		)),
		may("webhook", "A message a movement, which may be late, lost or sent twice.", p.section(
			may("delay", "Mean time that a message takes.", p.duration(&webhook.Delay, 0, maxDay)),
			may("loss", "Share of messages that never arrive.", p.probability(&webhook.Loss)),
			may("duplicates", "Share that arrive twice, the second time late.", p.probability(&webhook.Duplicates)),
			may("disabled_after", "Losses in a row after which the receiver stops listening. 0: never.", whole(&p.reader, &webhook.DisabledAfter, 0, maxUnits)),
			may("enabled_after", "How long until somebody notices, and turns it on again.", p.duration(&webhook.EnabledAfter, time.Second, maxDay)),
			may("throttle_per_s", "Messages a second that each channel takes, at scale 1. Others wait their turn.", p.positive(&webhook.ThrottleS, maxMessages)),
		)),
		may("stream", "A message a movement through an ordered log.", p.section(
			may("delay", "Mean time that a message takes while the log has room.", p.duration(&stream.Delay, 0, maxDay)),
			may("capacity_per_s", "Movements a second that the log takes, at scale 1. Beyond it they queue.", p.positive(&stream.CapacityS, maxMessages)),
		)),
		may("allocated", "Each such channel displays its share of stock.", p.allocated(&s.Allocated)),
		may("imports", "How orders that a marketplace accepted by itself reach us.", p.section(
			may("delay", "Mean time that an order takes to reach us.", p.duration(&in.Delay, 0, maxDay)),
			may("every", "Fetched in batches at this interval. 0: as they come.", p.duration(&in.Every, 0, maxDay)),
			may("loss", "Share that never arrives, and is found when the books are reconciled.", p.probability(&in.Loss)),
			may("duplicates", "Share that arrives twice.", p.probability(&in.Duplicates)),
			may("broken", "Share of orders beside which a message comes that can't be used: malformed, of an unknown SKU, from the future, or a copy.", p.probability(&in.Broken)),
			may("reconcile_every", "How often the books are reconciled.", p.duration(&in.ReconcileEvery, time.Minute, maxDay)),
		)),
	)
}

func (p *decoder) allocated(a *AllocatedSync) rule {
	ofTheDay := func(to *time.Duration) rule { return p.duration(to, 0, 24*time.Hour-time.Second) }
	return p.whenIs("redistribute", Manually, "at", p.section(
		need("redistribute", "When the shares are divided anew: never, at stated times, or when one has run dry and another has units.",
			p.oneOf(&a.Redistribute, Never, Manually, ByRule)),
		may("at", "The times of the day, for manual.", each(&p.reader, &a.At, 1, ofTheDay)),
	))
}

func (p *decoder) overflow(o *Overflow) rule {
	return preset(o, defaultOverflow(), p.whenIs("policy", Pending, "deadline", p.section(
		need("policy", "reject: it is cancelled, or not taken. pending: the customer is told to wait.", p.oneOf(&o.Policy, Reject, Pending)),
		may("deadline", "How long the customer is kept waiting.", p.duration(&o.Deadline, time.Second, maxDay)),
		may("stay", "Share of an own store's shoppers who wait rather than go.", p.probability(&o.Stay)),
	)))
}

func (p *decoder) buffers(b *Buffers) rule {
	all := p.section(
		need("policy", "static: the same units of every SKU. dynamic: z·σ·√L of a SKU's observed demand over the channel's lag.",
			p.oneOf(&b.Policy, NoBuffer, StaticBuffer, DynamicBuffer)),
		may("units", "How many of every SKU, for static.", whole(&p.reader, &b.Units, 0, maxUnits)),
		may("z", "How many standard deviations, for dynamic.", p.number(&b.Z, 0, maxSigmas)),
	)
	return p.whenIs("policy", StaticBuffer, "units", p.whenIs("policy", DynamicBuffer, "z", all))
}

func (p *decoder) fulfilment(f *Fulfilment) rule {
	return p.section(need("rule", "Who is cancelled: the latest order, or that of the channel where it costs least.",
		p.oneOf(&f.Rule, LatestFirst, LowestPenalty)))
}

func (p *decoder) restock(r *Restock) rule {
	return preset(r, defaultRestock(), p.section(
		may("enabled", "False: nothing is ordered.", p.flag(&r.On)),
		may("every", "How often stock is looked through.", p.duration(&r.Every, time.Minute, maxDay)),
		may("lead_time", "From the order to the delivery, mean.", p.duration(&r.LeadTime, 0, maxLead)),
		may("lead_sigma", "Standard deviation of the lead time's logarithm. 0: always the mean.", p.number(&r.LeadSigma, 0, 5)),
		may("safety", "Safety stock, as a share of the demand over the lead time.", p.number(&r.Safety, 0, maxCover)),
		may("cover_for", "What is ordered: this much of mean sales.", p.duration(&r.CoverFor, time.Hour, maxLead)),
	))
}

func (p *decoder) floor(f *Floor) rule {
	return preset(f, defaultFloor(), p.section(
		may("till_share", "Sales at the till ÷ arrivals.", p.probability(&f.TillShare)),
		may("till_push", "What the till reports: absolute, a count of what it sold of as found on the shelf; or delta, its sales.", p.oneOf(&f.TillPush, "absolute", "delta")),
		may("till_report_every", "How often the till reports.", p.duration(&f.TillReportEvery, time.Second, maxDay)),
		may("count_every", "How often the warehouse counts every SKU. 0: never.", p.duration(&f.CountEvery, 0, maxDay)),
		may("count_delay", "From the counting to the arrival of the count. Sales in between are overwritten.", p.duration(&f.CountDelay, 0, maxDay)),
	))
}

var currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)

func (p *decoder) cost(c *Costs) rule {
	money := func(to *float64) rule { return p.number(to, 0, maxMoney) }
	return preset(c, defaultCosts(), p.section(
		may("currency", "Three letters, as in USD.", p.matching(&c.Currency, currencyForm, "three capital letters, as in USD")),
		may("order_value", "Mean value of an order.", money(&c.OrderValue)),
		may("margin", "Share of an order's value which is earned.", p.probability(&c.Margin)),
		may("refund", "What a cancelled order costs: fees and handling.", money(&c.Refund)),
		may("expedite", "What an order costs that is saved by expedited stock.", money(&c.Expedite)),
		may("expedite_share", "Share of the orders found short that are saved so.", p.probability(&c.ExpediteShare)),
		may("penalty", "What a channel charges for a cancellation, beside the refund.", p.penalties(&c.Penalty)),
		may("repurchase", "Value of a customer's next twelve months.", money(&c.Repurchase)),
		may("repurchase_loss", "By how much a customer's next twelve months fall after a cancellation.", p.probability(&c.RepurchaseLoss)),
		may("unit_holding", "What a unit costs that is left over at the day's end.", money(&c.UnitHolding)),
		may("orders_a_day", "Orders a day of the shop for whose size money is shown. 0: as many as were run.", p.number(&c.OrdersADayOfAShop, 0, maxArrivals)),
	))
}

func (p *decoder) penalties(to *map[string]float64) rule {
	amounts := make([]float64, len(selling))
	var fields []field
	for i, name := range selling {
		fields = append(fields, may(name, "What this channel charges.", p.number(&amounts[i], 0, maxMoney)))
	}
	return p.section(fields...).then(func(n *node) {
		*to = map[string]float64{}
		for i, name := range selling {
			if n.get(name) != nil {
				(*to)[name] = amounts[i]
			}
		}
	})
}

var figureForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$`)

func (p *decoder) published(to *[]Published) rule {
	return each(&p.reader, to, 0, func(f *Published) rule {
		return p.section(
			may("variant", "The variant that it is of.", p.text(&f.Variant)),
			need("figure", "As a threshold names it: rates.cancellation.", p.matching(&f.Figure, figureForm, "a figure's name, as rates.cancellation")),
			need("value", "The figure, in its unit.", p.number(&f.Value, -maxFigure, maxFigure)),
			need("unit", "share, ms, or the change relative to the first variant: -0.99 is 99 % less.", p.oneOf(&f.Unit, UnitShare, UnitMS, UnitChange)),
			may("at_most", "True: it was published as an upper limit, under that.", p.flag(&f.AtMost)),
			need("source", "Who published it.", p.text(&f.Source)),
		)
	})
}
