package reports

import (
	"encoding/base64"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/doorbuster/doorbuster/sim/result"
)

// fixture is made-up test data in the shape of a day of ten strategies. No engine made it and no figure in it means anything:
// it is only plausible enough for a page to be looked at.
func fixture(t testing.TB) *result.File {
	t.Helper()
	f := &result.File{
		Schema: result.SchemaName, Scenario: "blackfriday (test data)", About: "Six channels, a 12× spike when the doors open, and doorbusters that sell out in minutes.",
		Complete: true, ElapsedS: 41.3,
		Card: result.Card{Commit: "test data", Go: "go1.26", OS: "linux/amd64", CPU: "none", Cores: 2, Started: "2026-01-01T00:00:00Z",
			Command: "doorbuster run blackfriday --seed 1 --out out/blackfriday", Servers: map[string]result.Server{}},
		Demand: result.Demand{
			Scale: 0.1, SKUs: 2000, SKUsAtScale1: 20000, DayS: 86400, Baseline: "the mean rate of the day without its spike",
			SpikeFactor: 12, SpikeFromS: 9 * 3600, SpikeToS: 10.5 * 3600, HotSKUs: 20, HotShare: 0.11, HotShareAtScale1: 0.09, Source: "synthetic",
			HoldPolicy: "checkout", Sync: "unified", Storage: "test storage: 0.5 ms there and back, 16 servers", StorageSource: "made up for this test",
			Control: "naive", Pressure: true, ConfigHash: "0123456789abcdef",
			Idealisations: []string{"Every channel asks the engine before it promises (unified). Real marketplaces promise on the quantity they display."},
		},
	}
	for i, s := range fixtureStrategies {
		f.Runs = append(f.Runs, fixtureRun(t, s, uint64(i)))
	}
	f.Summaries = fixtureSummaries(f.Runs)
	return f
}

// fixtureSummaries has the intervals that sim would give: exact ones for what never happened, Student's t over seeds, none for one seed.
func fixtureSummaries(runs []result.Run) (all []result.Summary) {
	by := map[string]int{}
	for _, r := range runs {
		key := r.Engine + "@" + r.Variant
		i, ok := by[key]
		if !ok {
			i = len(all)
			by[key] = i
			all = append(all, result.Summary{Engine: r.Engine, Variant: r.Variant, Mode: r.Mode})
		}
		s := &all[i]
		s.Runs++
		method := result.NoInterval
		if s.Runs > 1 {
			method = result.StudentT
		}
		s.Rates = nil
		for i, name := range []string{"oversell", "cancellation", "fill_rate"} {
			x := []float64{r.Rates.Oversell, r.Rates.Cancellation, r.Rates.FillRate}[i]
			rate := result.RateInterval{Name: name, Mean: x, Low: x * 0.9, High: min(1, x*1.1), Events: int64(x * 1e6), Trials: 1_000_000, Method: method}
			if x == 0 {
				rate.High, rate.Method = 3.7e-6, result.ClopperPearson
			}
			s.Rates = append(s.Rates, rate)
		}
	}
	return all
}

type fixtureStrategy struct {
	name     string
	promises bool
	oversold int64
	falsely  int64
	stranded int64
	median   float64 // ms
	spread   float64 // of the logarithm
	spiked   float64 // how many times slower the spike is
}

var fixtureStrategies = []fixtureStrategy{
	{"naive", false, 3412, 0, 0, 2.1, 0.35, 2},
	{"pessimistic", true, 0, 210, 0, 3.2, 0.9, 60},
	{"nowait", true, 0, 48120, 0, 3.4, 0.7, 8},
	{"optimistic", true, 0, 21930, 0, 3.0, 0.6, 14},
	{"conditional", true, 0, 12, 0, 1.4, 0.4, 4},
	{"lock", false, 57, 1830, 0, 5.6, 0.8, 45},
	{"fenced", true, 0, 1902, 0, 5.9, 0.8, 47},
	{"serializable", true, 0, 33010, 0, 4.4, 0.9, 30},
	{"queue", true, 0, 9, 0, 4.1, 0.3, 3},
	{"quota", true, 0, 9120, 20480, 1.5, 0.4, 3.5},
}

func fixtureRun(t testing.TB, s fixtureStrategy, n uint64) result.Run {
	t.Helper()
	const asked, supply = 1_702_311, 1_610_400
	r := result.Run{
		Engine: "memory/" + s.name, About: "Test data for " + s.name + ".", Mode: result.Virtual, Seed: 1, PromisesNoOversell: s.promises,
		Complete: true, Valid: true, Verdict: result.Pass, Events: 5_012_331, Operations: 4_406_122, ElapsedS: 3.2 + float64(n)/3,
		Contention: map[string]int64{"lock_waits": s.falsely * 3, "retries": s.falsely * 7, "lease_expiries": s.oversold % 100},
	}
	if !s.promises {
		r.Unsafe = "another write may come between its read and its write"
	}
	promised := asked*6/10 - s.falsely + s.oversold
	r.Units = result.Units{Supply: supply, Opening: supply - 60000, Received: 40000, Returned: 20000, Asked: asked * 2, Promised: promised * 3 / 2,
		Oversold: result.Oversold{Min: s.oversold, Max: s.oversold, ByCause: result.ByCause{Engine: s.oversold}}, OvercommittedPeak: s.oversold, Stranded: s.stranded, LeftAtClose: 80000 + s.stranded}
	r.Orders = result.Orders{Asked: asked, Promised: promised, Refused: asked/4 + s.falsely, RefusedFalsely: s.falsely, Oversold: s.oversold * 9 / 10,
		FalseBy: map[string]int64{"contended": s.falsely}, Cancelled: result.Cancelled{SellerOversold: s.oversold * 9 / 10, Buyer: 20000}}
	r.Rates = result.Rates{Oversell: share(s.oversold, promised), Cancellation: share(s.oversold*9/10, promised), Conversion: share(promised, asked),
		FalseRefusal: share(s.falsely, asked/4+s.falsely), FillRate: 0.62 - float64(s.stranded)/1e6, SellThrough: 0.93}
	r.Load = result.Load{Planned: 4_400_000, Started: 4_400_000, PeakPerS: 694.4, PoolPeak: 40 + int(n), QueuePeak: 12 * int(n), StorageBusy: 0.71}
	fixtureSeries(&r, s, rand.New(rand.NewPCG(7, n)))
	fixtureLatency(t, &r, s, rand.New(rand.NewPCG(8, n)))
	fixtureChecks(&r, s)
	for i, name := range []string{"amazon", "ebay", "walmart", "shopify", "woocommerce", "etsy"} {
		weight := []int64{26, 10, 9, 32, 18, 5}[i]
		c := result.Channel{Name: name, Kind: "marketplace", Asked: asked * weight / 100, Promised: promised * weight / 100, Cancelled: s.oversold * weight / 111}
		if name == "shopify" || name == "woocommerce" {
			c.Kind = "own"
		}
		c.Refused, c.CancellationRate = c.Asked/4, share(c.Cancelled, c.Promised)
		r.Channels = append(r.Channels, c)
	}
	for i := range 8 {
		r.Hot = append(r.Hot, result.HotSKU{SKU: fmt.Sprintf("doorbuster-%02d", i+1), Supply: 4000, Asked: 11000, Promised: 4000 + s.oversold/20, Oversold: s.oversold / 20, SoldOutMS: 32_460_000 + int64(i)*17_313})
	}
	if s.oversold > 0 {
		r.Examples = []result.Example{{Order: 88121, SKU: "doorbuster-01", Channel: "shopify", AtMS: 32_461_220, Story: []string{
			"09:01:01.204 order 88121 reads 1 available", "09:01:01.206 order 88119 is promised the last unit", "09:01:01.220 order 88121 is promised one more"}}}
	}
	return r
}

func fixtureSeries(r *result.Run, s fixtureStrategy, rnd *rand.Rand) {
	r.Series.IntervalS = 60
	stock, sold, over := int64(80000), int64(0), int64(0)
	for m := range 1440 {
		burst := 0.0
		if m >= 540 {
			burst = math.Exp2(-float64(m-540) / 30)
		}
		rate := 700*(1+0.6*math.Sin(float64(m-480)/1440*2*math.Pi)) + 8400*burst
		asked := int64(rate * (0.95 + 0.1*rnd.Float64()))
		want := int64(12 + 2100*burst)
		if m == 780 {
			stock += 4000
		}
		take := max(0, min(want, stock-sold))
		if want > take && over < s.oversold {
			extra := min(s.oversold-over, want-take, 1+s.oversold/12)
			take, over = take+extra, over+extra
		}
		sold += take
		refused := (want - take) * 2
		slow := s.median * (1 + (s.spiked-1)*burst)
		a := &r.Series
		a.Asked = append(a.Asked, asked)
		a.SoldOut = append(a.SoldOut, min(refused, asked/2))
		a.OtherRefused = append(a.OtherRefused, int64(float64(s.falsely)*burst/44))
		a.Promised = append(a.Promised, asked*6/10-min(refused, asked/2)/2)
		a.SupplyUnits = append(a.SupplyUnits, stock)
		a.PromisedUnits = append(a.PromisedUnits, sold)
		a.OversoldUnits = append(a.OversoldUnits, over)
		a.P50MS = append(a.P50MS, slow*(0.95+0.1*rnd.Float64()))
		a.P99MS = append(a.P99MS, slow*math.Exp(2.33*s.spread)*(0.9+0.2*rnd.Float64()))
		late := 0.0
		if refused > 0 {
			late = slow * 1.3
		}
		a.RefusedP99MS = append(a.RefusedP99MS, late)
		a.InEngine = append(a.InEngine, int64(3+s.spiked*6*burst*rnd.Float64()))
		a.Waiting = append(a.Waiting, int64(max(0, s.spiked-20)*9*burst*rnd.Float64()))
		a.OperationsPerS = append(a.OperationsPerS, rate/24)
	}
}

func fixtureLatency(t testing.TB, r *result.Run, s fixtureStrategy, rnd *rand.Rand) {
	t.Helper()
	histogram := func(n int, factor float64) (string, result.Percentiles) {
		h := hdrhistogram.New(1, 60_000_000, 3)
		for i := range n {
			us := s.median * factor * 1000 * math.Exp(s.spread*rnd.NormFloat64())
			if i%5 == 0 {
				us *= 1 + (s.spiked-1)*rnd.Float64()
			}
			if err := h.RecordValue(int64(us)); err != nil {
				t.Fatal(err)
			}
		}
		encoded, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := base64.StdEncoding.DecodeString(string(encoded)); err != nil {
			t.Fatal(err)
		}
		at := func(p float64) float64 { return float64(h.ValueAtPercentile(p)) / 1000 }
		return string(encoded), result.Percentiles{Count: int64(n), P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: float64(h.Max()) / 1000}
	}
	r.Histograms.IntendedServed, r.LatencyMS.Intended = histogram(60000, 1)
	r.Histograms.ServiceServed, r.LatencyMS.Service = histogram(60000, 0.8)
	r.Histograms.IntendedRefused, r.RefusedMS.Intended = histogram(9000, 1.3)
	r.Histograms.ServiceRefused, r.RefusedMS.Service = histogram(9000, 1.1)
}

func fixtureChecks(r *result.Run, s fixtureStrategy) {
	replay := "doorbuster run blackfriday --engine " + r.Engine + " --seed 1 --scale 0.1"
	sold := result.Check{Name: "oversold", Promised: s.promises, Verdict: result.Pass, Limit: "0 units", Actual: "0 units", Evidence: r.Units.Promised, Replay: replay,
		Detail: "no promise went beyond the stock that was there", NotSeen: "a unit that the shop's own count had wrong from the start"}
	if s.oversold > 0 {
		sold.Verdict, sold.Actual, sold.FirstAtMS = result.Fail, count(s.oversold)+" units", 32_461_220
		sold.Detail = count(s.oversold) + " promised units had no stock behind them."
	}
	versions := result.Check{Name: "version_order", Promised: true, Verdict: result.Pass, Evidence: r.Events, Limit: "0 stocks that a reply claimed and replaying denies", Actual: "0", Replay: replay, NotSeen: "operations that changed nothing"}
	if s.name == "nowait" {
		versions.Verdict, versions.Detail, versions.Evidence = result.NotChecked, "its replies carry no versions", 0
	}
	r.Checks = []result.Check{sold, versions,
		{Name: "conservation", Promised: true, Verdict: result.Pass, Limit: "0 SKUs out of balance", Actual: "0", Evidence: 2000, Replay: replay, NotSeen: "an engine that oversells with balanced books"},
		{Name: "once", Promised: true, Verdict: result.Pass, Limit: "0 operations applied twice", Actual: "0", Evidence: 4402, Replay: replay}}
}
