package backoffice

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// dynamic is a buffer of one SKU.
func dynamic(z float64) *Buffers {
	return NewBuffers(scenarios.Buffers{Policy: scenarios.DynamicBuffer, Z: z}, 1)
}

// TestBuffer works the formula by hand: 3 units at once are 9 squared, in 600 s of memory; over a lag of 600 s, σ√L is 3.
func TestBuffer(t *testing.T) {
	b := dynamic(2)
	b.Sold(time.Hour, 0, 3)
	for _, c := range []struct {
		after, lag time.Duration
		want       int64
	}{
		{0, 10 * time.Minute, 6},
		{0, 150 * time.Second, 3},               // a quarter of the lag
		{20 * time.Minute, 10 * time.Minute, 3}, // 6/e = 2.2
		{3 * time.Hour, 10 * time.Minute, 1},    // nearly forgotten
		{0, 0, 0},                               // a display that doesn't lag
		{0, 15 * 4 * time.Minute, 15},           // 2·3·√6 = 14.7
		{time.Minute, 10 * time.Minute, 6},      // 6/e^0.05 = 5.7
	} {
		if got := b.Buffer(time.Hour+c.after, 0, c.lag); got != c.want {
			t.Errorf("%v later, with a lag of %v: %d units, want %d", c.after, c.lag, got, c.want)
		}
	}
}

// TestBufferSeesTheLatestSale: the velocity that was read for one channel isn't kept beyond a sale of the same instant, nor for another SKU.
func TestBufferSeesTheLatestSale(t *testing.T) {
	b := NewBuffers(scenarios.Buffers{Policy: scenarios.DynamicBuffer, Z: 2}, 2)
	for i, want := range []int64{0, 2, 3} {
		if got := b.Buffer(time.Hour, 1, 10*time.Minute); got != want {
			t.Errorf("after %d sales: %d units, want %d", i, got, want)
		}
		b.Sold(time.Hour, 1, 1)
	}
	b.Buffer(time.Hour, 1, 10*time.Minute)
	if got := b.Buffer(time.Hour, 0, 10*time.Minute); got != 0 {
		t.Errorf("%d units of a SKU that nobody buys", got)
	}
}

func TestOtherBuffers(t *testing.T) {
	for policy, want := range map[string]int64{scenarios.StaticBuffer: 4, scenarios.NoBuffer: 0} {
		b := NewBuffers(scenarios.Buffers{Policy: policy, Units: 4, Z: 2}, 1)
		b.Sold(0, 0, 9)
		if got := b.Buffer(0, 0, time.Hour); got != want {
			t.Errorf("%s: %d units, want %d", policy, got, want)
		}
	}
}

// rises says whether a buffer never falls as z or the lag grows.
func rises(buffer func(z float64, lag time.Duration) int64, z, more float64, lag, longer time.Duration) bool {
	return buffer(z+more, lag) >= buffer(z, lag) && buffer(z, lag+longer) >= buffer(z, lag)
}

func TestBufferRises(t *testing.T) {
	inverted := 0
	rapid.Check(t, func(r *rapid.T) {
		sales := rapid.SliceOfN(rapid.Int32Range(1, 9), 1, 20).Draw(r, "sales")
		gap := time.Duration(rapid.IntRange(0, 600).Draw(r, "gap")) * time.Second
		after := func(z float64) (*Buffers, time.Duration) {
			b, at := dynamic(z), time.Duration(0)
			for _, units := range sales {
				at += gap
				b.Sold(at, 0, units)
			}
			return b, at
		}
		buffer := func(z float64, lag time.Duration) int64 {
			b, at := after(z)
			return b.Buffer(at, 0, lag)
		}
		z, more := rapid.Float64Range(0, 5).Draw(r, "z"), rapid.Float64Range(0, 5).Draw(r, "more")
		lag := time.Duration(rapid.Int64Range(1, 7200).Draw(r, "lag")) * time.Second
		longer := time.Duration(rapid.Int64Range(0, 7200).Draw(r, "longer")) * time.Second
		if !rises(buffer, z, more, lag, longer) {
			r.Errorf("a buffer of %g deviations and %v falls when %g or %v are added", z, lag, more, longer)
		}
		if !rises(func(z float64, lag time.Duration) int64 { return buffer(z, 3*time.Hour-lag) }, z, more, lag, longer) {
			inverted++
		}
	})
	if inverted == 0 {
		t.Error("a buffer that falls with the lag passes")
	}
}

// TestDeviationIsObserved holds σ² against the variance of what is sold in a minute, with orders of 1 or 2 units at 0.5 a second: both should be
// 0.5 · (0.7·1 + 0.3·4) = 0.95 a second.
func TestDeviationIsObserved(t *testing.T) {
	const perS, minutes = 0.5, 60_000
	r, b := rand.New(rand.NewPCG(1, 2)), dynamic(1)
	var sum, squares, estimates float64
	at := time.Duration(0)
	for minute := range minutes {
		sold := 0.0
		for ; at < time.Duration(minute+1)*time.Minute; at += time.Duration(r.ExpFloat64() / perS * 1e9) {
			units := int32(1)
			if r.Float64() < 0.3 {
				units = 2
			}
			b.Sold(at, 0, units)
			sold += float64(units)
		}
		sum, squares = sum+sold, squares+sold*sold
		estimates += b.squares[0].perS
	}
	mean := sum / minutes
	variance := (squares/minutes - mean*mean) / 60
	estimate := estimates / minutes
	if math.Abs(variance-0.95) > 0.03 || math.Abs(estimate-0.95) > 0.03 {
		t.Errorf("the variance of sales is %.3f a second and its estimate %.3f, want 0.95", variance, estimate)
	}
}

func TestBuffersAllocateNothing(t *testing.T) {
	b, at := dynamic(2), time.Duration(0)
	if n := testing.AllocsPerRun(100, func() { at++; b.Sold(at, 0, 1); b.Buffer(at, 0, time.Minute) }); n != 0 {
		t.Errorf("%g allocations a sale", n)
	}
}

// The benchmarks are of a catalog of 4,000 SKUs, as the field's figure has it.
const benchSKUs = 4000

func BenchmarkBuffersSold(b *testing.B) {
	buffers := NewBuffers(scenarios.Buffers{Policy: scenarios.DynamicBuffer, Z: 2}, benchSKUs)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		buffers.Sold(time.Duration(i)*time.Millisecond, engines.SKU(i*7%benchSKUs), 1)
	}
}

// BenchmarkHousePick is of promising and picking an order of two lines, one of them short once in a while.
func BenchmarkHousePick(b *testing.B) {
	for _, rule := range []string{scenarios.LatestFirst, scenarios.LowestPenalty} {
		b.Run(rule, func(b *testing.B) {
			opening := make([]int64, benchSKUs)
			for sku := range opening {
				opening[sku] = int64(sku % 2 << 40)
			}
			h, lines := NewHouse(opening, rule, penalties), make([]engines.Line, 2)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				i++
				ch := engines.Channel(i % 6)
				lines[0], lines[1] = line(engines.SKU(i*7%benchSKUs), 1), line(engines.SKU(i*11%benchSKUs), 2)
				h.Promise(ch, lines)
				h.Pick(ch, lines)
			}
		})
	}
}
