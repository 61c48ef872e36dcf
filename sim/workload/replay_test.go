package workload

import (
	"bytes"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// ours is the small log in testdata.
func ours(t testing.TB) *Log {
	t.Helper()
	l, err := ReadLog("orders.csv", bytes.NewReader(ownLog(t)), ownColumns, false)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// checkReplay holds a replay against its log.
func checkReplay(t *testing.T, l *Log, amplify int) {
	t.Helper()
	d := NewReplay(fridays(t, "stock.cover=1", "stock.hot_cover=0.5", "stock.minimum=0", "demand.hot.skus=2"), l, amplify)
	all := plans(t, d, 1)
	sales, _ := l.lines(false)
	if len(all) != sales*amplify || d.Planned() != float64(len(all)) {
		t.Fatalf("%d arrivals, %v planned; want %d orders, %d times", len(all), d.Planned(), sales, amplify)
	}
	want, got := make([]int64, len(l.SKUs)), make([]int64, len(l.SKUs))
	var times []time.Duration
	for _, o := range l.Orders {
		for _, line := range o.Lines {
			want[line.SKU] += int64(line.Qty) * int64(amplify) * int64(1-one(o.Return))
		}
		if !o.Return {
			times = append(times, slices.Repeat([]time.Duration{o.At}, amplify)...)
		}
	}
	for i := range all {
		p := &all[i]
		for _, line := range p.Lines {
			got[line.SKU] += int64(line.Qty)
		}
		// Both are in the order of time, and no order moves by more than the jitter: neither does the i-th.
		if late := p.At - times[i]; late < 0 || late > replayJitter {
			t.Fatalf("arrival %d comes at %v; the log has it at %v", i, p.At, times[i])
		}
		if !p.Buys() || p.FailedPayments > 0 {
			t.Fatalf("arrival %d doesn't pay, and the order was logged", i)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("units by SKU: got %v, want %v", got, want)
	}
	for sku, n := range want {
		cover := 1 - 0.5*one(d.Hot[sku])
		if d.Opening[sku] != int64(math.Round(cover*float64(n))) || d.Names(engines.SKU(sku)) != l.SKUs[sku] {
			t.Errorf("SKU %s (hot: %v) opens with %d units; %d are asked for", d.Names(engines.SKU(sku)), d.Hot[sku], d.Opening[sku], n)
		}
	}
	checkLoggedReturns(t, d, l, amplify)
}

func checkLoggedReturns(t *testing.T, d *Demand, l *Log, amplify int) {
	t.Helper()
	var credits []LogOrder
	for _, o := range l.Orders {
		if o.Return {
			credits = append(credits, o)
		}
	}
	var got []Movement
	for _, m := range movements(t, d, 1) {
		if m.Kind == engines.Return {
			got = append(got, m)
		}
	}
	if len(got) != len(credits) || len(got) == 0 {
		t.Fatalf("%d movements of returns; the log has %d credit notes", len(got), len(credits))
	}
	for i, o := range credits {
		lines := slices.Clone(o.Lines)
		for j := range lines {
			lines[j].Qty *= int32(amplify)
		}
		if got[i].At != o.At || !slices.Equal(got[i].Lines, lines) {
			t.Errorf("credit note %d came as %+v; want %v at %v", i, got[i], lines, o.At)
		}
	}
}

func TestReplayKeepsClockAndPopularity(t *testing.T) {
	for _, amplify := range []int{1, 12} {
		checkReplay(t, ours(t), amplify)
	}
}

func TestReplayOfTheRealLog(t *testing.T) {
	checkReplay(t, realLog(t), 2)
}

// The most asked for are hot, by lines, and what a result says of their share is so.
func TestReplayMarksTheMostAskedFor(t *testing.T) {
	l := ours(t)
	d := NewReplay(fridays(t, "demand.hot.skus=2"), l, 3)
	by, total := linesBySKU(plans(t, d, 1), len(l.SKUs))
	hot, least, most := 0.0, math.Inf(1), 0.0
	for sku, n := range by {
		if d.Hot[sku] {
			hot, least = hot+n, min(least, n)
		} else {
			most = max(most, n)
		}
	}
	if least < most || math.Abs(d.HotShare-hot/total) > 1e-12 || d.HotShareAtScale1 != d.HotShare {
		t.Errorf("hot SKUs stand in %v lines or more, others in up to %v; share %v, said to be %v", least, most, hot/total, d.HotShare)
	}
}

// Copies of an order come through channels of their own, and another seed sends them through others.
func TestReplayDrawsTheChannels(t *testing.T) {
	d := NewReplay(fridays(t), ours(t), 100)
	channels := map[engines.Channel]float64{}
	all := plans(t, d, 1)
	for i := range all {
		channels[all[i].Channel]++
	}
	for _, c := range d.scenario.Channels {
		if want := c.Share * float64(len(all)); sigmas(channels[engines.Channel(c.Index)], want) > 4 {
			t.Errorf("%s has %.0f of %d orders; want about %.0f", c.Name, channels[engines.Channel(c.Index)], len(all), want)
		}
	}
	if slices.EqualFunc(all, plans(t, d, 2), samePlan) {
		t.Error("another seed gives the same day")
	}
}
