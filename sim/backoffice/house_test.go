package backoffice

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// Channels of the tests, and what a cancellation costs there.
const (
	dear, middle, cheap engines.Channel = 0, 1, 3
)

func penalties(ch engines.Channel) float64 {
	return map[engines.Channel]float64{dear: 20, middle: 5}[ch]
}

func line(sku engines.SKU, qty int32) engines.Line { return engines.Line{SKU: sku, Qty: qty} }

func TestSources(t *testing.T) {
	if sources != len(scenarios.Sources) {
		t.Errorf("a shelf has room for %d sources, there are %d", sources, len(scenarios.Sources))
	}
}

// TestPick goes through picking by hand.
func TestPick(t *testing.T) {
	type order struct {
		ch    engines.Channel
		lines []engines.Line
		want  bool
	}
	one := func(ch engines.Channel, want bool) order { return order{ch, []engines.Line{line(0, 1)}, want} }
	for _, c := range []struct {
		name, rule string
		opening    []int64
		orders     []order
		left       []int64
	}{
		{"enough", scenarios.LatestFirst, []int64{2}, []order{one(cheap, true), one(dear, true)}, []int64{0}},
		{"the latest is cancelled", scenarios.LatestFirst, []int64{1}, []order{one(cheap, true), one(dear, false)}, []int64{0}},
		{"the cheapest is cancelled", scenarios.LowestPenalty, []int64{1}, []order{one(cheap, false), one(dear, true)}, []int64{0}},
		{"so is one in the middle, for a dearer one", scenarios.LowestPenalty, []int64{1}, []order{one(middle, false), one(cheap, false), one(dear, true)}, []int64{0}},
		{"no dearer one would be saved", scenarios.LowestPenalty, []int64{1}, []order{one(cheap, true), one(cheap, false)}, []int64{0}},
		{"there is enough for the dearer one", scenarios.LowestPenalty, []int64{2}, []order{one(cheap, true), one(dear, true), one(cheap, false)}, []int64{0}},
		{"all or nothing", scenarios.LatestFirst, []int64{3, 0}, []order{{cheap, []engines.Line{line(0, 2), line(1, 1)}, false}, one(cheap, true)}, []int64{2, 0}},
	} {
		h := NewHouse(c.opening, c.rule, penalties)
		for _, o := range c.orders {
			h.Promise(o.ch, o.lines)
		}
		for i, o := range c.orders {
			if got := h.Pick(o.ch, o.lines); got != o.want {
				t.Errorf("%s: order %d is found: %v, want %v", c.name, i, got, o.want)
			}
		}
		for sku, want := range c.left {
			if got := h.Shelf(engines.SKU(sku)); got != want {
				t.Errorf("%s: %d units of SKU %d are left, want %d", c.name, got, sku, want)
			}
		}
	}
}

// TestWithdrawnIsNotSpared: units are kept for open promises only.
func TestWithdrawnIsNotSpared(t *testing.T) {
	h, lines := NewHouse([]int64{1}, scenarios.LowestPenalty, penalties), []engines.Line{line(0, 1)}
	h.Promise(dear, lines)
	h.Promise(cheap, lines)
	h.Withdraw(dear, lines)
	if !h.Pick(cheap, lines) {
		t.Error("a unit is kept for a promise that was withdrawn")
	}
	if h.Arrive(0, 2); h.Leave(0, 5) != 2 || h.Shelf(0) != 0 {
		t.Errorf("of 2 units on the shelf, 5 were taken in part: %d are left, want none", h.Shelf(0))
	}
}

// picker is a House, or one that is on trial.
type picker interface {
	Arrive(engines.SKU, int64)
	Leave(engines.SKU, int64) int64
	Promise(engines.Channel, []engines.Line)
	Withdraw(engines.Channel, []engines.Line)
	Pick(engines.Channel, []engines.Line) bool
	Shelf(engines.SKU) int64
}

// openOrder is a promise of the tests.
type openOrder struct {
	ch    engines.Channel
	lines []engines.Line
}

// conserves takes a house through random events, and says where a unit was lost or made: whatever came is on the shelf, or was seen leaving
// whole orders at a time.
func conserves(h picker, opening []int64, r *rand.Rand) error {
	want := slices.Clone(opening)
	var open []openOrder
	for range 200 {
		sku, n := engines.SKU(r.IntN(len(opening))), r.Int64N(6)
		switch r.IntN(6) {
		case 0:
			h.Arrive(sku, n)
			want[sku] += n
		case 1:
			taken := h.Leave(sku, n)
			if taken != min(n, want[sku]) {
				return fmt.Errorf("%d of %d units left when %d were to", taken, want[sku], n)
			}
			want[sku] -= taken
		case 2, 3:
			o := openOrder{engines.Channel(r.IntN(sources)), []engines.Line{line(0, 1+r.Int32N(3))}}
			if r.IntN(2) == 0 {
				o.lines = append(o.lines, line(1, 1))
			}
			open = append(open, o)
			h.Promise(o.ch, o.lines)
		default:
			if len(open) == 0 {
				continue
			}
			o := open[0]
			open = open[1:]
			if r.IntN(8) == 0 {
				h.Withdraw(o.ch, o.lines)
			} else if h.Pick(o.ch, o.lines) {
				for _, l := range o.lines {
					want[l.SKU] -= int64(l.Qty)
				}
			}
		}
		for sku, n := range want {
			if got := h.Shelf(engines.SKU(sku)); got != n || got < 0 {
				return fmt.Errorf("%d units of SKU %d lie on the shelf, %d should", got, sku, n)
			}
		}
	}
	return nil
}

// partial picks what it finds of an order that is short.
type partial struct{ *House }

func (h partial) Pick(ch engines.Channel, lines []engines.Line) bool {
	whole := true
	for i := range lines {
		whole = h.House.Pick(ch, lines[i:i+1]) && whole
	}
	return whole
}

func TestConserves(t *testing.T) {
	caught := 0
	for seed := range uint64(100) {
		for _, rule := range []string{scenarios.LatestFirst, scenarios.LowestPenalty} {
			opening := []int64{int64(seed % 7), 3}
			if err := conserves(NewHouse(opening, rule, penalties), opening, rand.New(rand.NewPCG(seed, 1))); err != nil {
				t.Errorf("%s, seed %d: %v", rule, seed, err)
			}
			if conserves(partial{NewHouse(opening, rule, penalties)}, opening, rand.New(rand.NewPCG(seed, 1))) != nil {
				caught++
			}
		}
	}
	if caught == 0 {
		t.Error("a house that picks parts of orders passes")
	}
}

// TestCheapestAreCancelled: with orders of one unit, as many are cancelled as units are missing, and by LowestPenalty
// those that cost least.
func TestCheapestAreCancelled(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		stock := rapid.IntRange(0, 12).Draw(r, "stock")
		orders := rapid.SliceOfN(rapid.SampledFrom([]engines.Channel{dear, middle, cheap}), 0, 20).Draw(r, "orders")
		least := make([]float64, 0, len(orders))
		for _, ch := range orders {
			least = append(least, penalties(ch))
		}
		slices.Sort(least)
		want := 0.0
		for _, p := range least[:max(0, len(orders)-stock)] {
			want += p
		}
		if n, cost := cancelled(scenarios.LowestPenalty, stock, orders); n != max(0, len(orders)-stock) || cost != want {
			r.Errorf("%d are cancelled at %g, want %d at %g", n, cost, max(0, len(orders)-stock), want)
		}
	})
	orders := []engines.Channel{cheap, middle, dear}
	if _, cost := cancelled(scenarios.LatestFirst, 1, orders); cost != 25 {
		t.Errorf("the two latest cost %g, want 25: the property can't tell the rules apart", cost)
	}
}

func cancelled(rule string, stock int, orders []engines.Channel) (n int, cost float64) {
	h, one := NewHouse([]int64{int64(stock)}, rule, penalties), []engines.Line{line(0, 1)}
	for _, ch := range orders {
		h.Promise(ch, one)
	}
	for _, ch := range orders {
		if !h.Pick(ch, one) {
			n++
			cost += penalties(ch)
		}
	}
	return n, cost
}
