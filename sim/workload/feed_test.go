package workload

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// movements are a day's feed, each with lines of its own.
func movements(t testing.TB, d *Demand, seed uint64) []Movement {
	t.Helper()
	var all []Movement
	var m Movement
	for f := d.Feed(seed); f.Next(&m); {
		own := m
		own.Lines = slices.Clone(m.Lines)
		if n := len(all); n > 0 && own.At < all[n-1].At {
			t.Fatalf("movement %d at %v comes after one at %v", n, own.At, all[n-1].At)
		}
		all = append(all, own)
	}
	return all
}

func TestDeliveriesBringTheirShareOfOpeningStock(t *testing.T) {
	d := New(fridays(t, "skus=120", "stock.returns=0", "stock.receipts=[{at: 14h, share: 0.5}, {at: 10h, share: 0.2}]"), 1)
	got := map[time.Duration][]int64{10 * time.Hour: make([]int64, 120), 14 * time.Hour: make([]int64, 120)}
	notes := movements(t, d, 1)
	for _, m := range notes {
		if m.Kind != engines.Receive || len(m.Lines) > deliveryLines {
			t.Errorf("at %v comes a %s of %d lines", m.At, m.Kind, len(m.Lines))
		}
		for _, l := range m.Lines {
			got[m.At.Truncate(time.Hour)][l.SKU] += int64(l.Qty)
		}
	}
	if want := []time.Duration{10 * time.Hour, 10*time.Hour + time.Second, 10*time.Hour + 2*time.Second, 14 * time.Hour}; len(notes) != 6 ||
		notes[0].At != want[0] || notes[1].At != want[1] || notes[2].At != want[2] || notes[3].At != want[3] {
		t.Errorf("%d notes, the first at %v; want three a second apart from 10h and three from 14h", len(notes), notes[0].At)
	}
	for sku, opening := range d.Opening {
		if a, b := got[10*time.Hour][sku], got[14*time.Hour][sku]; math.Abs(float64(a)-0.2*float64(opening)) > 0.5 || math.Abs(float64(b)-0.5*float64(opening)) > 0.5 {
			t.Errorf("SKU %d opens with %d units and gets %d and %d", sku, opening, a, b)
		}
	}
}

// Returns are of earlier weeks' sales: their number follows the day without its spike, and they come evenly, in notes.
func TestReturnsComeEvenly(t *testing.T) {
	d := New(fridays(t, "stock.receipts=[]"), 1)
	all := movements(t, d, 1)
	baseline := d.rate.mean * d.Length.Seconds()
	lines, morning, top := 0.0, 0.0, 0.0
	for _, m := range all {
		if m.Kind != engines.Return || len(m.Lines) > returnLines || m.At > d.Length {
			t.Fatalf("at %v comes a %s of %d lines", m.At, m.Kind, len(m.Lines))
		}
		for _, l := range m.Lines {
			if l.Qty != 1 {
				t.Fatalf("%d units of SKU %d come back in one line", l.Qty, l.SKU)
			}
			lines++
			morning += one(m.At < 12*time.Hour)
			top += one(l.SKU < 800)
		}
	}
	near(t, "returned lines", lines, 0.15*baseline, 0.03)
	near(t, "those before noon", morning/lines, 0.5, 0.04)
	near(t, "those of the top fifth", top/lines, 0.75, 0.03)
	if other := movements(t, d, 2); len(other) == len(all) && other[0].At == all[0].At {
		t.Error("another seed gives the same returns")
	}
}

// Deliveries and returns come through one door, in the order of time.
func TestFeedMergesDeliveriesAndReturns(t *testing.T) {
	all := movements(t, New(fridays(t), 0.1), 1)
	kinds := map[engines.Kind]int{}
	first := -1
	for i, m := range all {
		if kinds[m.Kind]++; m.Kind == engines.Receive && first < 0 {
			first = i
		}
	}
	if kinds[engines.Receive] < 2 || kinds[engines.Return] < 20 || first < 10 {
		t.Errorf("got %v; the first delivery after %d returns", kinds, first)
	}
}
