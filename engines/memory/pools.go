package memory

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/doorbuster/doorbuster/engines"
)

// pools says how stock is partitioned: each pool's weight. One weight means one stock a SKU.
type pools []int64

// whole is the one pool of an engine that doesn't partition stock.
var whole = pools{1}

// unit is the weight of a share of 1.
const unit = 1 << 30

// poolsOf makes a pool for each channel that has a share.
func poolsOf(shares []float64) (pools, error) {
	if len(shares) == 0 || len(shares) > math.MaxUint8+1 {
		return nil, fmt.Errorf("pools: %d shares: want from 1 to %d, one for each channel", len(shares), math.MaxUint8+1)
	}
	p := make(pools, len(shares))
	sum := 0.0
	for i, s := range shares {
		if !(s >= 0 && s <= 1) {
			return nil, fmt.Errorf("pools: the share of channel %d is %g: want from 0 to 1", i, s)
		}
		sum += s
		p[i] = int64(math.Round(s * unit))
	}
	if math.Abs(sum-1) > 1e-6 {
		return nil, fmt.Errorf("pools: shares sum to %g: want 1", sum)
	}
	return p, nil
}

func (p pools) count() int { return len(p) }

// of is the pool that a channel sells from: its own or, if it has none, the largest.
func (p pools) of(c engines.Channel) int {
	if int(c) < len(p) {
		return int(c)
	}
	if len(p) == 1 {
		return 0
	}
	largest := 0
	for i, w := range p {
		if w > p[largest] {
			largest = i
		}
	}
	return largest
}

// divide splits n units, at least 0, by the pools' weights.
func (p pools) divide(n int64, parts []int64) { apportion(n, p, parts) }

// spread divides a change over the pools. What comes settles first what pools owe, and then goes by weight. What is
// lost goes by what they have, since a pool that was sold out can lose nothing; what nobody has is owed by weight.
func (p pools) spread(change int64, was []row, delta []int64) {
	if len(p) == 1 {
		delta[0] = change
		return
	}
	sign := int64(1)
	if change < 0 {
		sign = -1
	}
	var room, parts [math.MaxUint8 + 1]int64
	sum := int64(0)
	for i, r := range was {
		room[i] = max(0, -sign*r.available)
		sum += room[i]
	}
	first := min(sign*change, sum)
	apportion(first, room[:len(p)], parts[:len(p)])
	p.divide(sign*change-first, delta)
	for i := range delta {
		delta[i] = sign * (delta[i] + parts[i])
	}
}

// apportion splits n units by weight with the largest-remainder method: whole units first, then one each to those that
// were cut the most, the first of equals. It is exact: no part of a weight above 0 is off by a unit or more.
func apportion(n int64, weights, parts []int64) {
	sum := uint64(0)
	for i, w := range weights {
		parts[i] = 0
		sum += uint64(w)
	}
	if n == 0 || sum == 0 {
		return
	}
	var rest [math.MaxUint8 + 1]uint64
	left := n
	for i, w := range weights {
		hi, lo := bits.Mul64(uint64(n), uint64(w))
		whole, cut := bits.Div64(hi, lo, sum)
		parts[i], rest[i] = int64(whole), cut
		left -= int64(whole)
	}
	for ; left > 0; left-- {
		most := 0
		for i := range weights {
			if rest[i] > rest[most] {
				most = i
			}
		}
		parts[most]++
		rest[most] = 0
	}
}
