package audit

import (
	"strings"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

var versioned = Config{Versions: true}

// atVersion makes the honest books of SKU 0 end at a version.
func (s *story) atVersion(seq uint64) { s.books[0].Seq = seq }

func TestVersionsReplay(t *testing.T) {
	s := tell(t, versioned, 5)
	s.at(1).reserve(1, x(0, 2)).done(v(1, 3))
	s.at(2).confirm(1).done()
	s.at(3).feed(engines.Receive, x(0, 4)).done(v(2, 7))
	s.at(4).feed(engines.Count, x(0, 10)).done(v(3, 8)) // two of the ten are committed
	s.at(5).cancel(1).done(v(4, 10))
	s.atVersion(4)
	c := s.want(s.close(), "versions", Pass)
	equal(t, "compared", c.Evidence, 4)
}

// Answers come in another order than the operations took effect.
func TestVersionsOutOfOrder(t *testing.T) {
	s := tell(t, versioned, 5)
	a, b, c := s.at(1).sell(1, x(0, 1)), s.at(1).sell(2, x(0, 1)), s.at(1).sell(3, x(0, 1))
	s.at(2)
	c.done(v(3, 2))
	b.done(v(2, 3))
	a.done(v(1, 4))
	s.atVersion(3)
	s.want(s.close(), "versions", Pass)
}

func TestVersionsCatch(t *testing.T) {
	cases := []struct {
		name, detail string
		lie          func(s *story)
	}{
		{"a lost update", "claims 4 units", func(s *story) {
			s.at(1).sell(1, x(0, 1)).done(v(1, 4))
			s.at(2).sell(2, x(0, 1)).done(v(2, 4))
			s.atVersion(2)
		}},
		{"a wrong opening", "claims 3 units", func(s *story) {
			s.at(1).sell(1, x(0, 1)).done(v(1, 3))
			s.atVersion(1)
		}},
		{"one version given twice", "given to two operations", func(s *story) {
			s.at(1).sell(1, x(0, 1)).done(v(1, 4))
			s.at(1).sell(2, x(0, 1)).done(v(1, 4))
			s.atVersion(1)
		}},
		{"one version given twice before its turn", "given to two operations", func(s *story) {
			early := s.at(1).sell(1, x(0, 1))
			s.at(1).sell(2, x(0, 1)).done(v(2, 3))
			s.at(1).sell(3, x(0, 1)).done(v(2, 3))
			s.at(2)
			early.done(v(1, 4))
			s.atVersion(2)
		}},
		{"a version given to nobody", "given to nobody", func(s *story) {
			s.at(1).sell(1, x(0, 1)).done(v(1, 4))
			s.at(2).sell(2, x(0, 1)).done(v(3, 3))
			s.atVersion(3)
		}},
		{"real time reversed", "before an operation with a lower version was asked", func(s *story) {
			s.at(1).sell(1, x(0, 1)).done(v(2, 3)) // answered before the other is asked
			s.at(2).sell(2, x(0, 1)).done(v(1, 4))
			s.atVersion(2)
		}},
		{"stock below zero", "left -1 units", func(s *story) {
			s.at(1).sell(1, x(0, 6)).done(v(1, -1))
			s.atVersion(1)
		}},
		{"books that go on", "replies end at 1", func(s *story) {
			s.at(1).sell(1, x(0, 1)).done(v(1, 4))
			s.atVersion(2)
		}},
		{"books that lag", "a reply claimed 1", func(s *story) {
			s.at(1).sell(1, x(0, 1)).done(v(1, 4))
			s.atVersion(0)
		}},
		{"books with other stock", "its last version, 1, left 4", func(s *story) {
			s.at(1).sell(1, x(0, 1)).done(v(1, 4))
			s.atVersion(1)
			s.books[0].Available++
		}},
		{"a pool that isn't there", "don't exist", func(s *story) {
			s.at(1).sell(1, x(0, 1)).done(engines.Version{Pool: 2, Seq: 1, After: 4})
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := tell(t, versioned, 5)
			c.lie(s)
			got := s.want(s.close(), "versions", Fail)
			if !strings.Contains(got.Detail, c.detail) {
				t.Errorf("detail %q lacks %q", got.Detail, c.detail)
			}
		})
	}
}

func TestVersionsOfLostAnswersMayBeMissing(t *testing.T) {
	s := tell(t, versioned, 5)
	s.at(1).sell(1, x(0, 1)).lost(engines.Done) // version 1
	s.at(2).sell(2, x(0, 1)).done(v(2, 3))
	s.at(3).sell(3, x(0, 1)).lost(engines.Done) // version 3, the last
	s.atVersion(3)
	s.want(s.close(), "versions", Pass)

	s = tell(t, versioned, 5)
	s.at(1).sell(1, x(0, 1)).lost(engines.Done)
	s.at(2).sell(2, x(0, 1)).done(v(3, 2)) // two are missing, one answer was lost
	s.atVersion(3)
	s.want(s.close(), "versions", Fail)
}

// More versions wait than can have been in flight: the one before them is missing, and the rest goes on.
func TestVersionsPassOverWhatNeverComes(t *testing.T) {
	s := tell(t, versioned, 10*patience)
	s.at(1).sell(1, x(0, 1)).lost(engines.Done)
	last := engines.OrderID(3 * patience)
	for o := engines.OrderID(2); o <= last; o++ {
		s.sell(o, x(0, 1)).done(v(uint64(o), 10*patience-int64(o)))
	}
	s.atVersion(uint64(last))
	c := s.want(s.close(), "versions", Pass)
	equal(t, "compared", c.Evidence, int64(last)-1)

	slab := s.audit.folds[1].(*versions).waiting.slab
	if len(slab) > patience+1 {
		t.Errorf("%d claims were kept at once, want no more than %d", len(slab), patience+1)
	}
}

func TestVersionsOfPools(t *testing.T) {
	pool := func(p engines.Channel, seq uint64, after int64) engines.Version {
		return engines.Version{Pool: p, Seq: seq, After: after}
	}
	s := tell(t, Config{Versions: true, Pools: true}, 9)
	s.at(1).sell(1, x(0, 1)).done(pool(0, 1, 2))                                     // its share was 3, which only the engine knows
	s.at(2).sell(2, x(0, 3)).on(1).done(pool(0, 2, 1), pool(1, 1, 4), pool(1, 2, 1)) // takes one unit from pool 0
	s.at(3).sell(3, x(0, 1)).on(1).done(pool(1, 3, 0))
	s.books = map[engines.SKU]*engines.Stock{ // by pool here
		0: {Pool: 0, Seq: 2, Available: 1}, 1: {Pool: 1, Seq: 3}, 2: {Pool: 2, Available: 3},
	}
	s.want(s.close(), "versions", Pass)
	s.books[1].Available++
	s.want(s.close(), "versions", Fail)

	s = tell(t, Config{Versions: true, Pools: true}, 9)
	s.at(1).sell(1, x(0, 1)).done(pool(0, 1, 2))
	s.at(2).sell(2, x(0, 1)).done(pool(0, 2, 2))
	s.books[0].Seq = 2
	s.want(s.close(), "versions", Fail)
}

func TestVersionsNotChecked(t *testing.T) {
	s := tell(t, Config{}, 1)
	s.at(1).sell(1, x(0, 1)).done()
	s.want(s.close(), "versions", NotChecked)

	s = tell(t, versioned, 1)
	s.at(1).sell(1, x(0, 2)).soldOut()
	s.want(s.close(), "versions", Unknown)
}

// BenchmarkMillionVersions replays a million operations on one hot key and reports how long they take together.
func BenchmarkMillionVersions(b *testing.B) {
	const million = 1_000_000
	opening := []int64{2 * million}
	for b.Loop() {
		l := ledger.New(ledger.Config{Opening: opening, Channels: 1, Day: time.Hour})
		check := newVersions(l, Config{Versions: true, Opening: opening})
		e := ledger.Entry{Lines: []engines.Line{x(0, 1)}, Reply: engines.Reply{Outcome: engines.Done, Versions: make([]engines.Version, 1)}}
		e.Op.Kind = engines.Sell
		for i := range uint64(million) {
			seq := i ^ 7 // eight in flight, answered in reverse
			e.Start, e.End = time.Duration(i&^7), time.Duration(i&^7+9)
			e.Reply.Versions[0] = v(seq+1, 2*million-int64(seq)-1)
			check.answered(&e, 0)
		}
		if check.violations > 0 {
			b.Fatal(check.first)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/million, "ns/version")
}
