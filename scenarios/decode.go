package scenarios

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// decoder fills one scenario from its nodes.
type decoder struct {
	reader
	root  *node
	known []string // engines
	s     *Scenario

	marketplaces string    // how those are synchronised that don't say so themselves; empty: each must
	ordersADay   float64   // given in the place of arrivals; 0: arrivals are
	overlays     []overlay // of the variants
}

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`) // it names an output folder

// Limits of what is taken as meant.
const (
	maxSKUs     = 5_000_000
	maxArrivals = 1e9
	maxRate     = 1e6 // operations a second, of one wall run
	maxFactor   = 1000
	maxCover    = 1000
	maxServers  = 1_000_000
	maxUnits    = 1_000_000_000
	maxDay      = 90 * 24 * time.Hour
	maxStep     = time.Minute // of a storage round trip
	maxWait     = time.Hour
)

// scenario is the rule of the whole file. The sections are read in this order: channels need to know sync.marketplaces.
func (p *decoder) scenario() rule {
	s := p.s
	all := p.section(
		need("name", "Names the scenario and its output folder: lower-case letters, digits, - and _, at most 64.", p.matching(&s.Name, nameForm, "lower-case letters, digits, - and _, at most 64")),
		may("about", "What it is, in a sentence.", p.text(&s.About)),
		need("engines", "The engines it is run on, as memory/naive, memory/* or all, unless --engine says otherwise.", p.engines(&s.Engines)),
		may("control", "The strategy that must oversell on this day, or no run of the others proves anything. Needed unless pressure is false.", p.control(&s.Control)),
		may("pressure", "False: the day is not meant to sell out, and needs no control.", p.flag(&s.Pressure)),
		need("default_scale", "Share of the SKUs that is run unless --scale says otherwise. Each keeps its whole demand.", p.positive(&s.DefaultScale, 1)),
		need("wall_peak_per_s", "Operations a second at the peak of a run in real time.", p.positive(&s.WallPeakPerS, maxRate)),
		need("day", "How long it lasts: 24h, or more or fewer hours.", p.duration(&s.Day, time.Minute, maxDay)),
		need("skus", "How many articles the shop sells.", whole(&p.reader, &s.SKUs, 1, maxSKUs)),
		need("demand", "How many come, when, and for what.", p.demand(&s.Demand)),
		may("sync", "How marketplaces learn what to display, and how their orders come to us.", p.sync(&s.Sync)),
		need("channels", "The channels that sell. Leave out those that you don't have.", p.channels(&s.Channels)),
		need("shopper", "What a shopper of an own store does.", p.shopper(&s.Shopper)),
		need("holds", "When stock is set aside, and for how long.", p.holds(&s.Holds)),
		need("stock", "What the day begins with and what comes in.", p.stock(&s.Stock)),
		need("storage", "Latency and capacity of the engine's storage in simulated time.", p.storage(&s.Storage)),
		may("faults", "What goes wrong on purpose.", p.faults(&s.Faults)),
		may("tuning", "Settings of the engine: what it has in its configuration in a real shop.", p.tuning(&s.Tuning)),
		may("overflow", "What becomes of an order that is refused.", p.overflow(&s.Overflow)),
		may("buffers", "Units that a marketplace's display holds back.", p.buffers(&s.Buffers)),
		may("fulfilment", "What is done when an order is picked and its units are not there.", p.fulfilment(&s.Fulfilment)),
		may("restock", "Orders to the supplier when stock falls to the reorder point.", p.restock(&s.Restock)),
		may("floor", "What happens in the house that no channel sees.", p.floor(&s.Floor)),
		may("cost", "What turns counts into money, in one currency.", p.cost(&s.Costs)),
		may("variants", "The same demand under other policies; each is run.", p.variants(&s.Variants)),
		may("published", "Figures from elsewhere, which the report sets beside ours.", p.published(&s.Published)),
		may("idealised", "What the scenario leaves out or makes simpler than it is, a sentence each, for the report.", each(&p.reader, &s.Idealised, 0, p.text)),
	)
	all.schema = all.schema.ifThen(not(schema{"properties": schema{"pressure": schema{"const": false}}, "required": []string{"pressure"}}), has("control"))
	all.schema = all.schema.ifThen(not(schema{"properties": schema{"sync": has("marketplaces")}, "required": []string{"sync"}}),
		schema{"properties": schema{"channels": schema{"additionalProperties": schema{"if": keyIs("kind", Marketplace), "then": has("sync")}}}})
	return all
}

func (p *decoder) engines(to *[]string) rule {
	taken := schema{"type": "array", "minItems": 1, "items": schema{"type": "string", "pattern": `^(all|[^/\s]+/[^/\s]+)$`}}
	item := func(to *string) rule {
		return rule{read: func(item *node) {
			if _, err := Expand([]string{item.text}, p.known); err != nil {
				p.fail(item, "%v", err)
			}
			*to = item.text
		}}
	}
	return rule{schema: taken, read: func(n *node) {
		each(&p.reader, to, 0, item).read(n)
		if n.kind == list && len(n.items) == 0 {
			p.fail(n, "expected at least one engine, as memory/naive, memory/* or all")
		}
	}}
}

// control takes the strategies of the known engines; which those are, the schema can't know.
func (p *decoder) control(to *string) rule {
	var strategies []string
	for _, engine := range p.known {
		_, strategy, _ := strings.Cut(engine, "/")
		if !slices.Contains(strategies, strategy) {
			strategies = append(strategies, strategy)
		}
	}
	r := p.oneOf(to, strategies...)
	r.schema = schema{"type": "string", "pattern": `^\S+$`}
	return r
}

// profiled is a section whose figures a profile may bring, which is laid below it before it is read.
func (p *decoder) profiled(part string, name *string, fields ...field) rule {
	profile := may("profile", "Brings the figures that the scenario doesn't give itself.", p.oneOf(name, stems("profiles/"+part+"/*.yaml")...))
	r := p.section(append([]field{profile}, fields...)...)
	r.schema = r.schema.unlessProfile()
	return r
}

func (p *decoder) demand(d *Demand) rule {
	r := p.profiled("demand", &d.Profile,
		need("source", "Where the figures are from.", p.text(&d.Source)),
		may("arrivals_per_day", "Shoppers who put something in a cart, and marketplace orders.", p.positive(&d.ArrivalsPerDay, maxArrivals)),
		may("orders_per_day", "In the place of arrivals_per_day: the orders that they come to if nobody is refused.", p.positive(&p.ordersADay, maxArrivals)),
		need("hourly", "Relative weights of the day's 24 hours.", p.weights(&d.Hourly, 24, 24)),
		need("spike", "When the doors open.", p.section(
			need("baseline", "In words: what factor multiplies.", p.text(&d.Spike.Baseline)),
			need("at", "When the peak is reached.", p.duration(&d.Spike.At, 0, maxDay)),
			need("ramp", "From the day's rate up to the peak.", p.duration(&d.Spike.Ramp, time.Second, maxDay)),
			need("factor", "The peak ÷ the mean rate of the day without its spike. 1: no spike.", p.number(&d.Spike.Factor, 1, maxFactor)),
			need("hold", "How long the peak lasts.", p.duration(&d.Spike.Hold, 0, maxDay)),
			need("half_life", "How fast it falls after that: to a half in this time.", p.duration(&d.Spike.HalfLife, time.Second, maxDay)),
		)),
		need("zipf", "Exponent of popularity by rank. 0: all are alike.", p.number(&d.Zipf, 0, 5)),
		need("hot", "The doorbusters: the most popular SKUs.", p.section(
			need("skus", "How many doorbusters there are.", whole(&p.reader, &d.Hot.SKUs, 0, maxSKUs)),
			need("burst", "By how much the doorbusters' share of demand rises while the spike lasts. 1: not at all.", p.number(&d.Hot.Burst, 1, maxFactor)),
			need("hold", "How long they keep that share, from the spike's peak.", p.duration(&d.Hot.Hold, 0, maxDay)),
			need("half_life", "How fast it falls after that: to a half in this time.", p.duration(&d.Hot.HalfLife, time.Second, maxDay)),
		)),
		need("basket_lines", "Weights of baskets with 1, 2, 3 … lines.", p.weights(&d.BasketLines, 1, 100)),
		need("line_units", "Weights of lines with 1, 2, 3 … units.", p.weights(&d.LineUnits, 1, 100)),
	)
	r.schema = r.schema.also(schema{"oneOf": []schema{has("arrivals_per_day"), has("orders_per_day")}})
	return r.then(func(n *node) {
		orders := n.get("orders_per_day")
		switch arrivals := n.get("arrivals_per_day"); {
		case arrivals == nil && orders == nil:
			p.missing(n, "arrivals_per_day", "or orders_per_day in its place")
		case arrivals != nil && orders != nil:
			p.fail(orders, "arrivals_per_day is there too: expected one of them")
		}
	})
}

// channels reads the six that sell, in the order of Sources; a channel with share 0 is absent.
func (p *decoder) channels(to *[]Channel) rule {
	var fields []field
	all := make([]Channel, len(selling))
	for i, name := range selling {
		all[i].Index, all[i].Name = i, name
		fields = append(fields, may(name, "What this channel is here.", p.channel(&all[i])))
	}
	return p.section(fields...).then(func(*node) {
		for _, c := range all {
			if c.Share > 0 {
				*to = append(*to, c)
			}
		}
	})
}

func (p *decoder) channel(c *Channel) rule {
	r := p.section(
		need("kind", "own: it asks the engine at checkout. marketplace: it takes the order itself.", p.oneOf(&c.Kind, Own, Marketplace)),
		need("share", "Of arrivals. The shares of all channels sum to 1; 0: the channel is closed.", p.probability(&c.Share)),
		may("sync", "How it learns what to display. unified: it asks the engine, as own stores do. polling, webhook, stream: as the section sync says. allocated: it displays a share of stock of its own.", p.oneOf(&c.Sync, syncs...)),
		may("allocation", "The share of stock that an allocated channel displays.", p.positive(&c.Allocation, 1)),
	)
	r = p.whenIs("sync", Allocated, "allocation", r)
	r.schema = r.schema.ifThen(keyIs("kind", Own), schema{"properties": schema{"sync": schema{"const": Unified}}})
	r.schema = r.schema.ifThen(has("allocation"), schema{"properties": schema{"sync": schema{"const": Allocated}}})
	return r.then(func(n *node) { p.checkSync(n, c) })
}

// checkSync says how a channel is synchronised that doesn't say so itself, and refuses what doesn't fit its kind.
func (p *decoder) checkSync(n *node, c *Channel) {
	own := n.get("sync")
	switch {
	case c.Kind == Own && c.Sync != "" && c.Sync != Unified:
		p.fail(own, "%q is for marketplaces: an own store asks the engine, which is unified", c.Sync)
	case c.Kind == Own && own == nil:
		c.Sync = Unified
	case c.Kind == Marketplace && own == nil && p.root.get("sync").get("marketplaces") == nil:
		p.missing(n, "sync", "a marketplace says how it learns what to display, or sync.marketplaces does for all")
	case c.Kind == Marketplace && own == nil:
		c.Sync = p.marketplaces
		if c.Sync == Allocated && n.get("allocation") == nil {
			p.missing(n, "allocation", "sync.marketplaces allocated needs it")
		}
	}
	if n.get("allocation") != nil && c.Sync != "" && c.Sync != Allocated {
		p.fail(n.get("allocation"), "only a channel with sync allocated has one: this one's is %s", c.Sync)
	}
}

func (p *decoder) shopper(s *Shopper) rule {
	return p.profiled("shopper", &s.Profile,
		need("browse_time", "Median from arrival to the cart.", p.duration(&s.BrowseTime, 0, maxDay)),
		need("cart_time", "Median from the cart to checkout.", p.duration(&s.CartTime, 0, maxDay)),
		need("pay_time", "Median from checkout to payment.", p.duration(&s.PayTime, 0, maxDay)),
		need("think_sigma", "Standard deviation of the logarithm of each of these times.", p.number(&s.ThinkSigma, 0, 5)),
		need("leave_at_cart", "Share who leave before checkout.", p.probability(&s.LeaveAtCart)),
		need("leave_at_checkout", "Share of those who reach checkout and leave before they pay.", p.probability(&s.LeaveAtCheckout)),
		need("payment_failure", "Share of payments that fail.", p.probability(&s.PaymentFailure)),
		need("payment_retry", "Share who try again after a failure.", p.probability(&s.PaymentRetry)),
		need("cancel_share", "Share of promised orders that the buyer cancels.", p.probability(&s.CancelShare)),
		need("cancel_after", "How long after the promise a buyer cancels.", p.duration(&s.CancelAfter, 0, maxDay)),
		need("resend_share", "Share of operations that the caller sends twice.", p.probability(&s.ResendShare)),
		may("second_tab", "Share of shoppers of an own store who begin a second checkout of the same cart in another tab, and leave it.", p.probability(&s.SecondTab)),
	)
}

func (p *decoder) holds(h *Holds) rule {
	return p.section(
		need("policy", "When stock is set aside in an own store: at cart, at checkout, or at payment, which is not at all: it is sold when it is paid.", p.oneOf(&h.Policy, HoldAtCart, HoldAtCheckout, HoldAtPayment)),
		need("for", "How long it stays set aside, unless the shopper pays or leaves before.", p.duration(&h.For, time.Second, maxDay)),
	)
}

func (p *decoder) stock(s *Stock) rule {
	receipt := func(r *Receipt) rule {
		return p.section(
			need("at", "When it arrives, from the day's beginning.", p.duration(&r.At, 0, maxDay)),
			need("share", "How much, as a share of the opening stock of every SKU.", p.number(&r.Share, 0, maxCover)),
		)
	}
	return p.section(
		need("cover", "Opening stock ÷ the units that the day is expected to ask for. 1: just enough, on average.", p.number(&s.Cover, 0, maxCover)),
		need("hot_cover", "The same for doorbusters, which are meant to sell out: below 1.", p.number(&s.HotCover, 0, maxCover)),
		need("minimum", "Units of every SKU at least.", whole(&p.reader, &s.Minimum, 0, maxUnits)),
		need("ship_after", "From the promise to leaving the house.", p.duration(&s.ShipAfter, 0, maxDay)),
		need("returns", "Returned lines ÷ arrivals.", p.probability(&s.Returns)),
		may("receipts", "Deliveries from the supplier, in the course of the day.", each(&p.reader, &s.Receipts, 0, receipt)),
	)
}

func (p *decoder) storage(s *Storage) rule {
	return p.profiled("storage", &s.Profile,
		need("about", "What it stands for.", p.text(&s.About)),
		need("source", "Where the figures are from.", p.text(&s.Source)),
		need("rtt", "Network, there and back.", p.duration(&s.RTT, 0, maxStep)),
		need("service", "Mean time on a server.", p.duration(&s.Service, 0, maxStep)),
		need("distribution", "How the time on a server varies.", p.oneOf(&s.Distribution, "exponential", "constant")),
		need("servers", "Round trips served at once.", whole(&p.reader, &s.Servers, 1, maxServers)),
		need("row_write", "How long a stock key is held by one writer.", p.duration(&s.RowWrite, 0, maxStep)),
		need("pool", "Operations inside the engine at once.", whole(&p.reader, &s.Pool, 1, maxServers)),
		need("pool_wait", "How long operations queue for a place in the pool before they are refused.", p.duration(&s.PoolWait, 0, maxWait)),
		need("handoff", "Who gets a lock that is freed.", p.oneOf(&s.Handoff, "fifo", "barging")),
	)
}

func (p *decoder) faults(f *Faults) rule {
	return p.section(
		need("pause_share", "Share of operations whose caller is paused once, between two round trips.", p.probability(&f.PauseShare)),
		need("pause_for", "How long. A pause longer than tuning.lease outlives a distributed lock.", p.duration(&f.PauseFor, time.Millisecond, maxWait)),
	)
}

// tuning takes no zeros: a zero in Tuning means the engine's default.
func (p *decoder) tuning(t *Tuning) rule {
	return p.section(
		may("lock_wait", "How long to wait for a lock.", p.duration(&t.LockWait, time.Microsecond, maxWait)),
		may("retries", "Attempts after the first.", whole(&p.reader, &t.Retries, 1, 1000)),
		may("backoff", "How long to wait before the next attempt.", p.duration(&t.Backoff, time.Microsecond, maxWait)),
		may("lease", "How long a distributed lock is valid.", p.duration(&t.Lease, time.Microsecond, maxWait)),
		may("batch_max", "Operations that a queue's writer applies at once.", whole(&p.reader, &t.BatchMax, 1, 100_000)),
		may("floor", "Share of its opening stock below which a pool gives nothing to others.", p.positive(&t.Floor, 1)),
	)
}
