package driver_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/driver"
	"github.com/doorbuster/doorbuster/sim/ledger"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// hasty are limits that a test can wait for. The grace is long, so that a machine that stands still for a while makes no engine late.
var hasty = driver.Limits{InFlight: 4000, Timeout: time.Second, Grace: 2 * time.Second, Open: 10 * time.Second, Books: time.Second}

// inAWallWorld has a day of one minute in two seconds.
func inAWallWorld(t testing.TB, sc *scenarios.Scenario, spec engines.Spec, judge driver.Judge, l driver.Limits) *driver.Wall {
	t.Helper()
	w, err := driver.NewWall(t.Context(), driver.Config{
		Scenario: sc, Demand: workload.New(sc, 1), Engine: spec, Seed: 1, Judge: judge, Interval: 100 * time.Millisecond, Pace: 30,
	}, catalog.Wall(sc.Storage.RTT), l)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// passes runs the day and closes it.
func passes(t *testing.T, w *driver.Wall) driver.Stats {
	t.Helper()
	if err := w.Run(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	return w.Stats()
}

// clockwork is a judge that checks the order in which it is told things.
type clockwork struct {
	t               *testing.T
	asked, answered int
	last            time.Duration
	open            map[engines.OpID]bool
	done            map[engines.Kind]int64
}

func newClockwork(t *testing.T) *clockwork {
	return &clockwork{t: t, open: map[engines.OpID]bool{}, done: map[engines.Kind]int64{}}
}

func (c *clockwork) Asked(e *ledger.Entry) {
	c.asked++
	if e.Start < c.last || e.Start < e.Intended || e.Op.At != e.Intended {
		c.t.Errorf("%s asked at %v after %v, meant for %v, with %v in it", e.Op.Kind, e.Start, c.last, e.Intended, e.Op.At)
	}
	c.last, c.open[e.Op.ID] = e.Start, true
}

func (c *clockwork) Answered(e *ledger.Entry) {
	if e.Resend {
		return
	}
	c.answered++
	if !c.open[e.Op.ID] || e.End < e.Start || e.Start < e.Intended {
		c.t.Errorf("%s %d: meant for %v, begun at %v, answered at %v", e.Op.Kind, e.Op.ID, e.Intended, e.Start, e.End)
	}
	delete(c.open, e.Op.ID)
	if e.Reply.Outcome == engines.Done {
		c.done[e.Op.Kind]++
	}
}

// A day on the wall clock is the day of simulated time: the same shoppers come, and when it is over no hold is left.
func TestWallDayIsTheScenariosDay(t *testing.T) {
	for _, name := range []string{"conditional", "queue", "quota"} {
		t.Run(name, func(t *testing.T) {
			sc, judge := parse(t, append(busy, "demand.arrivals_per_day=1500")...), newClockwork(t)
			virtual := pass(t, sc, strategy(t, name), witness{}).Stats().Funnel
			w := inAWallWorld(t, sc, strategy(t, name), judge, hasty)
			if err := w.Run(); err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			s := w.Stats()
			if s.Funnel.Arrived != virtual.Arrived || s.Funnel.Carts != virtual.Carts {
				t.Errorf("%d arrived with %d carts, want %d with %d", s.Funnel.Arrived, s.Funnel.Carts, virtual.Arrived, virtual.Carts)
			}
			if s.Planned != s.Started || int(s.Planned) != judge.asked || judge.asked != judge.answered || len(judge.open) > 0 {
				t.Errorf("planned %d, started %d; the judge heard of %d asked and %d answered", s.Planned, s.Started, judge.asked, judge.answered)
			}
			if ended := judge.done[engines.Expire] + judge.done[engines.Release] + judge.done[engines.Confirm]; ended != judge.done[engines.Reserve] || ended == 0 {
				t.Errorf("of %d holds %d ended", judge.done[engines.Reserve], ended)
			}
			nothingHeld(t, w)
			if n := s.Lag.TotalCount(); n < s.Started {
				t.Errorf("the lag of %d operations is known, %d were started", n, s.Started)
			}
		})
	}
}

func nothingHeld(t *testing.T, w *driver.Wall) {
	t.Helper()
	books, err := w.Books()
	if err != nil {
		t.Fatal(err)
	}
	for s, err := range books.Stock {
		if err != nil || s.Held != 0 || s.Committed != 0 {
			t.Errorf("after the day SKU %d has %d units held and %d committed (%v)", s.SKU, s.Held, s.Committed, err)
		}
	}
}

// stub is an engine whose Do is given. Its books are empty.
type stub struct {
	do    func(context.Context, engines.Op) (engines.Reply, error)
	books func() error
}

func (s stub) Reset(context.Context, []int64) error { return nil }
func (s stub) Close() error                         { return nil }

func (s stub) Do(ctx context.Context, op engines.Op) (engines.Reply, error) { return s.do(ctx, op) }

func (s stub) Books(context.Context) (engines.Books, error) {
	if s.books != nil {
		return engines.Books{}, s.books()
	}
	return engines.Books{Stock: func(func(engines.Stock, error) bool) {}}, nil
}

func (s stub) spec() engines.Spec {
	return engines.Spec{Name: "stub/stub", Open: func(context.Context, engines.Setup) (engines.Engine, error) { return s, nil }}
}

func done(context.Context, engines.Op) (engines.Reply, error) {
	return engines.Reply{Outcome: engines.Done}, nil
}

// An engine that stands still doesn't hold up the demand: what finds no room is dropped and counted, and everybody has come.
func TestWhatFindsNoRoomIsDroppedAndCounted(t *testing.T) {
	limits := hasty
	limits.InFlight = 20
	judge := newClockwork(t)
	still := stub{do: func(ctx context.Context, _ engines.Op) (engines.Reply, error) {
		<-ctx.Done()
		return engines.Reply{}, ctx.Err()
	}}
	sc := parse(t)
	s := passes(t, inAWallWorld(t, sc, still.spec(), judge, limits))
	everybody := pass(t, sc, strategy(t, "conditional"), witness{}).Stats().Funnel.Arrived
	if s.Funnel.Arrived != everybody || s.Planned != everybody {
		t.Errorf("%d of %d came, with %d operations planned", s.Funnel.Arrived, everybody, s.Planned)
	}
	if s.PoolPeak != limits.InFlight || s.Started == 0 || s.Started > 5*int64(limits.InFlight) {
		t.Errorf("%d started, %d at once at the most: want some, and %d", s.Started, s.PoolPeak, limits.InFlight)
	}
	if int64(judge.asked) != s.Started || judge.answered != judge.asked {
		t.Errorf("the judge heard of %d asked and %d answered; %d were started", judge.asked, judge.answered, s.Started)
	}
	if len(s.Errors) != 1 || s.Errors[0].Message != "no answer within 1s" || s.Errors[0].Count != s.Started || s.Errors[0].First < time.Second {
		t.Errorf("the errors are %+v, want %d time-outs from the first second on", s.Errors, s.Started)
	}
}

// slowJudge keeps the day's goroutine from its work for a while, once.
type slowJudge struct {
	*clockwork
	holdUp sync.Once
	late   int
}

func (s *slowJudge) Asked(e *ledger.Entry) {
	s.clockwork.Asked(e)
	if e.Start-e.Intended > 50*time.Millisecond {
		s.late++
	}
	s.holdUp.Do(func() { <-time.After(200 * time.Millisecond) })
}

// What the generator itself is late by is measured, and those who came meanwhile keep their intended time.
func TestLagIsMeasuredFromTheIntendedTime(t *testing.T) {
	judge := &slowJudge{clockwork: newClockwork(t)}
	s := passes(t, inAWallWorld(t, parse(t, "stock.ship_after=1s"), stub{do: done}.spec(), judge, hasty))
	if judge.late < 300 { // of 600 that were due in those 200 ms
		t.Errorf("%d operations were late by 50 ms or more; the generator stood still for 200 ms of a load of 3000 a second", judge.late)
	}
	if p99 := s.Lag.ValueAtQuantile(99); p99 < 100_000 {
		t.Errorf("the 99th percentile of the lag is %d µs", p99)
	}
}

// A run that is cut short ends soon: what is in flight is told to be unknown.
func TestCancelledWallRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var n atomic.Int64
	slow := stub{do: func(ctx context.Context, _ engines.Op) (engines.Reply, error) {
		if n.Add(1) == 100 {
			cancel()
		}
		<-ctx.Done()
		return engines.Reply{}, ctx.Err()
	}}
	sc, judge := parse(t), newClockwork(t)
	w, err := driver.NewWall(ctx, driver.Config{
		Scenario: sc, Demand: workload.New(sc, 1), Engine: slow.spec(), Judge: judge, Interval: time.Second, Pace: 1,
	}, nil, hasty)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := w.Run(); !errors.Is(err, context.Canceled) {
		t.Errorf("Run ended with %v", err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v of a minute's day", took)
	}
	if judge.asked < 100 || judge.answered != judge.asked || len(w.Stats().Errors) > 0 {
		t.Errorf("%d asked, %d answered, errors %v", judge.asked, judge.answered, w.Stats().Errors)
	}
}

// An engine that ignores its deadline holds nothing up: not the day, not its end.
func TestEngineThatNeverAnswersIsGivenUp(t *testing.T) {
	limits, forever := hasty, make(chan struct{})
	limits.Timeout = 100 * time.Millisecond
	var n atomic.Int64
	deaf := stub{do: func(ctx context.Context, op engines.Op) (engines.Reply, error) {
		if n.Add(1) <= 50 {
			<-forever
		}
		return done(ctx, op)
	}}
	judge := newClockwork(t)
	w := inAWallWorld(t, parse(t, "stock.ship_after=1s"), deaf.spec(), judge, limits)
	if err := w.Run(); err != nil {
		t.Fatal(err)
	}
	close(forever)
	s := w.Stats()
	if well := judge.done[engines.Sell] + judge.done[engines.Ship]; judge.answered != judge.asked || well != int64(judge.asked)-50 {
		t.Errorf("%d asked, %d answered, %d with success: want all but 50", judge.asked, judge.answered, well)
	}
	if len(s.Errors) != 1 || s.Errors[0].Count != 50 {
		t.Errorf("the errors are %+v, want 50 of one kind", s.Errors)
	}
}

func TestPanicEndsAWallRun(t *testing.T) {
	w := inAWallWorld(t, parse(t, "stock.ship_after=1s"), stub{do: func(context.Context, engines.Op) (engines.Reply, error) { panic("the fuse is blown") }}.spec(), witness{}, hasty)
	if err := w.Run(); err == nil || !strings.Contains(err.Error(), "the fuse is blown") || !strings.Contains(err.Error(), "wall_test.go") {
		t.Errorf("Run ended with %v, want the panic and where it was", err)
	}
}

// Errors that differ in a number are of one kind; the books of an engine that had some are asked for more than once.
func TestErrorsAreGatheredByKind(t *testing.T) {
	var n, asked atomic.Int64
	gone := stub{
		do: func(context.Context, engines.Op) (engines.Reply, error) {
			if i := n.Add(1); i%2 == 0 {
				return engines.Reply{}, errors.New("operation " + strings.Repeat("7", int(i%5)+1) + ": connection refused")
			}
			return engines.Reply{}, errors.New("the database is shutting down")
		},
		books: func() error {
			if asked.Add(1) < 3 {
				return errors.New("not yet")
			}
			return nil
		},
	}
	w := inAWallWorld(t, parse(t, "stock.ship_after=1s"), gone.spec(), witness{}, hasty)
	if err := w.Run(); err != nil {
		t.Fatal(err)
	}
	errs := w.Stats().Errors
	if len(errs) != 2 || errs[0].Count+errs[1].Count != w.Stats().Started || errs[1].Message != "operation #: connection refused" || errs[0].Last <= errs[0].First {
		t.Errorf("the errors are %+v", errs)
	}
	if _, err := w.Books(); err != nil || asked.Load() != 3 {
		t.Errorf("asked for the books %d times: %v", asked.Load(), err)
	}
}
