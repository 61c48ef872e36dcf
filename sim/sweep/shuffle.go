package sweep

import "math/bits"

// shuffle is a fixed permutation of 0 … n−1 that needs no memory: a Feistel network over the next even power of two, walked
// again until it comes back below n.
type shuffle struct {
	n    uint64
	half uint // bits
	key  uint64
}

const rounds = 4

func newShuffle(n int64, key uint64) shuffle {
	width := uint(bits.Len64(uint64(max(n-1, 1))))
	return shuffle{n: uint64(n), half: (width + 1) / 2, key: key}
}

// at is what stands in place i.
func (s shuffle) at(i int64) int64 {
	x := uint64(i)
	for {
		if x = s.forth(x); x < s.n {
			return int64(x)
		}
	}
}

// of is the place where i stands.
func (s shuffle) of(i int64) int64 {
	x := uint64(i)
	for {
		if x = s.back(x); x < s.n {
			return int64(x)
		}
	}
}

func (s shuffle) forth(x uint64) uint64 {
	l, r := x>>s.half, x&s.mask()
	for round := range uint64(rounds) {
		l, r = r, l^s.mix(r, round)
	}
	return l<<s.half | r
}

func (s shuffle) back(x uint64) uint64 {
	l, r := x>>s.half, x&s.mask()
	for round := uint64(rounds); round > 0; round-- {
		l, r = r^s.mix(l, round-1), l
	}
	return l<<s.half | r
}

func (s shuffle) mask() uint64 { return 1<<s.half - 1 }

// mix is the finaliser of SplitMix64.
func (s shuffle) mix(x, round uint64) uint64 {
	x += s.key + (round+1)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return (x ^ x>>31) & s.mask()
}
