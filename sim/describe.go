package sim

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/audit"
	"github.com/doorbuster/doorbuster/sim/driver"
	"github.com/doorbuster/doorbuster/sim/ledger"
	"github.com/doorbuster/doorbuster/sim/result"
)

// describe writes a run down.
func (j *job) describe(a *account, o *Options) result.Run {
	r := result.Run{
		Engine: j.spec.Name, About: j.spec.About, Variant: j.scenario.Variant, Mode: j.mode(), Seed: j.seed,
		PromisesNoOversell: j.spec.PromisesNoOversell, Unsafe: j.spec.Unsafe, IsControl: j.control,
		Complete: a.complete, Valid: a.complete, Verdict: result.Unknown,
		Contention: map[string]int64{}, Wall: j.wallDay(), Errors: errorsSeen(&a.stats),
	}
	if a.err != nil {
		r.Error = a.err.Error()
		if errors.Is(a.err, context.Canceled) {
			r.Error = "interrupted"
		}
		r.Invalid = append(r.Invalid, "It did not run to its end: "+r.Error)
	}
	if a.ledger == nil || a.verdicts.Checks == nil {
		return r
	}
	t := a.ledger.Totals()
	r.Units, r.Orders = units(&t, &a.verdicts), orders(&t, &a.verdicts)
	r.Rate(float64(sold(a.ledger)))
	r.Funnel = result.Funnel(a.stats.Funnel)
	r.LatencyMS = result.LatencyMS{Intended: percentiles(a.ledger.Intended(true)), Service: percentiles(a.ledger.Service(true))}
	r.RefusedMS = result.LatencyMS{Intended: percentiles(a.ledger.Intended(false)), Service: percentiles(a.ledger.Service(false))}
	r.Histograms = result.Histograms{
		IntendedServed: encode(a.ledger.Intended(true)), IntendedRefused: encode(a.ledger.Intended(false)),
		ServiceServed: encode(a.ledger.Service(true)), ServiceRefused: encode(a.ledger.Service(false)),
	}
	r.Series = series(a)
	r.Load = load(a, &r.Series)
	for c, n := range a.stats.Counts {
		r.Contention[engines.Counter(c).String()] = n
	}
	r.Events, r.Operations = t.Events, t.Operations
	r.Channels = channelsOf(a, j.scenario)
	r.Hot = hottest(a, j)
	r.Examples = examples(a, j)
	if a.shop != nil {
		j.describeShop(&r, a.shop)
	}
	r.Checks = j.checks(a, o)
	r.Verdict = verdict(&r)
	switch why := overloaded(&r); {
	case j.fit == nil:
	case j.control: // what it is there to show, it shows at any load
		r.Warnings = append(r.Warnings, why...)
	default:
		invalidate(&r, why...)
	}
	return r
}

func units(t *ledger.Totals, v *audit.Verdicts) result.Units {
	return result.Units{
		Supply: t.Supply(), Opening: t.Opening, Received: t.Received, Returned: t.Returned,
		Asked: t.UnitsAsked, Promised: t.UnitsPromised,
		Oversold:          result.Oversold{Min: v.Oversold.Min, Max: v.Oversold.Max, ByCause: result.ByCause(v.ByCause)},
		OvercommittedPeak: v.OvercommittedPeak, HeldBeyondPeak: v.HeldBeyondPeak,
		Stranded: v.Stranded, LeftAtClose: v.LeftAtClose,
	}
}

func orders(t *ledger.Totals, v *audit.Verdicts) result.Orders {
	o := result.Orders{
		Asked: t.Asked, Promised: t.Promised, Refused: t.Refused, Unknown: t.Unknown,
		RefusedFalsely: v.RefusedFalsely, FalseBy: v.FalseBy, RefusedBy: map[string]int64{}, Oversold: v.OrdersOversold,
		Cancelled: result.Cancelled{SellerOversold: v.SellerOversold, Buyer: t.CancelledBuyer, Payment: t.CancelledPayment},
	}
	for outcome, n := range t.RefusedBy {
		if n > 0 {
			o.RefusedBy[engines.Outcome(outcome).String()] = n
		}
	}
	return o
}

// sold is the units that customers keep: promised, backed and not cancelled. A unit that is sold again after a
// cancellation counts once.
func sold(l *ledger.Ledger) (units int64) {
	for sku := range l.SKUs() {
		f := l.SKU(engines.SKU(sku))
		units += min(f.Promised, f.Supply)
	}
	return units
}

// ratio of nothing to nothing is 0.
func ratio(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

func percentiles(h *hdrhistogram.Histogram) result.Percentiles {
	if h.TotalCount() == 0 {
		return result.Percentiles{}
	}
	ms := func(q float64) float64 { return inMS(h, q) }
	return result.Percentiles{
		Count: h.TotalCount(), P50: ms(50), P90: ms(90), P99: ms(99), P999: ms(99.9), Max: float64(h.Max()) / 1000,
	}
}

func inMS(h *hdrhistogram.Histogram, percent float64) float64 {
	return float64(h.ValueAtQuantile(percent)) / 1000
}

// errorsSeen are the driver's, on the clock of the run.
func errorsSeen(s *driver.Stats) (all []result.RunError) {
	for _, e := range s.Errors {
		all = append(all, result.RunError{Message: e.Message, Count: e.Count, FirstMS: milliseconds(e.First), LastMS: milliseconds(e.Last)})
	}
	return all
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func encode(h *hdrhistogram.Histogram) string {
	b, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		panic(err) // it writes to memory
	}
	return string(b)
}

func series(a *account) result.Series {
	s := a.ledger.Series()
	n := len(s.Asked)
	return result.Series{
		IntervalS: s.Interval.Seconds(), Asked: s.Asked, Promised: s.Promised, SoldOut: s.SoldOut, OtherRefused: s.OtherRefused,
		SupplyUnits: s.SupplyUnits, PromisedUnits: s.PromisedUnits, OversoldUnits: s.OversoldUnits,
		P50MS: s.P50MS, P99MS: s.P99MS, RefusedP99MS: s.RefusedP99MS,
		InEngine: padded(a.stats.InEngine, n), Waiting: padded(a.stats.Waiting, n), OperationsPerS: s.OperationsPerS,
	}
}

// padded gives what the driver counted the series' length: after the last arrival it no longer counts.
func padded(v []int64, n int) []int64 {
	out := make([]int64, n)
	copy(out, v)
	return out
}

func load(a *account, s *result.Series) result.Load {
	l := result.Load{
		Planned: a.stats.Planned, Started: a.stats.Started, Dropped: a.stats.Planned - a.stats.Started,
		PoolPeak: a.stats.PoolPeak, QueuePeak: a.stats.QueuePeak, CoroutinesPeak: a.stats.Coroutines, StorageBusy: a.stats.BusyPeak,
	}
	if lag := a.stats.Lag; lag != nil {
		l.LagMSP50, l.LagMSP99, l.LagMSMax = inMS(lag, 50), inMS(lag, 99), float64(lag.Max())/1000
	}
	for _, perS := range s.OperationsPerS {
		l.PeakPerS = max(l.PeakPerS, perS)
	}
	return l
}

func channelsOf(a *account, sc *scenarios.Scenario) []result.Channel {
	var out []result.Channel
	for _, c := range sc.Channels {
		n, cancelled := a.ledger.Channel(engines.Channel(c.Index)), int64(0)
		if by := a.verdicts.SellerOversoldBy; c.Index < len(by) {
			cancelled = by[c.Index]
		}
		out = append(out, result.Channel{
			Name: c.Name, Kind: c.Kind, Asked: n.Asked, Promised: n.Promised, PromisedUnits: n.PromisedUnits, Refused: n.Refused,
			Cancelled: cancelled, CancellationRate: ratio(cancelled, n.Promised),
		})
	}
	return out
}

// hotShown is how many of the SKUs most asked for a result names.
const hotShown = 20

func hottest(a *account, j *job) []result.HotSKU {
	skus := make([]engines.SKU, a.ledger.SKUs())
	for i := range skus {
		skus[i] = engines.SKU(i)
	}
	asked := func(s engines.SKU) int64 { return a.ledger.SKU(s).Asked }
	slices.SortStableFunc(skus, func(x, y engines.SKU) int { return cmp.Compare(asked(y), asked(x)) })
	var out []result.HotSKU
	for _, s := range skus[:min(hotShown, len(skus))] {
		f := a.ledger.SKU(s)
		h := result.HotSKU{
			SKU: j.demand.Names(s), Supply: f.Supply, Asked: f.Asked, Promised: f.Ever,
			Oversold: a.verdicts.OversoldBySKU[s], SoldOutMS: -1,
		}
		if a.shop != nil {
			h.Oversold = a.shop.Book.Oversold(s)
		}
		if at := a.ledger.SoldOutAt(s); at >= 0 {
			h.SoldOutMS = at.Milliseconds()
		}
		out = append(out, h)
	}
	return out
}

func examples(a *account, j *job) []result.Example {
	var out []result.Example
	for _, e := range a.verdicts.Examples {
		out = append(out, result.Example{
			Order: uint64(e.Order), SKU: j.demand.Names(e.SKU), Channel: scenarios.Sources[e.Channel],
			AtMS: e.At.Round(time.Millisecond).Milliseconds(), Story: e.Story,
		})
	}
	return out
}
