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
)

// stream is a random generator that is set to (seed, number, purpose) in a few nanoseconds.
type stream struct {
	pcg rand.PCG
	*rand.Rand
}

func newStream() *stream {
	s := new(stream)
	s.Rand = rand.New(&s.pcg)
	return s
}

func (s *stream) set(seed, number uint64, purpose int) *rand.Rand {
	s.pcg.Seed(seed^uint64(purpose)<<56, scramble(number))
	return s.Rand
}

// scramble spreads neighbouring numbers over the whole range, for PCG's first outputs of neighbouring seeds are alike. (SplitMix64's finaliser.)
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
