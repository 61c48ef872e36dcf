package memory

import (
	"context"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// instant is an Env in which nothing takes time, for the cost of the engine's own code. It runs one operation at a time.
type instant struct{}

func (instant) Now() time.Duration                                     { return 0 }
func (instant) Step(context.Context, ...engines.Key) error             { return nil }
func (instant) Sleep(context.Context, time.Duration) error             { return nil }
func (instant) Lock(context.Context, engines.Key, time.Duration) error { return nil }
func (instant) Unlock(engines.Key)                                     {}
func (instant) Park(context.Context, engines.Key, time.Duration) error { return nil }
func (instant) Wake(engines.Key)                                       {}
func (instant) Jitter() float64                                        { return 0.5 }
func (instant) Count(engines.Counter, int)                             {}

// BenchmarkStrategies measures one operation of an order's life: reserved, confirmed, shipped, or reserved and released; two lines each.
func BenchmarkStrategies(b *testing.B) {
	for _, spec := range Specs() {
		b.Run(spec.Strategy(), func(b *testing.B) {
			e := benchEngine(b, spec)
			b.ReportAllocs()
			d := newDay()
			for b.Loop() {
				d.next()
				r, err := e.Do(b.Context(), d.op)
				if err != nil || r.Outcome != engines.Done {
					b.Fatalf("operation %d: %v of order %d: %v, %v", d.n, d.op.Kind, d.op.Order, r.Outcome, err)
				}
			}
		})
	}
}

// benchEngine has more stock than anyone will ask for.
func benchEngine(tb testing.TB, spec engines.Spec) engines.Engine {
	tb.Helper()
	e := mustOpen(tb, spec, instant{})
	opening := make([]int64, 1000)
	for i := range opening {
		opening[i] = 1 << 40
	}
	if err := e.Reset(tb.Context(), opening); err != nil {
		tb.Fatal(err)
	}
	return e
}

func newDay() *day { return &day{room: make([]engines.Version, 0, 8), lines: make([]engines.Line, 2)} }

// day makes one operation after the other, without allocating.
type day struct {
	op    engines.Op
	n     uint64
	lines []engines.Line
	room  []engines.Version
}

var lives = [...]engines.Kind{engines.Reserve, engines.Confirm, engines.Ship, engines.Reserve, engines.Release}

func (d *day) next() {
	kind := lives[d.n%uint64(len(lives))]
	if kind == engines.Reserve {
		d.op.Order++
		d.lines[0] = engines.Line{SKU: engines.SKU(d.n * 7 % 500), Qty: 1}
		d.lines[1] = engines.Line{SKU: engines.SKU(500 + d.n*11%500), Qty: 2}
	}
	d.n++
	d.op = engines.Op{
		ID: engines.OrderOp(d.op.Order, kind), Order: d.op.Order, Kind: kind, Channel: engines.Channel(d.op.Order % 2),
		HoldFor: 0, At: time.Duration(d.n), Versions: d.room,
	}
	if kind == engines.Reserve {
		d.op.Lines, d.op.HoldFor = d.lines, 15*time.Minute
	}
}

func mustOpen(tb testing.TB, spec engines.Spec, env engines.Env) engines.Engine {
	tb.Helper()
	e, err := spec.Open(tb.Context(), engines.Setup{Env: env, Shares: []float64{0.5, 0.5}})
	if err != nil {
		tb.Fatal(err)
	}
	return e
}
