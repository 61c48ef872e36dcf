package audit

import (
	"maps"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
)

func TestRefusedFalsely(t *testing.T) {
	none := map[string]int64{}
	cases := []struct {
		name     string
		pools    bool
		by       map[string]int64
		stranded int64
		tell     func(s *story)
	}{
		{"justified: sold out", false, none, 0, func(s *story) {
			s.at(1).sell(1, x(0, 3)).done()
			s.at(2).sell(2, x(0, 1)).soldOut()
		}},
		{"contended with stock", false, map[string]int64{ReasonContended: 1}, 0, func(s *story) {
			s.at(1).sell(1, x(0, 1)).contended()
		}},
		{"contended without stock", false, none, 0, func(s *story) {
			s.at(1).sell(1, x(0, 4)).contended()
		}},
		{"contended for one line only", false, none, 0, func(s *story) {
			s.at(1).sell(1, x(0, 1), x(1, 9)).contended()
		}},
		{"may have been free, but another was asking", false, none, 0, func(s *story) {
			other := s.at(1).sell(1, x(0, 3))
			s.at(2).sell(2, x(0, 1)).contended()
			s.at(3)
			other.done()
		}},
		{"free when asked, gone when answered", false, none, 0, func(s *story) {
			slow := s.at(1).sell(1, x(0, 1))
			s.at(2).sell(2, x(0, 3)).done()
			s.at(3)
			slow.contended()
		}},
		{"in another pool", true, map[string]int64{ReasonPool: 1}, 2, func(s *story) {
			s.at(1).sell(1, x(0, 1)).done()
			s.at(2).sell(2, x(0, 2)).soldOut()
		}},
		{"in another pool, sold there later", true, map[string]int64{ReasonPool: 1}, 0, func(s *story) {
			s.at(1).sell(1, x(0, 2)).on(1).soldOut()
			s.at(2).sell(2, x(0, 3)).done()
		}},
		{"sold out, and there are no pools", false, map[string]int64{ReasonUnexplained: 1}, 1, func(s *story) {
			s.at(1).sell(1, x(0, 1)).soldOut()
		}},
		{"held, and never bought", false, map[string]int64{ReasonHeld: 1}, 2, func(s *story) {
			s.at(1).reserve(1, x(0, 3)).done()
			s.at(2).sell(2, x(0, 2)).soldOut()
			s.at(3).release(1).done()
		}},
		{"held, and bought", false, none, 0, func(s *story) {
			s.at(1).reserve(1, x(0, 3)).done()
			s.at(2).sell(2, x(0, 2)).soldOut()
			s.at(3).confirm(1).done()
		}},
		{"held, and half of it bought by others", false, map[string]int64{ReasonHeld: 1}, 2, func(s *story) {
			s.at(1).reserve(1, x(0, 3)).done()
			s.at(2).sell(2, x(0, 2)).soldOut()
			s.at(2).sell(3, x(0, 2)).soldOut()
			s.at(3).release(1).done()
			s.at(4).sell(4, x(0, 1)).done()
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := tell(t, Config{Pools: c.pools}, 3, 1)
			c.tell(s)
			got := s.close()
			maps.DeleteFunc(got.FalseBy, func(_ string, n int64) bool { return n == 0 })
			if !maps.Equal(got.FalseBy, c.by) {
				t.Errorf("refused falsely: %v, want %v", got.FalseBy, c.by)
			}
			equal(t, "stranded", got.Stranded, c.stranded)
			want := Pass
			if len(c.by) > 0 {
				want = Fail
			}
			s.want(got, "refused_falsely", want)
		})
	}
}

func TestRefusedFalselyIsNeverAPromise(t *testing.T) {
	s := tell(t, Config{}, 1)
	s.at(1).sell(1, x(0, 1)).answer(engines.Contended)
	if c := s.want(s.close(), "refused_falsely", Fail); c.Safety || c.Always {
		t.Errorf("it is promised: %+v", c)
	}
}
