package workload

import "math/rand/v2"

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

// stream is a random generator (SplitMix64: Steele, Lea and Flood, 2014) that is set to (seed, number, purpose) by one assignment.
// Its uniform figures are drawn without the detour through rand.Rand, which a day with a hundred million of them feels.
type stream struct {
	state   uint64
	shapely *rand.Rand // over the same state: for exponential and normal figures
}

func newStream() *stream {
	s := new(stream)
	s.shapely = rand.New(s)
	return s
}

func (s *stream) set(seed, number uint64, purpose int) *stream {
	s.state = scramble(seed^uint64(purpose)<<56) ^ scramble(number)
	return s
}

// Uint64 makes it a rand.Source.
func (s *stream) Uint64() uint64 {
	s.state += golden
	return finalize(s.state)
}

// Float64 is uniform in [0, 1).
func (s *stream) Float64() float64 { return float64(s.Uint64()>>11) / (1 << 53) }

// ExpFloat64 is exponential with mean 1, NormFloat64 normal with mean 0 and deviation 1.
func (s *stream) ExpFloat64() float64  { return s.shapely.ExpFloat64() }
func (s *stream) NormFloat64() float64 { return s.shapely.NormFloat64() }

const golden = 0x9e3779b97f4a7c15

// scramble spreads neighbouring numbers over the whole range.
func scramble(x uint64) uint64 { return finalize(x + golden) }

func finalize(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
