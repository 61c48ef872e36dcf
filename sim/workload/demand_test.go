package workload

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// fridays is a smaller Black Friday: its clock, its spike and its shoppers, with values replaced. Everybody's basket is looked at.
func fridays(t testing.TB, set ...string) *scenarios.Scenario {
	t.Helper()
	set = append([]string{"engines=[all]", "control=naive", "holds.policy=cart", "skus=4000", "demand.arrivals_per_day=200000"}, set...)
	sc, err := scenarios.Load("blackfriday", []string{"memory/naive"}, set)
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

// plans are a day's arrivals, each with lines of its own.
func plans(t testing.TB, d *Demand, seed uint64) []Plan {
	t.Helper()
	var all []Plan
	a := d.Arrivals(seed)
	for p := a.Next(); p != nil; p = a.Next() {
		q := *p
		q.Lines = slices.Clone(p.Lines)
		all = append(all, q)
		if n := len(all); q.Shopper != uint64(n) || n > 1 && q.At < all[n-2].At {
			t.Fatalf("arrival %d is shopper %d at %v, after one at %v", n, q.Shopper, q.At, all[max(0, n-2)].At)
		}
	}
	return all
}

// sigmas is by how many standard deviations a count of independent events is off.
func sigmas(got, want float64) float64 { return math.Abs(got-want) / math.Sqrt(want) }

// near fails unless got is within a share of want.
func near(t *testing.T, what string, got, want, share float64) {
	t.Helper()
	if !(math.Abs(got/want-1) <= share) {
		t.Errorf("%s: got %.5g, want %.5g within %.1f %%", what, got, want, 100*share)
	}
}

// between counts the arrivals from one time up to another.
func between(all []Plan, from, to time.Duration) int {
	first := func(at time.Duration) int {
		i, _ := slices.BinarySearchFunc(all, at, func(p Plan, at time.Duration) int { return cmp.Compare(p.At, at) })
		return i
	}
	return first(to) - first(from)
}

func TestArrivalsFollowTheRate(t *testing.T) {
	d := New(fridays(t), 1)
	all := plans(t, d, 1)
	near(t, "arrivals of the day", float64(len(all)), 200_000, 0.01)
	near(t, "arrivals planned", d.Planned(), 200_000, 1e-9)
	const width = 300 // seconds
	square, bins := 0.0, 0
	for from := 0; from < len(d.rate.site); from += width {
		want := 0.0
		for _, perSecond := range d.rate.site[from : from+width] {
			want += perSecond
		}
		off := sigmas(float64(between(all, time.Duration(from)*time.Second, time.Duration(from+width)*time.Second)), want)
		if square, bins = square+off*off, bins+1; off > 4 {
			t.Errorf("the five minutes from %v are off by %.1f standard deviations", time.Duration(from)*time.Second, off)
		}
	}
	// Chi-square has a mean of one for each bin, and a variance of two.
	if off := math.Abs(square-float64(bins)) / math.Sqrt(2*float64(bins)); off > 4 {
		t.Errorf("chi-square of %d bins is %.0f", bins, square)
	}
}

// hourMean is the mean of weights in hour h, where they run straight from the middle of one hour to the middle of the next.
func hourMean(w []float64, h int) float64 { return (w[(h+23)%24] + 6*w[h] + w[(h+1)%24]) / 8 }

// The peak is twelve times the mean rate of the day without its spike, as the scenario says, measured on arrivals alone.
func TestSpikeIsAMultipleOfItsBaseline(t *testing.T) {
	sc := fridays(t, "demand.arrivals_per_day=2000000", "demand.spike.ramp=10m")
	all := plans(t, New(sc, 1), 1)
	evening, weights, sum := float64(between(all, 16*time.Hour, 24*time.Hour)), 0.0, 0.0
	for h, w := range sc.Demand.Hourly {
		sum += w
		if h >= 16 {
			weights += hourMean(sc.Demand.Hourly, h)
		}
	}
	baseline := evening / (8 * 3600) / (weights / 8) * (sum / 24) // a second
	sp := sc.Demand.Spike
	perSecond := func(from, to time.Duration) float64 { return float64(between(all, from, to)) / (to - from).Seconds() }
	near(t, "peak ÷ baseline", perSecond(sp.At, sp.At+sp.Hold)/baseline, sp.Factor, 0.02)
	near(t, "a half-life later", perSecond(sp.At+sp.Hold+19*time.Minute, sp.At+sp.Hold+21*time.Minute)/baseline, sp.Factor/2, 0.02)
	near(t, "halfway up the ramp", perSecond(sp.At-6*time.Minute, sp.At-4*time.Minute)/baseline, sp.Factor/2, 0.03)
	if hour := perSecond(3*time.Hour, 4*time.Hour) / baseline; hour > 0.3 {
		t.Errorf("at night the rate is %.2f times the mean", hour)
	}
}

// What doorbusters gain in their burst, others lose: the site's own rate stays.
func TestBurstLeavesTheSiteItsRate(t *testing.T) {
	calm, burst := newRate(fridays(t, "demand.hot.burst=1")), newRate(fridays(t))
	if !slices.Equal(calm.site, burst.site) {
		t.Error("the burst changes how many come")
	}
	i := 9*3600 + 60
	hot, cold := burst.at(i, burst.hot, 1-burst.hot)
	near(t, "arrivals at the height of the burst", hot+cold, burst.site[i], 1e-9)
	hotCalm, coldCalm := calm.at(i, calm.hot, 1-calm.hot)
	near(t, "odds of a doorbuster against the day's", (hot/cold)/(hotCalm/coldCalm), 20, 1e-9)
}

// Consumers' baskets have a mean of 2.0 lines and a median of 1.
func TestBaskets(t *testing.T) {
	all := plans(t, New(fridays(t), 1), 1)
	lines, units, single := 0.0, 0.0, 0
	for i := range all {
		p := &all[i]
		lines += float64(len(p.Lines))
		if len(p.Lines) == 1 {
			single++
		}
		for j, l := range p.Lines {
			units += float64(l.Qty)
			if l.Qty < 1 || l.Qty > 3 || j > 0 && l.SKU < p.Lines[j-1].SKU {
				t.Fatalf("shopper %d has the lines %v", p.Shopper, p.Lines)
			}
		}
	}
	near(t, "mean lines", lines/float64(len(all)), 2.0, 0.01)
	near(t, "units a line", units/lines, 0.88+2*0.09+3*0.03, 0.01)
	if share := float64(single) / float64(len(all)); share < 0.55 || share > 0.58 {
		t.Errorf("%.3f of the baskets have one line; want 0.564, so that the median is 1", share)
	}
}

func TestShoppersDoWhatTheScenarioSays(t *testing.T) {
	sc := fridays(t)
	all := plans(t, New(sc, 1), 1)
	var own, leaveCart, stay, leaveCheckout, pays, failed, cancels, resends float64
	var browse []time.Duration
	channels := map[engines.Channel]float64{}
	for i := range all {
		p := &all[i]
		channels[p.Channel]++
		cancels += one(p.CancelAfter > 0)
		resends += one(p.Resend)
		if !p.Own {
			continue
		}
		own++
		browse = append(browse, p.CartAfter)
		if leaveCart += one(p.LeavesAtCart); p.LeavesAtCart {
			continue
		}
		stay++
		leaveCheckout += one(p.LeavesAtCheckout)
		pays += one(p.Pays)
		failed += one(p.FailedPayments > 0)
	}
	n := float64(len(all))
	for _, c := range sc.Channels {
		near(t, c.Name, channels[engines.Channel(c.Index)]/n, c.Share, 0.03)
	}
	sh := sc.Shopper
	near(t, "leave at the cart", leaveCart/own, sh.LeaveAtCart, 0.02)
	near(t, "leave at checkout", leaveCheckout/stay, sh.LeaveAtCheckout, 0.02)
	near(t, "fail to pay at first", failed/stay, sh.PaymentFailure, 0.04)
	// They try up to three times, each time after a failure with the chance of a retry.
	again := sh.PaymentFailure * sh.PaymentRetry
	near(t, "pay in the end", pays/stay, (1-sh.PaymentFailure)*(1+again+again*again), 0.01)
	near(t, "cancel", cancels/n, sh.CancelShare, 0.05)
	near(t, "send twice", resends/n, sh.ResendShare, 0.2)
	slices.Sort(browse)
	near(t, "median browse time", browse[len(browse)/2].Seconds(), sh.BrowseTime.Seconds(), 0.03)
}

func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// A new decision doesn't shift the others: each has a stream of its own.
func TestDecisionsDoNotShiftEachOther(t *testing.T) {
	base := plans(t, New(fridays(t), 0.1), 5)
	for name, set := range map[string]string{
		"cancel": "shopper.cancel_share=0.9", "pay": "shopper.payment_failure=0.9", "hold": "holds.policy=payment",
	} {
		other := plans(t, New(fridays(t, set), 0.1), 5)
		if len(other) != len(base) {
			t.Fatalf("%s: %d arrivals, %d before", name, len(other), len(base))
		}
		changed := 0
		for i := range base {
			a, b := &base[i], &other[i]
			if a.At != b.At || a.Channel != b.Channel || b.Buys() && !slices.Equal(a.Lines, b.Lines) {
				t.Fatalf("%s: shopper %d was %+v, is %+v", name, i+1, a, b)
			}
			if a.CancelAfter != b.CancelAfter || a.FailedPayments != b.FailedPayments {
				changed++
			}
		}
		if name != "hold" && changed == 0 {
			t.Errorf("%s: the setting changed nothing", name)
		}
	}
	again, another := plans(t, New(fridays(t), 0.1), 5), plans(t, New(fridays(t), 0.1), 6)
	if !slices.EqualFunc(base, again, samePlan) {
		t.Error("the same seed gives another day")
	}
	if slices.EqualFunc(base, another, samePlan) {
		t.Error("another seed gives the same day")
	}
}

func samePlan(a, b Plan) bool {
	same := slices.Equal(a.Lines, b.Lines)
	a.Lines, b.Lines = nil, nil
	return same && a.At == b.At && a.Channel == b.Channel && a.CancelAfter == b.CancelAfter && a.PayAfter == b.PayAfter
}
