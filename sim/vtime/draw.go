package vtime

import "math/rand/v2"

const golden = 0x9e3779b97f4a7c15

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit of x decides every bit of the result.
func mix(x uint64) uint64 {
	x += golden
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// fraction maps x to [0, 1).
func fraction(x uint64) float64 { return float64(x>>11) / (1 << 53) }

// draw gives random figures of their own to each (operation, draw).
type draw struct {
	state splitmix
	rand  *rand.Rand
}

type splitmix uint64

func (s *splitmix) Uint64() uint64 {
	*s += golden
	return mix(uint64(*s))
}

func (d *draw) init() { d.rand = rand.New(&d.state) }

// exponential draws from the exponential distribution of mean 1.
func (d *draw) exponential(op, n uint64) float64 {
	d.state = splitmix(mix(op ^ n*golden))
	return d.rand.ExpFloat64()
}
