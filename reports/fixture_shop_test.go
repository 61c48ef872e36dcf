package reports

import (
	"math/rand/v2"
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

// shopVariant is what a made-up variant of a shop did: no figure in it means anything.
type shopVariant struct {
	name                        string
	display, loss, let, falsely int64
	pending                     int64
	update                      float64 // ms, about the p99
	fill                        float64
	cost                        float64
	unified                     bool
	amazon                      float64
}

var shopVariants = []shopVariant{
	{name: "before", display: 5897, loss: 977, let: 3380, falsely: 189, update: 600_000, fill: 0.53, cost: 17_040, amazon: 0.03},
	{name: "after", loss: 136, let: 188, falsely: 2571, pending: 7427, update: 390, fill: 0.52, cost: 930, amazon: 0.001},
	{name: "allocated", falsely: 51_660, update: 0, fill: 0.48, cost: 0},
	{name: "unified", falsely: 3, fill: 0.54, unified: true},
}

// shopFixture is made-up test data in the shape of a shop with variants, of one engine that kept its promise.
func shopFixture(t testing.TB, seeds int) *result.File {
	t.Helper()
	f := fixture(t)
	f.Scenario, f.About, f.Runs = "casestudy (test data)", "The published before and after of one shop.", nil
	f.Demand.Pressure, f.Demand.Control = false, ""
	for seed := range seeds {
		for _, v := range shopVariants {
			f.Runs = append(f.Runs, shopRun(t, v, uint64(seed+1)))
		}
	}
	f.Summaries = fixtureSummaries(f.Runs)
	f.Published = []result.Published{
		{Variant: "before", Figure: "rates.cancellation", Value: 0.032, Unit: "share", Source: "the case study", Mean: 0.0313, Low: 0.029, High: 0.0336, Runs: seeds},
		{Variant: "after", Figure: "rates.cancellation", Value: 0.0004, Unit: "share", Source: "the case study", Mean: 0.0019, Low: 0.0017, High: 0.0021, Runs: seeds},
		{Variant: "after", Figure: "update_latency_ms.p99", Value: 500, Unit: "ms", AtMost: true, Source: "the case study", Mean: 399, Low: 397, High: 402, Runs: seeds},
		{Variant: "after", Figure: "orders.oversold", Value: -0.99, Unit: "change", Source: "the case study"},
	}
	return f
}

func shopRun(t testing.TB, v shopVariant, seed uint64) result.Run {
	t.Helper()
	r := fixtureRun(t, fixtureStrategy{"conditional", true, 0, 12, 0, 1.4, 0.4, 4}, 4)
	const asked, promised = 161_438, 100_000
	r.Variant, r.Seed = v.name, seed
	over := v.display + v.loss
	r.Units.Oversold = result.Oversold{Min: over, Max: over, ByCause: result.ByCause{Display: v.display, Loss: v.loss}}
	r.Orders.Asked, r.Orders.Promised, r.Orders.RefusedFalsely, r.Orders.Oversold, r.Orders.Pending = asked, promised, v.falsely, over*4/5, v.pending
	r.Orders.Cancelled = result.Cancelled{SellerOversold: v.let}
	r.Rates.Cancellation, r.Rates.FillRate = share(v.let, promised), v.fill
	r.Channels[0].CancellationRate = v.amazon
	if v.unified {
		return r
	}
	r.UpdateLatencyMS = result.Percentiles{Count: 1000, P50: v.update / 3, P99: v.update, P999: v.update * 1.1, Max: v.update * 1.2}
	r.Shop = result.Shop{Modelled: true, Pushes: 400_000, ErasedUnits: v.display * 9, Quarantined: map[string]int64{"duplicate": 2, "malformed": 1},
		Money: result.Money{Currency: "USD", Scale: 0.1, Cancelled: float64(v.let) / 10, Refunds: v.cost / 4, Repurchase: v.cost * 3 / 4, RefusedMargin: float64(v.falsely) / 4, Total: v.cost + float64(v.falsely)/4}}
	rnd := rand.New(rand.NewPCG(seed, 9))
	for m := range 1440 {
		s := &r.Shop
		s.UpdateP99MS = append(s.UpdateP99MS, v.update*(0.5+rnd.Float64()/2))
		s.Pending = append(s.Pending, v.pending*int64(m%2)/720)
		s.Cancelled = append(s.Cancelled, v.let*int64((m+1)%2)/720)
	}
	return r
}
