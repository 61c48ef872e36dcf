package backoffice

import (
	"math"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// bufferMemory is how far back a dynamic buffer looks: short enough to rise within a spike, long enough to see more than a handful of
// sales of a SKU that sells well.
const bufferMemory = 10 * time.Minute

// Buffers are the units that a display holds back, so that what is sold before the display hears of it is not promised twice.
//
// A dynamic buffer is the safety stock z·σ·√L (Silver, Pyke and Thomas, "Inventory and Production Management in Supply Chains", ch. 6),
// where the lead time L is the channel's lag and σ the standard deviation of demand in a unit of time. Orders are taken to come as a Poisson process,
// at a rate λ, of X units each: then the variance of what is sold in a time L is λ·E[X²]·L, and σ² = λ·E[X²] is the
// velocity of squared quantities, averaged over the last ten minutes. It begins at 0, and sees only what was sold: of a SKU that is sold
// out it forgets how much more was wanted.
//
// Safety stock covers how far demand over the lag strays from its mean, and not the mean itself, λ·E[X]·L: where that is large, as
// with a long polling interval in a spike, only a z to match holds enough back.
type Buffers struct {
	rule    scenarios.Buffers
	squares []velocity // of squared quantities, by SKU; dynamic buffers only
	latest  reading
}

// reading is a velocity as it was last asked for. A movement is told to every channel at once, and an exponential is dear.
type reading struct {
	sku  engines.SKU
	at   time.Duration
	perS float64
}

// NewBuffers makes the buffers of so many SKUs.
func NewBuffers(rule scenarios.Buffers, skus int) *Buffers {
	b := &Buffers{rule: rule, latest: reading{at: -1}}
	if rule.Policy == scenarios.DynamicBuffer {
		b.squares = make([]velocity, skus)
	}
	return b
}

// Sold notes that units of a SKU were sold in one order.
func (b *Buffers) Sold(at time.Duration, sku engines.SKU, units int32) {
	if b.squares != nil {
		b.squares[sku].add(at, float64(units)*float64(units), bufferMemory)
		b.latest.at = -1
	}
}

// Buffer is how many units of a SKU are held back from a display that lags this far behind.
func (b *Buffers) Buffer(at time.Duration, sku engines.SKU, lag time.Duration) int64 {
	switch b.rule.Policy {
	case scenarios.StaticBuffer:
		return b.rule.Units
	case scenarios.DynamicBuffer:
		return int64(math.Ceil(b.rule.Z * math.Sqrt(b.velocity(at, sku)*lag.Seconds())))
	}
	return 0
}

func (b *Buffers) velocity(at time.Duration, sku engines.SKU) float64 {
	if r := &b.latest; r.sku != sku || r.at != at {
		*r = reading{sku, at, b.squares[sku].now(at, bufferMemory)}
	}
	return b.latest.perS
}
