package vtime

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// The hold model: N processes sleep exponential times, over and over.
func BenchmarkHold(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprintf("N=%d", n), func(b *testing.B) {
			var d draw
			d.init()
			s := &Scheduler{}
			left := b.N
			s.Handle = func(ev Event) {
				if left--; left > 0 {
					ev.B++
					s.At(s.now+time.Duration(d.exponential(uint64(ev.A), ev.B)*1e9), ev)
				}
			}
			for i := range n {
				s.At(time.Duration(d.exponential(uint64(i), 0)*1e9), Event{A: uint32(i)})
			}
			b.ReportAllocs()
			b.ResetTimer()
			if err := s.Go(context.Background()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// Customers of an M/M/8 station at ρ = 0.9, each a coroutine that makes one round trip.
func BenchmarkMM8(b *testing.B) {
	m := newStation(8, 0.9, 1, b.N)
	b.ReportAllocs()
	b.ResetTimer()
	if err := m.s.Go(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "customers/s")
}

// station is an M/M/c queue: Poisson arrivals, each with one round trip of mean 1 ms.
type station struct {
	s      *Scheduler
	env    *Env
	left   int
	gap    float64
	seed   uint64
	waited time.Duration
	served int
	arrive draw
	write  []engines.Key
}

func newStation(servers int, load float64, seed uint64, customers int) *station {
	m := &station{s: &Scheduler{}, left: customers, gap: 1e6 / (load * float64(servers)), seed: seed}
	m.env = NewEnv(m.s, seed, Storage{Service: time.Millisecond, Servers: servers}, Pauses{})
	m.arrive.init()
	m.s.Handle = func(Event) {
		m.left--
		if m.left > 0 {
			m.s.At(m.s.now+time.Duration(m.arrive.exponential(^m.seed, uint64(m.left))*m.gap), Event{})
		}
		m.s.Spawn(uint32(m.left))
	}
	m.s.Run = func(slot uint32) {
		m.env.Begin(engines.OpID(slot))
		from := m.s.now
		if m.env.Step(context.Background(), m.write...) != nil {
			return
		}
		m.waited += m.s.now - from
		m.served++
	}
	m.s.At(0, Event{})
	return m
}
