package driver

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/internal/hugepage"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// visit is a shopper who has not finished yet, or a marketplace order that is being placed. At the height of a day there are a
// million of them, so a visit is one cache line without pointers; what the shopper will do is kept to the millisecond.
type visit struct {
	holdUntil     time.Duration
	order         uint32
	checkoutAfter uint32 // ms
	payAfter      uint32 // ms
	cancelAfter   uint32 // ms; 0: never
	lines         [3]engines.Line
	slot          uint32 // its own place
	more          uint32 // where all lines are, if there are more than that; of a free visit, the next free one, +1
	open          int16  // operations in flight and steps to come
	is            traits
	lineCount     uint8
	channel       engines.Channel
	failures      uint8 // payment attempts that are yet to fail
}

// traits are what is true of a visit.
type traits uint16

const (
	leavesAtCart traits = 1 << iota
	leavesAtCheckout
	saysSo  // gives the hold back instead of just going
	pays    // in the end
	resends // sends what it asked once more
	doubled // one SKU stands in two lines
	held    // units are held; the sweeper will see to them if nobody else does

	displayed // a marketplace promised it on what it displayed
	givenBack // its channel was told that it could not be booked, and displays its units again
	lastTried // fulfilment has it booked, or else it is cancelled
)

func (w *visit) has(t traits) bool { return w.is&t != 0 }

func (w *visit) set(t traits, on bool) {
	if on {
		w.is |= t
	} else {
		w.is &^= t
	}
}

const visitPage = 1 << 10

// visits are pooled, in pages that never move. The place that was given back last is taken first: it is still in the processor's cache.
type visits struct {
	pages    []*[visitPage]visit
	used     uint32
	free     uint32 // the first free one, +1
	more     [][]engines.Line
	freeMore []uint32
}

func (v *visits) at(slot uint32) *visit { return &v.pages[slot/visitPage][slot%visitPage] }

// admit makes a visit of a plan.
func (v *visits) admit(p *workload.Plan, order engines.OrderID) *visit {
	w, slot := v.take()
	*w = visit{
		slot: slot, order: uint32(order), channel: p.Channel, failures: uint8(p.FailedPayments), is: traitsOf(p),
		checkoutAfter: ms(p.CheckoutAfter), payAfter: ms(p.PayAfter), cancelAfter: ms(p.CancelAfter),
	}
	v.keep(w, p.Lines)
	return w
}

func traitsOf(p *workload.Plan) (is traits) {
	if p.LeavesAtCart {
		is |= leavesAtCart
	}
	if p.LeavesAtCheckout {
		is |= leavesAtCheckout
	}
	if p.SaysSo {
		is |= saysSo
	}
	if p.Pays {
		is |= pays
	}
	if p.Resend {
		is |= resends
	}
	for i := 1; i < len(p.Lines); i++ {
		if p.Lines[i].SKU == p.Lines[i-1].SKU {
			is |= doubled
		}
	}
	return is
}

func (v *visits) keep(w *visit, lines []engines.Line) {
	w.lineCount = uint8(min(len(lines), 255))
	if len(lines) <= len(w.lines) {
		copy(w.lines[:], lines)
		return
	}
	if n := len(v.freeMore); n > 0 {
		w.more, v.freeMore = v.freeMore[n-1], v.freeMore[:n-1]
	} else {
		w.more = uint32(len(v.more))
		v.more = append(v.more, nil)
	}
	v.more[w.more] = append(v.more[w.more][:0], lines...)
}

// linesOf are the lines of the shopper's cart, in SKU order. They stay where they are as long as the visit lasts.
func (v *visits) linesOf(w *visit) []engines.Line {
	if int(w.lineCount) <= len(w.lines) {
		return w.lines[:w.lineCount]
	}
	return v.more[w.more]
}

func (v *visits) take() (w *visit, slot uint32) {
	if v.free != 0 {
		slot = v.free - 1
		w = v.at(slot)
		v.free = w.more
		return w, slot
	}
	if v.used%visitPage == 0 {
		v.pages = append(v.pages, hugepage.New[[visitPage]visit]())
	}
	v.used++
	return v.at(v.used - 1), v.used - 1
}

// end gives the visit back if nothing of it is left to come.
func (v *visits) end(w *visit) {
	if w.open > 0 || w.has(held) {
		return
	}
	if int(w.lineCount) > len(w.lines) {
		v.freeMore = append(v.freeMore, w.more)
	}
	w.order, w.more = 0, v.free
	v.free = w.slot + 1
}

// ms rounds to at least one millisecond, unless d is 0.
func ms(d time.Duration) uint32 {
	if d == 0 {
		return 0
	}
	return uint32(min(max(d/time.Millisecond, 1), 1<<32-1))
}

func duration(ms uint32) time.Duration { return time.Duration(ms) * time.Millisecond }

// bits is a set of small numbers.
type bits []uint64

func (b bits) has(i uint32) bool { return int(i/64) < len(b) && b[i/64]&(1<<(i%64)) != 0 }

func (b *bits) set(i uint32, on bool) {
	for int(i/64) >= len(*b) {
		*b = append(*b, 0)
	}
	if on {
		(*b)[i/64] |= 1 << (i % 64)
	} else {
		(*b)[i/64] &^= 1 << (i % 64)
	}
}
