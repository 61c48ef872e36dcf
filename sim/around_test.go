package sim_test

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
)

// seeds of every test of an ordering: it must hold over them together.
var seeds = []uint64{1, 2, 3}

// notForRaces leaves a test out of the short run, which is the race detector's: a simulated run is one goroutine at a time, and slow there.
func notForRaces(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("simulated days have nothing for the race detector")
	}
}

// shopDay is a small day of a built-in scenario, without its variants.
func shopDay(t *testing.T, name string, set ...string) *scenarios.Scenario {
	t.Helper()
	notForRaces(t)
	sc, err := scenarios.Load(name, catalog.Names(), append([]string{"variants=[]", "published=[]"}, set...))
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

// total sums a figure over the seeds of a day.
func total(t *testing.T, sc *scenarios.Scenario, figure func(*result.Run) int64) (sum int64) {
	t.Helper()
	f := run(t, sim.Options{Scenario: sc, Engines: memory(t, "conditional"), Seeds: seeds})
	for i := range f.Runs {
		r := &f.Runs[i]
		if r.IsControl {
			continue
		}
		if !r.Valid || !r.Complete || r.Orders.Promised == 0 {
			t.Fatalf("seed %d: valid %v, complete %v, %d orders promised: %s %v", r.Seed, r.Valid, r.Complete, r.Orders.Promised, r.Error, r.Invalid)
		}
		sum += figure(r)
	}
	return sum
}

func oversoldUnits(r *result.Run) int64 { return r.Units.Oversold.Min }
func cancelledOrders(r *result.Run) int64 {
	return r.Orders.Cancelled.SellerOversold + r.Orders.Cancelled.PendingExpired
}

// sellsOnce is a day on which an article is gone when it is gone: nothing comes back, so that what is oversold is oversold at that moment.
func sellsOnce(more ...string) []string {
	return append([]string{
		"stock.returns=0", "stock.cover=0.6", "shopper.cancel_share=0", "holds.policy=payment", "sync.imports.loss=0",
		"demand.arrivals_per_day=60000",
	}, more...)
}

func TestOversellsGrowWithThePollingInterval(t *testing.T) {
	var all []int64
	for _, every := range []string{"1m", "5m", "15m"} {
		sc := shopDay(t, "channel-sync", sellsOnce("sync.marketplaces=polling", "sync.imports.every="+every, "sync.polling.every="+every)...)
		all = append(all, total(t, sc, oversoldUnits))
	}
	if !slices.IsSorted(all) || all[0] == 0 || all[2] < 2*all[0] {
		t.Errorf("oversold with polls every 1, 5 and 15 minutes: %v; want it to grow", all)
	}
}

// Stock that is held early is held for many who never pay.
func TestEarlierHoldsRefuseMoreFalsely(t *testing.T) {
	var all []int64
	for _, holds := range []string{"{policy: cart, for: 30m}", "{policy: checkout, for: 15m}", "{policy: payment, for: 15m}"} {
		sc := shopDay(t, "hold-policies", "demand.arrivals_per_day=60000", "pressure=false", "holds="+holds)
		all = append(all, total(t, sc, func(r *result.Run) int64 { return r.Orders.FalseBy["held_then_unsold"] }))
	}
	if !(all[0] > all[1] && all[1] > all[2]) {
		t.Errorf("refused for holds that were never paid, at the cart, at checkout, at payment: %v; want it to fall", all)
	}
}

// Shares that sum to no more than the stock can't oversell while no message is lost, and leave units in one share while another's buyers are refused.
func TestSharesStrandUnitsAndDoNotOversell(t *testing.T) {
	shares := func(walmart, etsy float64) *scenarios.Scenario {
		return shopDay(t, "channel-sync", "demand.arrivals_per_day=60000", "sync.imports.loss=0",
			"channels.amazon={kind: marketplace, share: 0.5, sync: allocated, allocation: 0.4}",
			"channels.ebay={kind: marketplace, share: 0.2, sync: allocated, allocation: 0.35}",
			fmt.Sprintf("channels.walmart={kind: marketplace, share: %g, sync: allocated, allocation: 0.25}", walmart),
			fmt.Sprintf("channels.etsy={kind: marketplace, share: %g, sync: polling}", etsy),
			"channels.shopify.share=0", "channels.woocommerce.share=0")
	}
	sc := shares(0.3, 0)
	if n := total(t, sc, oversoldUnits); n != 0 {
		t.Errorf("40/35/25 oversold %d units", n)
	}
	if n := total(t, sc, func(r *result.Run) int64 { return r.Units.Stranded }); n == 0 {
		t.Error("40/35/25 stranded nothing, though its shares are not those of demand")
	}
	// The check can fail: a fourth channel that sells from the same stock oversells it.
	if n := total(t, shares(0.1, 0.2), oversoldUnits); n == 0 {
		t.Error("a polled channel beside shares of all the stock oversold nothing")
	}
}

// A waitlist turns cancellations into pendings.
func TestWaitlistCancelsFewer(t *testing.T) {
	day := []string{"demand.arrivals_per_day=60000", "sync.marketplaces=polling", "sync.polling.every=5m"}
	reject := shopDay(t, "channel-sync", day...)
	pending := shopDay(t, "channel-sync", append(day, "overflow={policy: pending, deadline: 20h}")...)
	for _, c := range []struct {
		name          string
		sc            *scenarios.Scenario
		wantsPendings bool
	}{{"reject", reject, false}, {"pending", pending, true}} {
		if n := total(t, c.sc, func(r *result.Run) int64 { return r.Orders.Pending }); (n > 0) != c.wantsPendings {
			t.Errorf("%s: %d orders were told to wait", c.name, n)
		}
	}
	if before, after := total(t, reject, cancelledOrders), total(t, pending, func(r *result.Run) int64 { return r.Orders.Cancelled.SellerOversold }); after >= before/2 {
		t.Errorf("fulfilment cancelled %d orders, with a waitlist %d: want less than half", before, after)
	}
}

// At an equal rate of oversells, a buffer that follows demand refuses fewer than one that holds the same back from every article.
func TestDynamicBufferRefusesFewerThanAStaticOne(t *testing.T) {
	type point struct{ oversold, refused int64 }
	measure := func(buffers string) point {
		sc := shopDay(t, "buffers", "demand.arrivals_per_day=60000", "sync.polling.every=1m", "sync.imports.every=0s", "stock.cover=1.2", "buffers="+buffers)
		p := point{}
		p.oversold = total(t, sc, oversoldUnits)
		p.refused = total(t, sc, func(r *result.Run) int64 { return r.Orders.FalseBy["buffer"] })
		return p
	}
	dynamic := measure("{policy: dynamic, z: 3}")
	if none := measure("{policy: none}"); dynamic.oversold >= none.oversold || none.refused != 0 {
		t.Fatalf("without a buffer %+v, with one %+v", none, dynamic)
	}
	for units := 1; ; units++ {
		static := measure(fmt.Sprintf("{policy: static, units: %d}", units))
		if static.oversold > dynamic.oversold && units < 40 {
			continue
		}
		if static.refused <= dynamic.refused {
			t.Errorf("a buffer of %d units for all: %+v; one that follows demand: %+v", units, static, dynamic)
		}
		return
	}
}

// Update latency is a consequence of load and capacity.
func TestHalfTheStreamsCapacityBreaksTheUpdateLatency(t *testing.T) {
	p99 := func(capacity string) float64 {
		f := run(t, sim.Options{Scenario: shopDay(t, "casestudy", "sync.marketplaces=stream", "sync.push=delta", "sync.imports={delay: 60ms, every: 0s}", "sync.stream.delay=60ms",
			"floor.count_every=0s", "floor.till_push=delta", "sync.stream.capacity_per_s="+capacity), Engines: memory(t, "conditional")})
		return f.Runs[0].UpdateLatencyMS.P99
	}
	sc := shopDay(t, "casestudy")
	whole := caseStudyCapacity(t)
	if got := p99(fmt.Sprint(whole)); got >= 500 {
		t.Errorf("with the capacity of %s, %g a second, 99 %% of updates took up to %.0f ms, want less than 500", sc.Name, whole, got)
	}
	if got := p99(fmt.Sprint(whole / 2)); got <= 500 {
		t.Errorf("with half of it 99 %% took up to %.0f ms, want more than 500", got)
	}
}

func caseStudyCapacity(t *testing.T) float64 {
	t.Helper()
	sc, err := scenarios.Load("casestudy", catalog.Names(), nil)
	if err != nil {
		t.Fatal(err)
	}
	whole := sc.Whole()
	return whole[len(whole)-1].Sync.Stream.CapacityS
}

// The published before and after: the architecture alone takes most of the cancellations away.
func TestCaseStudy(t *testing.T) {
	notForRaces(t)
	sc, err := scenarios.Load("casestudy", catalog.Names(), nil)
	if err != nil {
		t.Fatal(err)
	}
	f := run(t, sim.Options{Scenario: sc, Engines: memory(t, "conditional"), Seeds: seeds})
	if len(f.Published) != 4 {
		t.Fatalf("%d published figures, want 4", len(f.Published))
	}
	before, after, change := f.Published[0], f.Published[1], f.Published[2]
	if before.Runs != 3 || before.Mean < 0.02 || before.Mean > 0.045 || before.Low >= before.Mean {
		t.Errorf("before: %+v; want about the published 3.2 %%", before)
	}
	if after.Mean > before.Mean/10 || change.Mean > -0.5 {
		t.Errorf("after: %+v, oversold orders %+v; want less than a tenth of before, and half the oversold orders", after, change)
	}
	for i := range f.Runs {
		if c := f.Runs[i].Units.Oversold.ByCause; c.Engine != 0 {
			t.Errorf("%s, seed %d: %d units oversold by the engine", f.Runs[i].Variant, f.Runs[i].Seed, c.Engine)
		}
	}
}

// Messages that can't be used are counted with their reason, and change nothing.
func TestBrokenMessagesChangeNothing(t *testing.T) {
	day := func(broken string) *result.Run {
		sc := shopDay(t, "channel-sync", "demand.arrivals_per_day=20000", "sync.imports.broken="+broken)
		return &run(t, sim.Options{Scenario: sc, Engines: memory(t, "conditional")}).Runs[0]
	}
	clean, dirty := day("0"), day("0.2")
	for _, why := range []string{"malformed", "unknown SKU", "from the future", "duplicate"} {
		if clean.Shop.Quarantined[why] != 0 || dirty.Shop.Quarantined[why] < 100 {
			t.Errorf("%s: %d put aside, without broken messages %d", why, dirty.Shop.Quarantined[why], clean.Shop.Quarantined[why])
		}
	}
	if clean.Operations != dirty.Operations || clean.Units != dirty.Units {
		t.Errorf("broken messages changed what happened: %d operations and %+v, without them %d and %+v", dirty.Operations, dirty.Units, clean.Operations, clean.Units)
	}
}

// A shop that buys more tells those whom it turns away when, and they wait only for what comes in time.
func TestRestockingTellsWhen(t *testing.T) {
	day := func(deadline string) *result.Run {
		return &run(t, sim.Options{Scenario: shopDay(t, "restock", "restock.enabled=true", "overflow={policy: pending, deadline: "+deadline+", stay: 1}"),
			Engines: memory(t, "conditional")}).Runs[0]
	}
	patient, hurried := day("14d"), day("1h")
	if s := patient.Shop; s.Purchases == 0 || s.ToldWhen == 0 || s.ToldDays <= 0 || s.ToldDays > 20 {
		t.Errorf("%d purchases, %d told when, in %.1f days at the mean", s.Purchases, s.ToldWhen, s.ToldDays)
	}
	if patient.Orders.Pending <= hurried.Orders.Pending {
		t.Errorf("%d wait up to 14 days, %d up to an hour: want more to wait longer", patient.Orders.Pending, hurried.Orders.Pending)
	}
}

// Nothing that a shop can be breaks what an engine promises, and every order is somewhere.
func TestEveryPairOfAShop(t *testing.T) { holdShops(t, covering(partsOfAShop(t))) }

// The same for every combination there is, in make test-long.
func TestEveryShop(t *testing.T) {
	if os.Getenv("DOORBUSTER_LONG") == "" {
		t.Skip("a thousand shops: set DOORBUSTER_LONG=1, as make test-long does")
	}
	rows := [][]string{nil}
	for _, part := range partsOfAShop(t) {
		var longer [][]string
		for _, row := range rows {
			for _, value := range part {
				longer = append(longer, append(slices.Clone(row), value))
			}
		}
		rows = longer
	}
	holdShops(t, rows)
}

// holdShops runs shops that are put together of the given parts, and holds each to what every shop promises.
func holdShops(t *testing.T, rows [][]string) {
	t.Helper()
	for i, row := range rows {
		s := shapeOf(row)
		sc := shopDay(t, "channel-sync", append(s.set, "demand.arrivals_per_day=4000", "skus=12", "demand.hot.skus=2")...)
		f := run(t, sim.Options{Scenario: sc, Engines: memory(t, s.strategy)})
		r := &f.Runs[0]
		o := r.Orders
		switch {
		case r.Error != "" || !r.Complete:
			t.Errorf("%d %v: %s", i, s, r.Error)
		case r.PromisesNoOversell && (r.Units.Oversold.ByCause.Engine != 0 || r.Verdict == result.Fail):
			t.Errorf("%d %v: verdict %s, by cause %+v", i, s, r.Verdict, r.Units.Oversold.ByCause)
		case o.Promised == 0 || o.Asked < o.Promised+o.Refused+o.Cancelled.Payment+o.Cancelled.PendingExpired:
			t.Errorf("%d %v: orders %+v", i, s, o)
		case r.Shop.Waiting != 0:
			t.Errorf("%d %v: %d orders wait for ever", i, s, r.Shop.Waiting)
		}
	}
}

// shape is one shop.
type shape struct {
	strategy string
	set      []string
}

// partsOfAShop are what can be chosen for one.
func partsOfAShop(t *testing.T) [][]string {
	t.Helper()
	var strategies []string
	for _, s := range memory(t) {
		strategies = append(strategies, s.Strategy())
	}
	return [][]string{
		strategies,
		{"polling", "webhook", "stream", "allocated", "unified"},
		{"cart", "checkout", "payment"},
		{"overflow={policy: reject}", "overflow={policy: pending, deadline: 2h}"},
		{"buffers={policy: none}", "buffers={policy: static, units: 2}", "buffers={policy: dynamic, z: 2}"},
		{"floor={till_share: 0}", "floor={till_share: 0.1}", "floor={till_share: 0.1, till_push: delta, count_every: 6h}"},
	}
}

func shapeOf(row []string) shape {
	set := []string{"holds.policy=" + row[2], row[3], row[4], row[5]}
	if row[1] != "allocated" {
		return shape{row[0], append(set, "sync.marketplaces="+row[1])}
	}
	shares := []float64{0.26, 0.1, 0.09, 0.05}
	for i, c := range []string{"amazon", "ebay", "walmart", "etsy"} {
		set = append(set, fmt.Sprintf("channels.%s={kind: marketplace, share: %g, sync: allocated, allocation: 0.2}", c, shares[i]))
	}
	return shape{row[0], set}
}

// covering picks rows greedily until each pair of values of two parts is in one.
func covering(parts [][]string) (rows [][]string) {
	type pair struct {
		i, j int
		a, b string
	}
	open := map[pair]bool{}
	for i := range parts {
		for j := i + 1; j < len(parts); j++ {
			for _, a := range parts[i] {
				for _, b := range parts[j] {
					open[pair{i, j, a, b}] = true
				}
			}
		}
	}
	for len(open) > 0 {
		row := make([]string, len(parts))
		for i := range parts {
			best := -1
			for _, v := range parts[i] {
				n := 0
				for p := range open {
					if p.j == i && p.b == v && row[p.i] == p.a || p.i == i && p.a == v {
						n++
					}
				}
				if n > best || n == best && v < row[i] {
					best, row[i] = n, v
				}
			}
		}
		for i := range parts {
			for j := i + 1; j < len(parts); j++ {
				delete(open, pair{i, j, row[i], row[j]})
			}
		}
		rows = append(rows, row)
	}
	return rows
}
