package audit

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// busyDay sends orders of two lines to 20,000 SKUs by popularity: each is reserved, paid after 10,000 others and shipped
// after 200,000.
type busyDay struct {
	audit   *Audit
	popular []engines.SKU
	seq     []uint64
	e       ledger.Entry
	next    uint64
	room    [2]engines.Version
}

const benchSKUs = 20_000

func newBusyDay() *busyDay {
	opening := make([]int64, benchSKUs)
	for i := range opening {
		opening[i] = 1 << 40
	}
	l := ledger.New(ledger.Config{Opening: opening, Channels: 6, Hot: []engines.SKU{0, 1, 2}, Day: 24 * time.Hour})
	d := &busyDay{
		audit: New(l, Config{Versions: true, Opening: opening}), seq: make([]uint64, benchSKUs),
		popular: make([]engines.SKU, 1<<20),
	}
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.05, 10, benchSKUs-2)
	for i := range d.popular {
		d.popular[i] = engines.SKU(zipf.Uint64())
	}
	d.e.Lines = make([]engines.Line, 2)
	return d
}

// one sends and answers the next operation.
func (d *busyDay) one() {
	n := d.next
	d.next++
	round := n / 3
	kind, order := engines.Reserve, round
	switch n % 3 {
	case 1:
		kind, order = engines.Confirm, round-10_000
	case 2:
		kind, order = engines.Ship, round-200_000
	}
	if order > round {
		return // not yet
	}
	e := &d.e
	a := d.popular[order*2654435761%(1<<20)]
	e.Lines[0], e.Lines[1] = x(a, 1), x(a+1, 2)
	e.Op = engines.Op{ID: engines.OrderOp(engines.OrderID(order+1), kind), Kind: kind, Order: engines.OrderID(order + 1), Channel: engines.Channel(order % 6)}
	e.Start = time.Duration(n * 3 * uint64(time.Microsecond))
	e.Intended, e.End, e.Marks = e.Start, e.Start+time.Duration(n%8192)*time.Microsecond, 0
	d.audit.Asked(e)
	e.Reply = engines.Reply{Outcome: engines.Done}
	if kind == engines.Reserve {
		e.Reply.Versions = append(d.room[:0], d.version(0), d.version(1))
	}
	d.audit.Answered(e)
}

func (d *busyDay) version(i int) engines.Version {
	l := d.e.Lines[i]
	d.seq[l.SKU]++
	k := &d.audit.folds[1].(*versions).keys[l.SKU]
	return engines.Version{SKU: l.SKU, Seq: d.seq[l.SKU], After: k.after - int64(l.Qty)}
}

// BenchmarkOperation is the whole cost of one operation: the ledger and every check, asked and answered.
// Making the operation up is in it too, and is about two fifths of the time.
func BenchmarkOperation(b *testing.B) {
	d := newBusyDay()
	for range 3 * 300_000 {
		d.one()
	}
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		d.one()
	}
	if c := find(b, d.audit.Close(b.Context(), engines.Books{}, true), "oversold"); c.Verdict != Pass {
		b.Fatal(c.Detail)
	}
}

// TestSteadyStateDoesNotAllocate and needs no more than two bytes for an order, all in all.
func TestSteadyStateDoesNotAllocate(t *testing.T) {
	d := newBusyDay()
	for range 3 * 300_000 {
		d.one()
	}
	if n := testing.AllocsPerRun(100, func() { d.one() }); n != 0 {
		t.Errorf("%g allocations an operation", n)
	}
	before, orders := heap(), d.next/3
	for range 3 * 400_000 {
		d.one()
	}
	perOrder := float64(heap()-before) / float64(d.next/3-orders)
	if perOrder > 2 {
		t.Errorf("%.2f bytes an order, want no more than 2", perOrder)
	}
	runtime.KeepAlive(d)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
