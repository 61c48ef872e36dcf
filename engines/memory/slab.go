package memory

// linked is an entry of a slab: it has a field that links it to the next free one while it is free.
type linked[T any] interface {
	*T
	link() *uint32
}

const pageEntries = 1 << 12

// slab holds entries by number, from 1, in pages that never move, and uses again what was given back. Growing it copies
// nothing but the list of pages. What was given back first is taken first: orders that came one after the other then
// lie side by side, and are ended one after the other. (Last in, first out was measured to scatter them: a cache miss each.)
type slab[T any, P linked[T]] struct {
	pages []*[pageEntries]T
	used  uint32 // entries that were ever taken
	free  uint32 // the first of those given back
	last  uint32 // the last of those given back
}

func (s *slab[T, P]) at(i uint32) P {
	i--
	return &s.pages[i/pageEntries][i%pageEntries]
}

func (s *slab[T, P]) take() uint32 {
	if i := s.free; i != 0 {
		if s.free = *s.at(i).link(); s.free == 0 {
			s.last = 0
		}
		return i
	}
	if int(s.used)/pageEntries == len(s.pages) {
		s.pages = append(s.pages, new([pageEntries]T))
	}
	s.used++
	return s.used
}

func (s *slab[T, P]) give(i uint32) {
	*s.at(i).link() = 0
	if s.last == 0 {
		s.free = i
	} else {
		*s.at(s.last).link() = i
	}
	s.last = i
}
