package sim

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/backoffice"
	"github.com/doorbuster/doorbuster/sim/channels"
	"github.com/doorbuster/doorbuster/sim/driver"
	"github.com/doorbuster/doorbuster/sim/result"
	"github.com/doorbuster/doorbuster/sim/storefront"
)

// describeShop writes down what customers saw of a shop whose channels promise by themselves. The ledger's figures are of the engine
// alone; where the two differ the customers' are meant, and the engine's part of the oversold units keeps its name.
func (j *job) describeShop(r *result.Run, s *driver.Shop) {
	t := s.Book.Totals()
	left, stranded, sold := s.Book.Close()
	engine := min(r.Units.Oversold.ByCause.Engine, t.Oversold)
	loss := max(0, t.OversoldByLoss-engine)
	u := &r.Units
	u.Asked, u.Promised, u.LeftAtClose, u.OvercommittedPeak = t.UnitsAsked, t.UnitsPromised, left, t.Peak
	u.Stranded = max(u.Stranded, stranded)
	u.Oversold = result.Oversold{Min: t.Oversold, Max: t.Oversold, ByCause: result.ByCause{Engine: engine, Loss: loss, Display: t.Oversold - engine - loss}}
	j.shopOrders(r, &t)
	r.Rate(float64(sold))
	r.Channels = shopChannels(s.Book, j.scenario)
	j.shopSeries(r, s)
}

func (j *job) shopOrders(r *result.Run, t *storefront.Totals) {
	o := &r.Orders
	o.Asked, o.Promised, o.Refused, o.Oversold, o.Pending = t.Asked, t.Promised, t.Refused, t.OrdersOversold, t.Waited
	o.Cancelled = result.Cancelled{SellerOversold: t.CancelledSeller, Buyer: t.CancelledBuyer, Payment: t.Unpaid, PendingExpired: t.WaitedInVain}
	o.RefusedBy = map[string]int64{}
	for why, name := range map[storefront.Why]string{
		storefront.SoldOut: engines.SoldOut.String(), storefront.Contended: engines.Contended.String(),
		storefront.NoDisplay: "not displayed", storefront.Buffer: "buffer", storefront.Share: "other share",
	} {
		if n := t.RefusedBy[why]; n > 0 {
			o.RefusedBy[name] = n
		}
	}
	for why, name := range map[storefront.Why]string{storefront.NoDisplay: "stale_display", storefront.Buffer: "buffer", storefront.Share: "other_pool"} {
		o.FalseBy[name] += t.RefusedFalsely[why]
		o.RefusedFalsely += t.RefusedFalsely[why]
	}
	// The engine may refuse imports falsely, which no customer was refused for.
	o.RefusedFalsely = min(o.RefusedFalsely, o.Refused)
}

func shopChannels(b *storefront.Book, sc *scenarios.Scenario) []result.Channel {
	var out []result.Channel
	for _, c := range sc.Channels {
		n := b.Channel(engines.Channel(c.Index))
		cancelled := n.CancelledSeller + n.WaitedInVain
		out = append(out, result.Channel{
			Name: c.Name, Kind: c.Kind, Asked: n.Asked, Promised: n.Promised, PromisedUnits: n.PromisedUnits, Refused: n.Refused,
			Cancelled: cancelled, CancellationRate: ratio(cancelled, n.Promised+n.WaitedInVain),
		})
	}
	return out
}

func (j *job) shopSeries(r *result.Run, s *driver.Shop) {
	n := len(r.Series.Asked)
	b := s.Book.Series(time.Duration(n) * j.scenarioInterval())
	r.Series.Asked, r.Series.Promised = padded(b.Asked, n), padded(b.Promised, n)
	r.Series.SoldOut, r.Series.OtherRefused = padded(b.SoldOut, n), padded(b.OtherRefused, n)
	r.Series.SupplyUnits, r.Series.PromisedUnits = padded(b.SupplyUnits, n), padded(b.PromisedUnits, n)
	r.Series.OversoldUnits = padded(b.OversoldUnits, n)
	t, m := s.Book.Totals(), s.Market.Stats()
	r.UpdateLatencyMS = percentiles(s.Market.UpdateLatency())
	r.Shop = result.Shop{
		Modelled: true, TillUnits: s.TillUnits, Purchases: s.Purchases, ToldWhen: s.ToldWhen, ToldDays: meanDays(s.ToldIn, s.ToldWhen), PutOff: t.PutOff, Waiting: t.Waiting, NeverShown: m.NeverShown,
		Pushes: m.Pushes, PushesLost: m.Lost, OutOfOrder: m.OutOfOrder, ErasedUnits: m.ErasedUnits,
		ImportsLost: m.ImportsLost, ImportsDuplicated: m.ImportsDuplicated,
		UpdateP99MS: make([]float64, n), Pending: padded(b.Pending, n), Cancelled: padded(b.Cancelled, n),
		Quarantined: map[string]int64{}, Money: j.money(r, s.Book),
	}
	for why := channels.Malformed; why <= channels.Duplicate; why++ {
		r.Shop.Quarantined[why.String()] = s.Intake.Count(why)
	}
	copy(r.Shop.UpdateP99MS, s.Market.UpdateSeries().P99MS)
}

// scenarioInterval is an interval of the series on the clock of the scenario.
func (j *job) scenarioInterval() time.Duration {
	if j.fit != nil {
		return time.Duration(float64(j.interval()) * j.fit.pace)
	}
	return j.interval()
}

func (j *job) money(r *result.Run, b *storefront.Book) result.Money {
	n := backoffice.Counts{
		Days: j.demand.Length.Hours() / 24, Orders: r.Orders.Promised, Refused: r.Orders.RefusedFalsely, Stranded: r.Units.Stranded,
	}
	for ch := range scenarios.Sources {
		c := b.Channel(engines.Channel(ch))
		n.Short[ch], n.Expired[ch] = c.CancelledSeller, c.WaitedInVain
	}
	a := backoffice.Bill(j.scenario.Costs, n)
	return result.Money{
		Currency: j.scenario.Costs.Currency, Scale: a.Scale, Cancelled: a.Cancelled, Refunds: a.Refunds, Expedite: a.Expedite,
		Penalties: a.Penalties, Repurchase: a.Repurchase, RefusedMargin: a.Refused, Stranded: a.Stranded, Total: a.Total(),
	}
}

func meanDays(sum time.Duration, n int64) float64 {
	if n == 0 {
		return 0
	}
	return sum.Hours() / 24 / float64(n)
}
