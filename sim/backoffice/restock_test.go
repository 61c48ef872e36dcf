package backoffice

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// example is the article's supplier: 7 days, and 20 % on top.
var example = scenarios.Restock{LeadTime: 7 * day, Safety: 0.2, CoverFor: 7 * day}

func at(units int64) func(engines.SKU) int64 { return func(engines.SKU) int64 { return units } }

// TestReorderPoint: 10 a day, 7 days and 20 % are 84, as the article has it.
func TestReorderPoint(t *testing.T) {
	for _, c := range []struct {
		daily  float64
		lead   time.Duration
		safety float64
		want   int64
	}{
		{10, 7 * day, 0.2, 84},
		{10, 7 * day, 0, 70},
		{0.5, 3 * day, 0, 2}, // 1.5 units
		{10, 12 * time.Hour, 0.1, 6},
		{10, 0, 0.2, 0},
	} {
		if got := ReorderPoint(c.daily, c.lead, c.safety); got != c.want {
			t.Errorf("%g a day, %v, %g: %d, want %d", c.daily, c.lead, c.safety, got, c.want)
		}
	}
}

// TestReview takes the article's SKU through an order: at 85 units nothing is ordered, at 84 a week's sales.
func TestReview(t *testing.T) {
	r := NewRestock(example, 1, []float64{10})
	if got := r.Review(0, at(85)); len(got) != 0 {
		t.Errorf("with 85 units, %v is ordered", got)
	}
	placed := slices.Clone(r.Review(0, at(84)))
	if want := []PurchaseOrder{{0, 70, 7 * day}}; !slices.Equal(placed, want) {
		t.Fatalf("with 84 units, %v is ordered, want %v", placed, want)
	}
	if got := r.Review(0, at(84)); len(got) != 0 {
		t.Errorf("with 84 units and 70 on order, %v is ordered", got)
	}
	if in, ok := r.AvailableIn(day, 0); !ok || in != 6*day {
		t.Errorf("after a day more is there in %v (%v), want 6 days", in, ok)
	}
	if in, _ := r.AvailableIn(8*day, 0); in != 0 {
		t.Errorf("an order that is due is there in %v, want 0", in)
	}
	if got := r.Review(0, at(-60)); len(got) != 1 || got[0].Units != 140 {
		t.Errorf("60 owed and 70 on order: %v, want twice the usual 70, for 80 would still be below 84", got)
	}
	r.Arrived(placed[0])
	if got := r.OnOrder(0); got != 140 {
		t.Errorf("%d units are on order when the first order has arrived, want 140", got)
	}
	r.Arrived(PurchaseOrder{0, 140, 7 * day})
	if _, ok := r.AvailableIn(day, 0); ok || r.OnOrder(0) != 0 {
		t.Error("something is on order when all has arrived")
	}
}

// TestSalesMove: mean daily sales follow what is sold. A SKU that was never sold isn't ordered.
func TestSalesMove(t *testing.T) {
	r := NewRestock(example, 1, []float64{0})
	if got := r.Review(0, at(0)); len(got) != 0 {
		t.Errorf("%v of what nobody buys", got)
	}
	for hour := range 60 * 24 {
		r.Sold(time.Duration(hour)*time.Hour, 0, 1)
	}
	got := r.Review(60*day, at(0))
	if len(got) != 1 || math.Abs(float64(got[0].Units)-2*24*7) > 4 { // a reorder point of 202 needs two times a week's 168
		t.Errorf("24 a day for two months: %v, want about %d units", got, 2*24*7)
	}
}

// TestReviewLifts: after a review, projected stock of what sells is above the reorder point, and what is on order is what was
// placed and has not arrived.
func TestReviewLifts(t *testing.T) {
	check := func(r *rapid.T, arrived func(*Restock, PurchaseOrder)) (problem string) {
		daily := rapid.SliceOfN(rapid.Float64Range(0, 50), 1, 4).Draw(r, "daily")
		restock := NewRestock(example, 7, daily)
		owed, placed := make([]int64, len(daily)), []PurchaseOrder{}
		for range rapid.IntRange(1, 8).Draw(r, "reviews") {
			position := rapid.Int64Range(-200, 400).Draw(r, "position")
			for _, p := range restock.Review(0, at(position)) {
				placed = append(placed, p)
				owed[p.SKU] += p.Units
			}
			for sku := range owed {
				projected := position + restock.OnOrder(engines.SKU(sku))
				if restock.OnOrder(engines.SKU(sku)) != owed[sku] {
					problem = fmt.Sprintf("%d units of SKU %d are on order, want %d", restock.OnOrder(engines.SKU(sku)), sku, owed[sku])
				}
				if point := ReorderPoint(daily[sku], example.LeadTime, example.Safety); daily[sku] > 0 && projected <= point {
					problem = fmt.Sprintf("projected stock of SKU %d is %d, its reorder point %d", sku, projected, point)
				}
			}
			if len(placed) > 0 && rapid.Bool().Draw(r, "arrives") {
				arrived(restock, placed[0])
				owed[placed[0].SKU] -= placed[0].Units
				placed = placed[1:]
			}
		}
		return problem
	}
	caught := 0
	rapid.Check(t, func(r *rapid.T) {
		if problem := check(r, (*Restock).Arrived); problem != "" {
			r.Error(problem)
		}
		if check(r, func(*Restock, PurchaseOrder) {}) != "" {
			caught++
		}
	})
	if caught == 0 {
		t.Error("orders that never arrive pass")
	}
}

// TestLeadTime: over many orders its mean is the rule's and its median e^(-s²/2) of that. It hangs on seed, SKU and the number of
// the order alone.
func TestLeadTime(t *testing.T) {
	rule := example
	rule.LeadSigma = 0.5
	const skus = 20_000
	daily := make([]float64, skus)
	for sku := range daily {
		daily[sku] = 1
	}
	leads := func(seed uint64) (days []float64) {
		for _, p := range NewRestock(rule, seed, daily).Review(0, at(0)) {
			days = append(days, float64(p.ArrivesAt)/float64(day))
		}
		return days
	}
	first := leads(1)
	one := NewRestock(rule, 1, daily[:8])
	only := slices.Clone(one.Review(0, func(sku engines.SKU) int64 { return int64(sku-7) << 20 }))
	if len(only) != 1 || float64(only[0].ArrivesAt)/float64(day) != first[7] {
		t.Errorf("SKU 7 ordered alone is %v, with all others it takes %g days", only, first[7])
	}
	if slices.Equal(first, leads(2)) {
		t.Error("another seed gives the same lead times")
	}
	sum := 0.0
	for _, d := range first {
		sum += d
	}
	slices.Sort(first)
	if mean, median := sum/skus, first[skus/2]; math.Abs(mean-7) > 0.1 || math.Abs(median-7*math.Exp(-0.125)) > 0.1 {
		t.Errorf("lead times have mean %.2f and median %.2f days, want 7 and %.2f", mean, median, 7*math.Exp(-0.125))
	}
}
