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
	maxDay      = 7 * 24 * time.Hour
	maxStep     = time.Minute // of a storage round trip
	maxWait     = time.Hour
)

func (p *decoder) read(root *node) {
	s := p.s
	p.section(
		need("name", p.matching(&s.Name, nameForm, "lower-case letters, digits, - and _, at most 64")),
		may("about", p.text(&s.About)),
		need("engines", p.engines(&s.Engines)),
		may("control", p.control(&s.Control)),
		may("pressure", p.flag(&s.Pressure)),
		need("default_scale", p.positive(&s.DefaultScale, 1)),
		need("wall_peak_per_s", p.positive(&s.WallPeakPerS, maxRate)),
		need("day", p.duration(&s.Day, time.Minute, maxDay)),
		need("skus", whole(&p.reader, &s.SKUs, 1, maxSKUs)),
		need("demand", p.demand(&s.Demand)),
		need("channels", p.channels(&s.Channels)),
		need("shopper", p.shopper(&s.Shopper)),
		need("holds", p.holds(&s.Holds)),
		need("stock", p.stock(&s.Stock)),
		need("storage", p.storage(&s.Storage)),
		may("faults", p.faults(&s.Faults)),
		may("tuning", p.tuning(&s.Tuning)),
		may("idealised", p.words(&s.Idealised)),
	)(root)
}

func (p *decoder) engines(to *[]string) func(*node) {
	return func(n *node) {
		p.each(func(item *node) {
			if _, err := Expand([]string{item.text}, p.known); err != nil {
				p.fail(item, "%v", err)
			}
			*to = append(*to, item.text)
		})(n)
		if n.kind == list && len(n.items) == 0 {
			p.fail(n, "expected at least one engine, as memory/naive, memory/* or all")
		}
	}
}

func (p *decoder) control(to *string) func(*node) {
	var strategies []string
	for _, engine := range p.known {
		_, strategy, _ := strings.Cut(engine, "/")
		if !slices.Contains(strategies, strategy) {
			strategies = append(strategies, strategy)
		}
	}
	return p.oneOf(to, strategies...)
}

func (p *decoder) demand(d *Demand) func(*node) {
	return p.section(
		may("profile", p.text(&d.Profile)),
		need("source", p.text(&d.Source)),
		need("arrivals_per_day", p.positive(&d.ArrivalsPerDay, maxArrivals)),
		need("hourly", p.weights(&d.Hourly, 24, 24)),
		need("spike", p.section(
			need("baseline", p.text(&d.Spike.Baseline)),
			need("at", p.duration(&d.Spike.At, 0, maxDay)),
			need("ramp", p.duration(&d.Spike.Ramp, time.Second, maxDay)),
			need("factor", p.number(&d.Spike.Factor, 1, maxFactor)),
			need("hold", p.duration(&d.Spike.Hold, 0, maxDay)),
			need("half_life", p.duration(&d.Spike.HalfLife, time.Second, maxDay)),
		)),
		need("zipf", p.number(&d.Zipf, 0, 5)),
		need("hot", p.section(
			need("skus", whole(&p.reader, &d.Hot.SKUs, 0, maxSKUs)),
			need("burst", p.number(&d.Hot.Burst, 1, maxFactor)),
			need("hold", p.duration(&d.Hot.Hold, 0, maxDay)),
			need("half_life", p.duration(&d.Hot.HalfLife, time.Second, maxDay)),
		)),
		need("basket_lines", p.weights(&d.BasketLines, 1, 100)),
		need("line_units", p.weights(&d.LineUnits, 1, 100)),
	)
}

// channels reads the six that sell, in the order of Sources; a channel with share 0 is absent.
func (p *decoder) channels(to *[]Channel) func(*node) {
	selling := Sources[:6]
	var fields []field
	all := make([]Channel, len(selling))
	for i, name := range selling {
		c := &all[i]
		c.Index, c.Name = i, name
		fields = append(fields, may(name, p.section(
			need("kind", p.oneOf(&c.Kind, Own, Marketplace)),
			need("share", p.probability(&c.Share)),
			need("sync", p.oneOf(&c.Sync, "unified")),
		)))
	}
	return func(n *node) {
		p.section(fields...)(n)
		for _, c := range all {
			if c.Share > 0 {
				*to = append(*to, c)
			}
		}
	}
}

func (p *decoder) shopper(s *Shopper) func(*node) {
	return p.section(
		need("browse_time", p.duration(&s.BrowseTime, 0, maxDay)),
		need("cart_time", p.duration(&s.CartTime, 0, maxDay)),
		need("pay_time", p.duration(&s.PayTime, 0, maxDay)),
		need("think_sigma", p.number(&s.ThinkSigma, 0, 5)),
		need("leave_at_cart", p.probability(&s.LeaveAtCart)),
		need("leave_at_checkout", p.probability(&s.LeaveAtCheckout)),
		need("payment_failure", p.probability(&s.PaymentFailure)),
		need("payment_retry", p.probability(&s.PaymentRetry)),
		need("cancel_share", p.probability(&s.CancelShare)),
		need("cancel_after", p.duration(&s.CancelAfter, 0, maxDay)),
		need("resend_share", p.probability(&s.ResendShare)),
	)
}

func (p *decoder) holds(h *Holds) func(*node) {
	return p.section(
		need("policy", p.oneOf(&h.Policy, HoldAtCart, HoldAtCheckout, HoldAtPayment)),
		need("for", p.duration(&h.For, time.Second, maxDay)),
	)
}

func (p *decoder) stock(s *Stock) func(*node) {
	return p.section(
		need("cover", p.number(&s.Cover, 0, maxCover)),
		need("hot_cover", p.number(&s.HotCover, 0, maxCover)),
		need("minimum", whole(&p.reader, &s.Minimum, 0, maxUnits)),
		need("ship_after", p.duration(&s.ShipAfter, 0, maxDay)),
		need("returns", p.probability(&s.Returns)),
		may("receipts", p.each(func(n *node) {
			var r Receipt
			p.section(
				need("at", p.duration(&r.At, 0, maxDay)),
				need("share", p.number(&r.Share, 0, maxCover)),
			)(n)
			s.Receipts = append(s.Receipts, r)
		})),
	)
}

func (p *decoder) storage(s *Storage) func(*node) {
	return p.section(
		may("profile", p.text(&s.Profile)),
		need("about", p.text(&s.About)),
		need("source", p.text(&s.Source)),
		need("rtt", p.duration(&s.RTT, 0, maxStep)),
		need("service", p.duration(&s.Service, 0, maxStep)),
		need("distribution", p.oneOf(&s.Distribution, "exponential", "constant")),
		need("servers", whole(&p.reader, &s.Servers, 1, maxServers)),
		need("row_write", p.duration(&s.RowWrite, 0, maxStep)),
		need("pool", whole(&p.reader, &s.Pool, 1, maxServers)),
		need("pool_wait", p.duration(&s.PoolWait, 0, maxWait)),
		need("handoff", p.oneOf(&s.Handoff, "fifo", "barging")),
	)
}

func (p *decoder) faults(f *Faults) func(*node) {
	return p.section(
		need("pause_share", p.probability(&f.PauseShare)),
		need("pause_for", p.duration(&f.PauseFor, time.Millisecond, maxWait)),
	)
}

// tuning takes no zeros: a zero in Tuning means the engine's default.
func (p *decoder) tuning(t *Tuning) func(*node) {
	return p.section(
		may("lock_wait", p.duration(&t.LockWait, time.Microsecond, maxWait)),
		may("retries", whole(&p.reader, &t.Retries, 1, 1000)),
		may("backoff", p.duration(&t.Backoff, time.Microsecond, maxWait)),
		may("lease", p.duration(&t.Lease, time.Microsecond, maxWait)),
		may("batch_max", whole(&p.reader, &t.BatchMax, 1, 100_000)),
		may("floor", p.positive(&t.Floor, 1)),
	)
}
