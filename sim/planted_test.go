package sim_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
)

// runPlanted runs shops through the flash sale, beside a control without locks.
func runPlanted(t *testing.T, shops ...engines.Spec) *result.File {
	t.Helper()
	return runPlantedIn(t, "checkout", shops...)
}

func runPlantedIn(t *testing.T, policy string, shops ...engines.Spec) *result.File {
	t.Helper()
	sc := flashSale(t, "skus=12", "demand.basket_lines=[1, 1, 1, 1]", "demand.line_units=[2, 1, 1]", "stock.returns=0.01", "stock.cover=0.4",
		"holds.policy="+policy) // one SKU often stands in several lines
	return run(t, sim.Options{Scenario: sc, Engines: shops, Catalog: []engines.Spec{planted("naive", lockless)}})
}

// Without a bug the shop passes everything that it promises, so that what the others fail is their bug.
func TestSoundShopPasses(t *testing.T) {
	r := of(t, runPlanted(t, planted("sound", sound)), "planted/sound")
	if !r.Valid || r.Verdict != result.Pass || len(failed(r)) > 0 {
		t.Errorf("valid %v, verdict %s, failed %v, invalid: %v", r.Valid, r.Verdict, failed(r), r.Invalid)
	}
	for _, name := range []string{"oversold", "versions", "conservation", "phantom", "once", "holds", "liveness"} {
		if c := check(t, r, name); c.Verdict != result.Pass || c.Evidence == 0 {
			t.Errorf("%s: %s with %d pieces of evidence: %s", name, c.Verdict, c.Evidence, c.Detail)
		}
	}
}

// Each bug fails the checks that are there for it. Where others pass, that is as telling: no check alone catches all of them.
func TestPlantedBugsAreCaught(t *testing.T) {
	tests := []struct {
		name   string
		bug    bug
		fails  []string
		passes []string
	}{
		{"lockless", lockless, []string{"oversold", "versions"}, []string{"phantom", "once", "holds"}},
		{"lines-alone", linesAlone, []string{"versions"}, []string{"conservation", "phantom", "once", "holds"}},
		{"blind-lock", blindLock, []string{"oversold", "versions"}, []string{"phantom", "once", "holds"}},
		{"cancel-twice", cancelTwice, []string{"oversold", "versions", "conservation"}, []string{"phantom", "once", "holds"}},
		{"late-payment", latePayment, []string{"oversold", "conservation", "holds"}, []string{"versions", "once"}},
		{"no-memory", noMemory, []string{"versions", "once"}, []string{"oversold", "phantom", "holds"}},
		{"never-expires", neverExpires, []string{"phantom", "holds"}, []string{"oversold", "conservation", "once"}},
		{"leaky-refusal", leakyRefusal, []string{"versions", "conservation"}, []string{"oversold", "phantom", "once", "holds"}},
		{"phantom-sales", phantomSales, []string{"oversold", "phantom"}, []string{"versions", "conservation", "once", "holds"}},
	}
	var shops []engines.Spec
	for _, test := range tests {
		shops = append(shops, planted(test.name, test.bug))
	}
	f := runPlanted(t, shops...)
	for _, test := range tests {
		r := of(t, f, "planted/"+test.name)
		if !r.Complete || r.Error != "" || r.Verdict != result.Fail {
			t.Errorf("%s: complete %v, verdict %s, error %q; want a complete run that fails", test.name, r.Complete, r.Verdict, r.Error)
		}
		expect(t, r, result.Fail, test.fails)
		expect(t, r, result.Pass, test.passes)
	}
}

func expect(t *testing.T, r *result.Run, verdict string, names []string) {
	t.Helper()
	for _, name := range names {
		if c := check(t, r, name); c.Verdict != verdict {
			t.Errorf("%s: check %s says %s (%s), want %s", r.Engine, name, c.Verdict, c.Detail, verdict)
		}
	}
}

// Units that vanish with an expired hold still stand in the books, but no order holds them; and those who were refused tell.
func TestVanishedUnitsAreMissed(t *testing.T) {
	r := of(t, runPlanted(t, planted("vanishing", vanishing)), "planted/vanishing")
	expect(t, r, result.Fail, []string{"conservation", "refused_falsely"})
	if r.Verdict != result.Fail {
		t.Errorf("verdict %s, want fail", r.Verdict)
	}
	if r.Orders.FalseBy["stock_not_offered"] == 0 {
		t.Errorf("refused falsely by reason: %v; want some for stock that wasn't offered", r.Orders.FalseBy)
	}
}

// Where stock is held, a unit held beyond stock may come back from somebody who doesn't pay. Where it is sold at once, it is oversold,
// and the books balance all the same.
func TestLinesValidatedAloneOversell(t *testing.T) {
	r := of(t, runPlantedIn(t, "payment", planted("lines-alone", linesAlone)), "planted/lines-alone")
	if r.Verdict != result.Fail || r.Units.Oversold.Min == 0 {
		t.Errorf("verdict %s, oversold %+v", r.Verdict, r.Units.Oversold)
	}
	expect(t, r, result.Fail, []string{"oversold", "versions"})
	expect(t, r, result.Pass, []string{"conservation", "phantom", "once"})
}

// An engine that doesn't promise no oversell does as it promised when it oversells. It promises all the same that a repeated
// operation takes effect once.
func TestVerdictIsOnWhatIsPromised(t *testing.T) {
	honest, forgetful := planted("honest", blindLock), planted("forgetful", noMemory)
	honest.PromisesNoOversell, forgetful.PromisesNoOversell = false, false
	f := runPlanted(t, honest, forgetful)
	r := of(t, f, "planted/honest")
	if c := check(t, r, "oversold"); r.Verdict != result.Pass || c.Verdict != result.Fail || c.Promised {
		t.Errorf("verdict %s, oversold %s, promised %v; want pass, fail, false", r.Verdict, c.Verdict, c.Promised)
	}
	r = of(t, f, "planted/forgetful")
	if c := check(t, r, "once"); r.Verdict != result.Fail || !c.Promised {
		t.Errorf("verdict %s, once promised %v; want fail, true", r.Verdict, c.Promised)
	}
}

// An oversold unit is counted once: what was promised of each SKU, less what there was of it.
func TestOversoldIsWhatWasPromisedBeyondSupply(t *testing.T) {
	sc := flashSale(t, "shopper.cancel_share=0", "skus=5", "demand.hot.skus=1")
	f := run(t, sim.Options{Scenario: sc, Engines: memory(t, "naive")})
	r, beyond := of(t, f, "memory/naive"), int64(0)
	for _, sku := range r.Hot {
		beyond += max(0, sku.Promised-sku.Supply)
	}
	if beyond == 0 || len(r.Hot) != 5 {
		t.Fatalf("%d units beyond supply in %d SKUs: this day tests nothing", beyond, len(r.Hot))
	}
	// Returns that come after an oversell fill the gap that it left, so the units are at least those.
	if o := r.Units.Oversold; o.Min < beyond || o.Min != o.Max || o.ByCause.Engine != o.Min {
		t.Errorf("oversold %+v; promised beyond the day's supply: %d", o, beyond)
	}
}

// What is cancelled is sold again, and still no more than everything can be sold.
func TestRatesAreShares(t *testing.T) {
	f := run(t, sim.Options{Scenario: flashSale(t, "stock={cover: 0.3, hot_cover: 0.2, minimum: 1, ship_after: 5m, returns: 0}",
		"shopper.cancel_share=0.5"), Engines: memory(t)})
	for i := range f.Runs {
		r := &f.Runs[i]
		if r.Units.Promised <= r.Units.Supply {
			t.Errorf("%s promised %d units of %d: nothing was sold twice", r.Engine, r.Units.Promised, r.Units.Supply)
		}
		for name, rate := range map[string]float64{
			"oversell": r.Rates.Oversell, "cancellation": r.Rates.Cancellation, "conversion": r.Rates.Conversion,
			"false refusal": r.Rates.FalseRefusal, "fill rate": r.Rates.FillRate, "sell-through": r.Rates.SellThrough,
		} {
			if !(rate >= 0 && rate <= 1) {
				t.Errorf("%s: %s is %v", r.Engine, name, rate)
			}
		}
		if r.Rates.SellThrough < 0.3 {
			t.Errorf("%s: sell-through is %v of a day that sold out", r.Engine, r.Rates.SellThrough)
		}
	}
}

// stepless is a world in which a round trip takes no time and lets nobody else run.
type stepless struct{ engines.Env }

func (stepless) Step(context.Context, ...engines.Key) error { return nil }

// A control that can't oversell shows that the day proves nothing, however many engines pass it.
func TestControlThatDoesNotOversellMakesRunsInvalid(t *testing.T) {
	naive := memory(t, "naive")[0]
	open := naive.Open
	naive.Open = func(ctx context.Context, s engines.Setup) (engines.Engine, error) {
		s.Env = stepless{s.Env}
		return open(ctx, s)
	}
	o := sim.Options{Scenario: flashSale(t), Engines: memory(t, "conditional"), Catalog: []engines.Spec{naive}}
	f := run(t, o)
	r := of(t, f, "memory/conditional")
	if r.Valid || r.Verdict != result.Unknown || len(failed(r)) > 0 {
		t.Errorf("valid %v, verdict %s, failed %v; want an invalid run of unknown verdict", r.Valid, r.Verdict, failed(r))
	}
	if !slices.ContainsFunc(r.Invalid, func(why string) bool {
		return strings.Contains(why, "memory/naive did not oversell")
	}) {
		t.Errorf("reasons why it is invalid: %q", r.Invalid)
	}
	if n := of(t, f, "memory/naive"); !n.IsControl || n.Units.Oversold.Min != 0 || n.Orders.Promised == 0 {
		t.Errorf("control %v, oversold %d of %d promises", n.IsControl, n.Units.Oversold.Min, n.Orders.Promised)
	}
	o.Scenario.Pressure = false
	if r := of(t, run(t, o), "memory/conditional"); !r.Valid || r.Verdict != result.Pass {
		t.Errorf("without pressure: valid %v, verdict %s; want a pass, which needs no control", r.Valid, r.Verdict)
	}
}
