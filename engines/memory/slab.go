package memory

import "github.com/doorbuster/doorbuster/internal/hugepage"

const pageGrants = 1 << 12

// slab holds grants by number, from 1, in pages that never move. Growing it copies nothing but the list of pages. What was given back
// last is taken first: it is still in the processor's cache, and so is its number, which is why no link runs through the grants.
type slab struct {
	pages []*[pageGrants]grant
	used  uint32   // grants that were ever taken
	free  []uint32 // those given back
}

func (s *slab) at(i uint32) *grant {
	i--
	return &s.pages[i/pageGrants][i%pageGrants]
}

// take returns a grant with what it last held, and its number.
func (s *slab) take() (uint32, *grant) {
	if n := len(s.free); n > 0 {
		i := s.free[n-1]
		s.free = s.free[:n-1]
		return i, s.at(i)
	}
	if int(s.used)/pageGrants == len(s.pages) {
		s.pages = append(s.pages, hugepage.New[[pageGrants]grant]())
	}
	s.used++
	return s.used, s.at(s.used)
}

func (s *slab) give(i uint32) { s.free = append(s.free, i) }
