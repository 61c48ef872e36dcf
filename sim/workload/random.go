package workload

import (
	"math"
	"math/rand/v2"
)

// Purposes of random streams. Each decision has one of its own, so that a new decision doesn't shift the others.
const (
	arrivalStream = iota + 1
	basketStream
	behaviourStream
	cancelStream
	returnStream
	replayStream
	tabStream
)

// stream is a random generator (SplitMix64: Steele, Lea and Flood, 2014) for one seed and purpose, that is set to a number by one assignment.
// Its uniform figures are drawn without the detour through rand.Rand, which a day with a hundred million of them feels.
type stream struct {
	state   uint64
	key     uint64     // of seed and purpose
	shapely *rand.Rand // over the same state: for exponential and normal figures
}

// newStream is the one of number 0.
func newStream(seed uint64, purpose int) *stream {
	s := &stream{key: scramble(seed ^ uint64(purpose)<<56)}
	s.shapely = rand.New(s)
	return s.set(scramble(0))
}

// set begins the stream of a number, which comes scrambled: a shopper has several streams, and is scrambled once.
func (s *stream) set(scrambled uint64) *stream {
	s.state = s.key ^ scrambled
	return s
}

// Uint64 makes it a rand.Source.
func (s *stream) Uint64() uint64 {
	s.state += 0x9e3779b97f4a7c15 // 2⁶⁴ ÷ the golden ratio
	x := s.state
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Float64 is uniform in [0, 1).
func (s *stream) Float64() float64 { return float64(s.Uint64()>>11) / (1 << 53) }

// chance is a probability, as the number of values of Float64 below it: a comparison of integers then decides what one of floats would.
type chance uint64

const always chance = 1 << 53

func chanceOf(p float64) chance { return chance(math.Ceil(p * float64(always))) }

// happens is Float64() < p.
func (s *stream) happens(c chance) bool { return s.Uint64()>>11 < uint64(c) }

// ExpFloat64 is exponential with mean 1, NormFloat64 normal with mean 0 and deviation 1.
func (s *stream) ExpFloat64() float64  { return s.shapely.ExpFloat64() }
func (s *stream) NormFloat64() float64 { return s.shapely.NormFloat64() }

// scramble spreads neighbouring numbers over the whole range: it is the first figure after x.
func scramble(x uint64) uint64 {
	s := stream{state: x}
	return s.Uint64()
}
