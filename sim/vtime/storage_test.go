package vtime

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// erlangC is the mean wait in an M/M/c queue, in service times: C(c, a) / (c − a) with offered load a.
// See e.g. Gross and Harris, Fundamentals of Queueing Theory, on the M/M/c queue.
func erlangC(servers int, load float64) float64 {
	a := load * float64(servers)
	term, sum := 1.0, 0.0
	for k := range servers {
		sum += term
		term *= a / float64(k+1)
	}
	last := term / (1 - load)
	return last / (sum + last) / (float64(servers) - a)
}

func TestStorageWaitsAsErlangCSays(t *testing.T) {
	for _, c := range []struct {
		servers int
		load    float64
	}{{1, 0.5}, {4, 0.7}, {8, 0.9}} {
		mean, n := 0.0, 0
		for seed := range uint64(4) {
			m := newStation(c.servers, c.load, seed, 1_000_000)
			if err := m.s.Go(context.Background()); err != nil {
				t.Fatal(err)
			}
			mean += float64(m.waited - m.env.BusyTime())
			n += m.served
		}
		got, want := mean/float64(n)/1e6, erlangC(c.servers, c.load)
		if math.Abs(got/want-1) > 0.01 {
			t.Errorf("M/M/%d at ρ = %.1f: mean wait %.4f service times, Erlang C says %.4f", c.servers, c.load, got, want)
		}
	}
}

// Beyond its capacity storage must not answer as fast as below it: a flat latency would be a lie.
func TestStorageOverCapacityQueuesGrow(t *testing.T) {
	wait := func(load float64) time.Duration {
		m := newStation(4, load, 1, 50_000)
		if err := m.s.Go(context.Background()); err != nil {
			t.Fatal(err)
		}
		return (m.waited - m.env.BusyTime()) / time.Duration(m.served)
	}
	if calm, over := wait(0.6), wait(1.2); over < 100*calm {
		t.Errorf("mean wait at 120 %% of capacity is %v, at 60 %% %v", over, calm)
	}
}

// Writers of one row wait for each other; writers of different rows don't.
func TestRowIsWrittenByOneAtATime(t *testing.T) {
	end := func(rows ...engines.Key) time.Duration {
		s := &Scheduler{}
		env := NewEnv(s, 1, Storage{Service: time.Millisecond, Constant: true, Servers: 100, RowWrite: 10 * time.Millisecond}, Pauses{})
		s.Run = func(slot uint32) {
			env.Begin(engines.OpID(slot))
			if env.Step(context.Background(), rows[slot]) != nil {
				t.Error("stopped")
			}
		}
		for i := range rows {
			s.Spawn(uint32(i))
		}
		if err := s.Go(context.Background()); err != nil {
			t.Fatal(err)
		}
		return s.Now()
	}
	if got, want := end(7, 7, 7), 21*time.Millisecond; got != want {
		t.Errorf("three writers of one row end at %v, want %v", got, want)
	}
	if got, want := end(1, 2, 3), time.Millisecond; got != want {
		t.Errorf("writers of three rows end at %v, want %v", got, want)
	}
}
