package audit

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// aDay is a run in which everything happens once, and nothing is wrong.
func aDay(t *testing.T) *story {
	s := tell(t, Config{}, 10, 10)
	s.at(1).reserve(1, x(0, 2), x(1, 1)).done().again(engines.Done)
	s.at(2).confirm(1).until(60).done()
	s.at(3).ship(1).done()
	s.at(4).sell(2, x(1, 3)).done()
	s.at(5).cancel(2).done()
	s.at(6).reserve(3, x(0, 1)).done()
	s.at(7).release(3).done()
	s.at(8).reserve(4, x(0, 1)).done()
	s.at(9).expire(4).until(9).done()
	s.at(10).reserve(5, x(0, 20)).soldOut()
	s.at(11).reserve(6, x(0, 1)).done()
	s.at(12).feed(engines.Receive, x(0, 5)).done()
	s.at(13).feed(engines.Adjust, x(1, -2)).done()
	s.at(14).feed(engines.Return, x(1, 1)).done()
	return s
}

func TestAnHonestDayPasses(t *testing.T) {
	s := aDay(t)
	got := s.close()
	for _, c := range got.Checks {
		if c.Verdict != Pass && c.Verdict != NotChecked {
			t.Errorf("%s: %s: %s", c.Name, c.Verdict, c.Detail)
		}
		if c.NotSeen == "" || c.Limit == "" || c.Detail == "" {
			t.Errorf("%s doesn't explain itself: %+v", c.Name, c)
		}
		equal(t, c.Name+" first at", c.FirstAt, -1)
	}
	equal(t, "left at close", got.LeftAtClose, 13+8)
}

func TestEachCheckFailsOnItsLie(t *testing.T) {
	cases := []struct {
		check, detail string
		at            time.Duration
		lie           func(s *story)
	}{
		{"conservation", "SKU 0: 15 units came in; the books have 16", -1, func(s *story) { s.books[0].Available++ }},
		{"conservation", "SKU 1: 9 units came in; the books have 8", -1, func(s *story) { s.books[1].Available-- }},
		{"phantom", "Order 99 was never asked for; its grant in the books: held", -1, func(s *story) { s.held[99] = engines.Held }},
		{"phantom", "Order 5 was refused; its grant in the books: committed", -1, func(s *story) { s.held[5] = engines.Committed }},
		{"phantom", "Order 1 was shipped; its grant in the books: none", -1, func(s *story) { delete(s.held, 1) }},
		{"phantom", "Order 6 was held; its grant in the books: none", -1, func(s *story) { delete(s.held, 6) }},
		{"phantom", "Order 2 was cancelled; its grant in the books: committed", -1, func(s *story) { s.held[2] = engines.Committed }},
		{"phantom", "the books grant it [{0 2}]", -1, func(s *story) {
			s.audit.checkers[3].(*phantom).lines = func(engines.OrderID) []engines.Line { return []engines.Line{x(0, 1)} }
			s.lines[6] = []engines.Line{x(0, 2)}
		}},
		{"once", "sent again, done", 20 * time.Second, func(s *story) {
			c := s.at(20).sell(20, x(0, 20)).soldOut()
			c.again(engines.Done)
		}},
		{"once", "{0 0 2 8}", 20 * time.Second, func(s *story) { s.at(20).sell(20, x(0, 1)).done(v(1, 9)).again(engines.Done, v(2, 8)) }},
		{"once", "sent again, done []", 20 * time.Second, func(s *story) { s.at(20).reserve(20, x(0, 1)).done(v(1, 9)).again(engines.Done) }},
		{"holds", "expire was done at 20s, after it was shipped", 20 * time.Second, func(s *story) { s.at(20).expire(1).done() }},
		{"holds", "confirm was done at 20s, after it was released", 20 * time.Second, func(s *story) { s.at(20).confirm(3).done() }},
		{"holds", "after it was never asked for", 20 * time.Second, func(s *story) { s.at(20).release(77).done() }},
		{"holds", "its hold ended at 20s; paid at 20s, it was confirmed", 20 * time.Second, func(s *story) { s.at(20).confirm(6).until(20).done() }},
		{"holds", "was to last until 30s; it expired at 20s", 20 * time.Second, func(s *story) { s.at(20).expire(6).until(30).done() }},
		{"holds", "Order 6 was expired, and the books say that it was confirmed too", -1, func(s *story) {
			s.at(20).confirm(6).lost(engines.Done)
			s.at(21).expire(6).done()
		}},
	}
	for _, c := range cases {
		t.Run(c.check+"/"+c.detail, func(t *testing.T) {
			s := aDay(t)
			c.lie(s)
			got := s.want(s.close(), c.check, Fail)
			if !strings.Contains(got.Detail, c.detail) {
				t.Errorf("detail %q lacks %q", got.Detail, c.detail)
			}
			equal(t, "first at", got.FirstAt, c.at)
		})
	}
}

func TestOnceAllowsForgottenVersions(t *testing.T) {
	s := aDay(t)
	s.at(20).reserve(20, x(0, 1)).done(v(1, 9), v(2, 8)).again(engines.Done, v(2, 8))
	sale := s.at(21).sell(21, x(0, 1)).done(v(3, 7))
	s.at(22).cancel(21).done(v(4, 8))
	sale.again(engines.Done)
	c := s.at(23).feed(engines.Receive, x(0, 1)).done(v(5, 9))
	c.again(engines.Done)
	c.again(engines.Contended) // it didn't get through: no answer to compare
	equal(t, "compared", s.want(s.close(), "once", Pass).Evidence, 4)
}

// A bug that shops had: a cancellation after shipping gives the units back once more.
func TestConservationCatchesUnitsGivenBackTwice(t *testing.T) {
	s := tell(t, Config{}, 2)
	s.at(1).sell(1, x(0, 2)).done()
	s.at(2).ship(1).done()
	s.at(3).cancel(1).done()
	s.books[0] = &engines.Stock{Available: 2, Shipped: 2}
	s.want(s.close(), "conservation", Fail)
}

func TestConservationWithLostAnswers(t *testing.T) {
	cases := []struct {
		name  string
		truth engines.Outcome
		mute  error
		extra int64 // planted in the books
		want  Verdict
	}{
		{"happened", engines.Done, nil, 0, Pass},
		{"never happened", engines.Unknown, nil, 0, Pass},
		{"happened twice", engines.Done, nil, 5, Fail},
		{"says the engine, and it isn't there", engines.Done, nil, -5, Fail},
		{"nobody knows", engines.Done, errLost, 0, Pass},
		{"nobody knows, and it is beyond both", engines.Done, errLost, 1, Fail},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := tell(t, Config{}, 1)
			s.mute = c.mute
			s.at(1).feed(engines.Receive, x(0, 5)).lost(c.truth)
			s.books[0].Available += c.extra
			s.want(s.close(), "conservation", c.want)
		})
	}
}

func TestConservationWithCountsAmidTraffic(t *testing.T) {
	s := tell(t, Config{}, 10)
	s.at(1).sell(1, x(0, 4)).done()
	count := s.at(2).feed(engines.Count, x(0, 7)) // finds 7 on hand
	receipt := s.at(3).feed(engines.Receive, x(0, 2))
	ship := s.at(3).ship(1)
	s.at(4)
	ship.done()
	receipt.done()
	count.done()
	s.books[0] = &engines.Stock{Available: 3 + 2, Shipped: 4} // counted first, then shipped and received
	s.want(s.close(), "conservation", Pass)
	s.books[0].Available = 12 // more than any order of the three explains
	s.want(s.close(), "conservation", Fail)
}

func TestPools(t *testing.T) {
	s := tell(t, Config{Pools: true}, 4)
	s.at(1).sell(1, x(0, 1)).done()
	s.want(s.close(), "pools", Pass)
	s.books[0].Available = 4
	s.want(s.close(), "pools", Fail)
	s.books[0].Available = -1
	s.want(s.close(), "pools", Fail)
}

func TestNothingToCheck(t *testing.T) {
	s := tell(t, Config{}, 1)
	s.at(1).sell(1, x(0, 1)).done()
	got := s.close()
	for _, name := range []string{"once", "holds", "pools", "versions"} {
		s.want(got, name, NotChecked)
	}
	got = tell(t, Config{}, 1).close()
	for _, name := range []string{"oversold", "phantom", "refused_falsely", "liveness"} {
		s.want(got, name, Unknown)
	}
}

func TestLivenessWantsEveryKindToSucceed(t *testing.T) {
	s := aDay(t)
	s.at(20).feed(engines.Transfer, x(0, 1)).soldOut()
	c := s.want(s.close(), "liveness", Unknown)
	if !strings.Contains(c.Detail, "transfer (asked 1 times)") {
		t.Error(c.Detail)
	}
}

func TestARunCutShortNeverPasses(t *testing.T) {
	for _, c := range aDay(t).closed(false).Checks {
		if c.Verdict == Pass {
			t.Errorf("%s passes", c.Name)
		}
	}
	s := aDay(t)
	s.at(20).sell(20, x(1, 50)).done()
	s.want(s.closed(false), "oversold", Fail) // what was seen was seen
}

// crashing is a checker with a bug.
type crashing struct{ during, atClose bool }

func (crashing) about() about        { return about{name: "crashing"} }
func (crashing) follows(answer) bool { return true }
func (c crashing) answered(*ledger.Entry, ledger.Order) {
	if c.during {
		panic("in the run")
	}
}
func (c crashing) judge(*closing) finding {
	if c.atClose {
		panic("at close")
	}
	return finding{verdict: Pass}
}

func TestACrashedCheckerKnowsNothing(t *testing.T) {
	for _, c := range []struct {
		k      crashing
		want   Verdict
		detail string
	}{{crashing{during: true}, Unknown, "in the run"}, {crashing{atClose: true}, Unknown, "at close"}, {crashing{}, Pass, ""}} {
		s := tell(t, Config{}, 1)
		s.audit.folds = append([]folder{c.k}, s.audit.folds...)
		s.audit.show()
		s.audit.checkers = append(s.audit.checkers, c.k)
		s.at(1).sell(1, x(0, 1)).done()
		s.at(2).sell(2, x(0, 1)).done()
		got := s.close()
		if f := s.want(got, "crashing", c.want); !strings.Contains(f.Detail, c.detail) {
			t.Error(f.Detail)
		}
		equal(t, "oversold nevertheless", got.Oversold, Range{1, 1})
	}
}

// Phantom and conservation are shown the grants together; a bug in one is none of the other's.
func TestACrashOverAGrantIsNotTheOthers(t *testing.T) {
	s := tell(t, Config{Lines: func(engines.OrderID) []engines.Line { panic("planted") }}, 2)
	s.at(1).sell(1, x(0, 1)).done()
	got := s.close()
	if f := s.want(got, "phantom", Unknown); !strings.Contains(f.Detail, "planted") {
		t.Error(f.Detail)
	}
	s.want(got, "conservation", Pass)
}

func TestUnreadableBooksProveNothing(t *testing.T) {
	books := map[string]engines.Books{
		"none": {},
		"broken": {
			Stock:  func(yield func(engines.Stock, error) bool) { yield(engines.Stock{}, errLost) },
			Grants: func(yield func(engines.Grant, error) bool) { yield(engines.Grant{}, errLost) },
		},
		"crashing": {
			Stock:  func(func(engines.Stock, error) bool) { panic("stock") },
			Grants: func(func(engines.Grant, error) bool) { panic("grants") },
		},
		"of another catalog": {
			Stock:  func(yield func(engines.Stock, error) bool) { yield(engines.Stock{SKU: 7}, nil) },
			Grants: func(yield func(engines.Grant, error) bool) { yield(engines.Grant{}, errors.New("of another catalog")) },
		},
	}
	for name, b := range books {
		t.Run(name, func(t *testing.T) {
			s := aDay(t)
			got := s.audit.Close(t.Context(), b, true)
			for _, check := range []string{"conservation", "phantom", "refused_falsely"} {
				s.want(got, check, Unknown)
			}
			s.want(got, "oversold", Pass) // it needs no books
		})
	}
}
