package channels

import (
	"math/rand/v2"
	"time"
)

// Purposes of random streams.
const (
	pushStream = iota + 1
	importStream
)

// stream is SplitMix64 (Steele, Lea and Flood, 2014), set to what it is drawn for by one assignment.
type stream uint64

const golden = 0x9e3779b97f4a7c15

func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// key is where the streams of one purpose and one owner begin.
func key(seed uint64, purpose int, owner uint64) uint64 {
	return mix(mix(seed+golden) ^ uint64(purpose)<<56 ^ owner)
}

// set makes it the stream of one message or order of a key's owner.
func (s *stream) set(key, number uint64) { *s = stream(mix(key ^ number*golden)) }

// Uint64 makes it a rand.Source.
func (s *stream) Uint64() uint64 {
	*s += golden
	return mix(uint64(*s))
}

// dice draw from one stream after another.
type dice struct {
	stream
	rand *rand.Rand // over the stream
}

func newDice() *dice {
	d := new(dice)
	d.rand = rand.New(&d.stream)
	return d
}

// pair is two figures, each uniform in [0, 1) with 32 bits.
func (d *dice) pair() (float64, float64) {
	x := d.Uint64()
	return float64(x>>32) / (1 << 32), float64(x&(1<<32-1)) / (1 << 32)
}

// exp is exponential with the given mean.
func (d *dice) exp(mean time.Duration) time.Duration {
	return time.Duration(d.rand.ExpFloat64() * float64(mean))
}
