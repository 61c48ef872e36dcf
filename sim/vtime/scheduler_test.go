package vtime

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doorbuster/doorbuster/engines"
)

// Events come in the order of time, those of one time in the order in which they were scheduled, whatever queue they went through.
func TestEventsComeInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &Scheduler{}
		lane := s.NewLane(3 * time.Second)
		type mark struct {
			at time.Duration
			n  uint64
		}
		var want, got []mark
		n := uint64(0)
		schedule := func() {
			n++
			if rapid.Bool().Draw(t, "lane") {
				want = append(want, mark{s.now + lane.delay, n})
				lane.Push(Event{B: n})
				return
			}
			d := rapid.SampledFrom([]time.Duration{0, 1, time.Millisecond, 4 * time.Second, time.Hour, 40 * time.Hour}).Draw(t, "after")
			want = append(want, mark{s.now + d, n})
			s.At(s.now+d, Event{B: n})
		}
		s.Handle = func(ev Event) {
			got = append(got, mark{s.now, ev.B})
			if n < 60 {
				schedule()
				schedule()
			}
		}
		schedule()
		if err := s.Go(context.Background()); err != nil {
			t.Fatal(err)
		}
		slices.SortStableFunc(want, func(a, b mark) int { return int(a.at - b.at) })
		if !slices.Equal(want, got) {
			t.Fatalf("want %v\ngot  %v", want, got)
		}
	})
}

// A small world in which operations wait in every way there is; its trace is all that can be seen of it.
func trace(t *testing.T, seed uint64, handoff Handoff, noInPlace bool) string {
	t.Helper()
	var out strings.Builder
	s := &Scheduler{NoInPlace: noInPlace}
	env := NewEnv(s, seed, Storage{RTT: time.Millisecond, Service: time.Millisecond, Servers: 2, RowWrite: time.Millisecond, Handoff: handoff},
		Pauses{Share: 0.05, For: 50 * time.Millisecond})
	ctx := context.Background()
	s.Run = func(slot uint32) {
		env.Begin(engines.OpID(slot))
		key := engines.Key(slot % 3)
		err := env.Lock(ctx, key, 8*time.Millisecond)
		fmt.Fprintln(&out, s.now, slot, "lock", err)
		if err != nil {
			err = env.Park(ctx, key, 20*time.Millisecond)
			fmt.Fprintln(&out, s.now, slot, "parked", err)
			return
		}
		_ = env.Step(ctx, key)
		_ = env.Sleep(ctx, time.Duration(env.Jitter()*1e6))
		fmt.Fprintln(&out, s.now, slot, "worked")
		env.Wake(key)
		env.Unlock(key)
	}
	s.Handle = func(ev Event) { s.Spawn(ev.A) }
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range uint32(200) {
		s.At(time.Duration(r.IntN(300))*time.Millisecond, Event{A: i})
	}
	if err := s.Go(ctx); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestInPlaceStepsChangeNothing(t *testing.T) {
	for _, h := range []Handoff{FIFO, Barging} {
		for seed := range uint64(20) {
			if a, b := trace(t, seed, h, false), trace(t, seed, h, true); a != b {
				t.Fatalf("seed %d: moving the clock in place changed what happened:\n%s\nwithout:\n%s", seed, a, b)
			}
		}
	}
}

func TestAnotherSeedIsAnotherDay(t *testing.T) {
	if trace(t, 1, FIFO, false) == trace(t, 2, FIFO, false) {
		t.Error("seeds 1 and 2 give the same trace")
	}
	if trace(t, 1, FIFO, false) == trace(t, 1, Barging, false) {
		t.Error("the hand-off of locks makes no difference")
	}
}

func TestLockIsHandedOverInOrder(t *testing.T) {
	s := &Scheduler{}
	env := NewEnv(s, 1, Storage{Servers: 1}, Pauses{})
	var got []uint32
	s.Run = func(slot uint32) {
		if err := env.Lock(context.Background(), 0, time.Hour); err != nil {
			t.Error(err)
		}
		got = append(got, slot)
		_ = env.Sleep(context.Background(), time.Second)
		env.Unlock(0)
	}
	for i := range uint32(5) {
		s.Spawn(i)
	}
	if err := s.Go(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, []uint32{0, 1, 2, 3, 4}) || s.Now() != 5*time.Second {
		t.Errorf("the lock went to %v and was free at %v", got, s.Now())
	}
}

func TestStoppedWaitsReturn(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Scheduler{}
	env := NewEnv(s, 1, Storage{Servers: 1}, Pauses{})
	var ended []error
	s.Run = func(slot uint32) {
		if slot == 0 {
			ended = append(ended, env.Lock(ctx, 0, time.Hour))
		}
		ended = append(ended, env.Lock(ctx, 0, 1000*time.Hour), env.Step(ctx))
	}
	s.Handle = func(ev Event) {
		cancel()
		s.At(s.now+1, ev) // would go on for ever
	}
	s.Spawn(0)
	s.Spawn(1)
	s.At(time.Second, Event{})
	if err := s.Go(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Go returned %v", err)
	}
	if len(ended) != 5 || ended[0] != nil || !errors.Is(ended[1], ErrStopped) || !errors.Is(ended[4], ErrStopped) {
		t.Errorf("the waits ended with %v", ended)
	}
}

func TestPanicKeepsTheStackOfTheOperation(t *testing.T) {
	s := &Scheduler{Run: func(uint32) { planted() }}
	s.Spawn(0)
	err := s.Go(context.Background())
	if err == nil || !strings.Contains(err.Error(), "vtime.planted") {
		t.Errorf("the error doesn't name the function that panicked: %v", err)
	}
}

func planted() { panic("planted") }

func TestPausesAreInjectedAndCounted(t *testing.T) {
	s := &Scheduler{}
	env := NewEnv(s, 1, Storage{Servers: 1}, Pauses{Share: 0.1, For: time.Minute})
	slow := 0
	s.Run = func(slot uint32) {
		env.Begin(engines.OpID(slot))
		from := s.now
		for range 3 {
			_ = env.Step(context.Background())
		}
		if s.now-from >= time.Minute {
			slow++
		}
	}
	for i := range uint32(10_000) {
		s.Spawn(i)
	}
	if err := s.Go(context.Background()); err != nil {
		t.Fatal(err)
	}
	if slow < 900 || slow > 1100 || int64(slow) != env.Paused() {
		t.Errorf("%d of 10,000 operations were paused, %d counted; want about 1,000", slow, env.Paused())
	}
}

func BenchmarkStep(b *testing.B) {
	s := &Scheduler{}
	env := NewEnv(s, 1, Storage{RTT: time.Millisecond, Service: time.Millisecond, Servers: 64}, Pauses{})
	left := b.N
	s.Run = func(slot uint32) {
		for left > 0 {
			left--
			_ = env.Step(context.Background(), engines.Key(slot))
		}
	}
	for i := range uint32(32) {
		s.Spawn(i)
	}
	b.ReportAllocs()
	b.ResetTimer()
	if err := s.Go(context.Background()); err != nil {
		b.Fatal(err)
	}
}
