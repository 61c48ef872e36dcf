package sim_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
)

// inRealTime runs engines for two seconds each.
func inRealTime(t *testing.T, ctx context.Context, progress func(sim.Progress), specs ...engines.Spec) (*result.File, error) { //nolint:revive // the test comes first
	t.Helper()
	return sim.Run(ctx, sim.Options{
		Scenario: flashSale(t, "wall_peak_per_s=1500"), Engines: specs, Catalog: catalog.All(), Mode: result.Wall, Duration: 2 * time.Second,
		Env: catalog.Wall, Progress: progress,
	})
}

// The reference engine in real time: every promise is kept, the control oversells, and what was run stands in the result.
func TestWallRunsAreMeasured(t *testing.T) {
	f, err := inRealTime(t, t.Context(), nil, memory(t, "naive", "conditional", "pessimistic", "queue")...)
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Runs {
		r := &f.Runs[i]
		if r.Mode != result.Wall || !r.Complete || r.Error != "" || r.Orders.Promised == 0 || r.LatencyMS.Intended.Count == 0 {
			t.Errorf("%s: mode %s, complete %v, error %q, %d orders promised", r.Engine, r.Mode, r.Complete, r.Error, r.Orders.Promised)
		}
		if r.Wall.DurationS != 2 || r.Wall.PeakPerS > 1501 || r.Load.LagMSMax == 0 || r.Load.PoolPeak == 0 {
			t.Errorf("%s: %+v, load %+v", r.Engine, r.Wall, r.Load)
		}
		if n := len(r.Series.Asked); float64(n)*r.Series.IntervalS < 2 || n > 400 {
			t.Errorf("%s: a series of %d intervals of %v s", r.Engine, n, r.Series.IntervalS)
		}
		if r.PromisesNoOversell && (r.Units.Oversold.Max > 0 || r.Verdict == result.Fail) {
			t.Errorf("%s oversold %v units: %s", r.Engine, r.Units.Oversold, r.Verdict)
		}
	}
	if r := of(t, f, "memory/naive"); r.Units.Oversold.Min == 0 {
		t.Error("the control did not oversell")
	}
	if !slices.ContainsFunc(f.Warnings, func(w string) bool { return strings.HasPrefix(w, "Wall runs have the day in 2s") }) {
		t.Errorf("the warnings don't say how the day was fitted in: %q", f.Warnings)
	}
}

// A generator that is held up measures itself, not the engine: the run is invalid and says so.
func TestLagMakesAWallRunInvalid(t *testing.T) {
	f, err := inRealTime(t, t.Context(), func(p sim.Progress) {
		if !p.Done {
			<-time.After(60 * time.Millisecond)
		}
	}, memory(t, "naive")...)
	if err != nil {
		t.Fatal(err)
	}
	r := f.Runs[0]
	if r.Valid || r.Verdict == result.Pass || len(r.Invalid) == 0 || !strings.HasPrefix(r.Invalid[0], "The generator lagged") {
		t.Errorf("with a lag of %v ms the run is valid: %v, its verdict %s, because %q", r.Load.LagMSP99, r.Valid, r.Verdict, r.Invalid)
	}
}

// In real time a control may be lucky, but not for ever; an engine that is none has one try.
func TestLuckyControlTriesAgain(t *testing.T) {
	naive, safe := memory(t, "naive")[0], memory(t, "conditional")[0]
	for _, c := range []struct {
		name   string
		lucky  int64 // how often the control doesn't oversell
		opened int64
		valid  bool
		says   []string
	}{
		{"once", 1, 2, true, []string{"The control did not oversell at first: this is its try 2 of at most 3."}},
		{"always", 9, 3, false, []string{"The control did not oversell at first: this is its try 3 of at most 3."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var controls, others atomic.Int64
			control := naive
			control.Open = func(ctx context.Context, s engines.Setup) (engines.Engine, error) {
				if controls.Add(1) <= c.lucky {
					return safe.Open(ctx, s)
				}
				return naive.Open(ctx, s)
			}
			other := behind(safe, func(e engines.Engine) engines.Engine {
				others.Add(1)
				return e
			})
			f, err := inRealTime(t, t.Context(), nil, control, other)
			if err != nil {
				t.Fatal(err)
			}
			r := of(t, f, "memory/naive")
			if controls.Load() != c.opened || others.Load() != 1 {
				t.Errorf("the control ran %d times, want %d; the other %d", controls.Load(), c.opened, others.Load())
			}
			proves := !slices.ContainsFunc(r.Invalid, func(why string) bool { return strings.HasPrefix(why, "The control ") })
			if proves != c.valid || !slices.Equal(r.Warnings, c.says) {
				t.Errorf("it proves something: %v, want %v (%q); it warns %q, want %q", proves, c.valid, r.Invalid, r.Warnings, c.says)
			}
		})
	}
}

func TestCancelledWallRunIsUnknown(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f, err := inRealTime(t, ctx, func(p sim.Progress) {
		if p.Day > 0.5 {
			cancel()
		}
	}, memory(t, "conditional", "naive")...)
	if !errors.Is(err, context.Canceled) || f.Complete {
		t.Fatalf("ended with %v, complete %v", err, f.Complete)
	}
	for i, r := range f.Runs {
		if r.Complete || r.Verdict != result.Unknown || r.Error != "interrupted" || r.Mode != result.Wall {
			t.Errorf("%s: complete %v, verdict %s, error %q, mode %s", r.Engine, r.Complete, r.Verdict, r.Error, r.Mode)
		}
		if asked := r.Orders.Asked; (asked > 0) != (i == 0) {
			t.Errorf("%s asked for %d orders: want some of the first run only", r.Engine, asked)
		}
	}
}

// mute is an engine that, for a while in the middle, does what it is asked and can't say so.
type mute struct {
	engines.Engine
	n    *atomic.Int64
	from int64
	to   int64 // 0: it never recovers, and has no books either
}

func (m mute) Do(ctx context.Context, op engines.Op) (engines.Reply, error) {
	r, err := m.Engine.Do(ctx, op)
	if n := m.n.Add(1); n >= m.from && (m.to == 0 || n < m.to) {
		return engines.Reply{}, errors.New("connection reset by peer")
	}
	return r, err
}

func (m mute) Books(ctx context.Context) (engines.Books, error) {
	if m.to == 0 {
		return engines.Books{}, errors.New("connection refused")
	}
	return m.Engine.Books(ctx)
}

func muteSpec(t *testing.T, from, to int64) engines.Spec {
	return behind(memory(t, "conditional")[0], func(e engines.Engine) engines.Engine { return mute{e, new(atomic.Int64), from, to} })
}

// Answers that were lost in the middle are settled by the books: nothing was oversold, and the result says when it happened.
func TestLostAnswersAreSettledFromTheBooks(t *testing.T) {
	f, err := inRealTime(t, t.Context(), nil, muteSpec(t, 100, 150))
	if err != nil {
		t.Fatal(err)
	}
	r := of(t, f, "memory/conditional")
	if len(r.Errors) != 1 || r.Errors[0].Count != 50 || r.Errors[0].LastMS <= r.Errors[0].FirstMS || r.Errors[0].FirstMS <= 0 {
		t.Errorf("the errors are %+v, want 50 of one kind and when they were seen", r.Errors)
	}
	if r.Orders.Unknown == 0 || r.Units.Oversold.Max != 0 || !r.Complete {
		t.Errorf("%d orders unknown, oversold %v, complete %v", r.Orders.Unknown, r.Units.Oversold, r.Complete)
	}
	if c := check(t, r, "oversold"); c.Verdict != result.Pass {
		t.Errorf("oversold: %s: %s", c.Verdict, c.Detail)
	}
}

// A server that dies and stays dead leaves a run whose day went on and which proves nothing.
func TestDeadServerLeavesTheRunUnknown(t *testing.T) {
	usual := *sim.Limits()
	t.Cleanup(func() { *sim.Limits() = usual })
	sim.Limits().Books = time.Second
	f, err := inRealTime(t, t.Context(), nil, muteSpec(t, 100, 0))
	if err != nil {
		t.Fatal(err)
	}
	r := of(t, f, "memory/conditional")
	if r.Verdict != result.Unknown || r.Load.Started < 200 || !strings.Contains(r.Error, "connection refused") {
		t.Errorf("verdict %s, error %q, %d operations started", r.Verdict, r.Error, r.Load.Started)
	}
}
