package enginetest

import (
	"slices"
	"sync"

	"github.com/doorbuster/doorbuster/engines"
)

var plenty = []int64{100, 100, 100}

// SameIDAgain sends operations twice, one after the other: the second time nothing happens, and the answer is the first.
func SameIDAgain(t TB, spec engines.Spec, w World) {
	t.Helper()
	w.Open(t, spec, Options{Opening: plenty}, func(h *House) {
		ops := []engines.Op{
			reserve(1, line(0, 2), line(1, 1)),
			orderOp(engines.Confirm, 1),
			orderOp(engines.Sell, 2, line(0, 500)),
			orderOp(engines.Cancel, 3),
			h.feedOp(engines.Receive, line(2, 5)),
			h.feedOp(engines.Adjust, line(2, -1)),
		}
		for _, op := range ops {
			first := h.Do(op)
			versions := slices.Clone(first.Versions)
			stock, grants := h.stock(), h.grants()
			op.At += holdFor // the clock is not content
			again := h.want(first.Outcome, op)
			if spec.Versions && op.Kind == engines.Reserve && !slices.Equal(again.Versions, versions) {
				h.Errorf("%s again: versions %v, first %v", op.Kind, again.Versions, versions)
			}
			h.unchanged(op.Kind.String()+" sent again", stock, grants)
		}
		h.want(engines.Done, orderOp(engines.Ship, 1))
		h.want(engines.Done, reserve(1, line(0, 2), line(1, 1))) // the first answer, also when the order is closed
		h.wantStock(0, position{available: 98, shipped: 2})
	})
}

// SameIDAtOnce sends one operation many times at once: it takes effect once, and everyone gets the same answer.
func SameIDAtOnce(t TB, spec engines.Spec, w World) {
	t.Helper()
	w.Open(t, spec, Options{Opening: plenty}, func(h *House) {
		feed := h.feedOp(engines.Receive, line(0, 7))
		for _, op := range []engines.Op{orderOp(engines.Sell, 3, line(0, 3), line(1, 1)), feed, orderOp(engines.Cancel, 3)} {
			var mu sync.Mutex
			seen := map[engines.Outcome]int{}
			h.AtOnce(8, func(int) {
				out := h.Do(op).Outcome
				mu.Lock()
				defer mu.Unlock()
				seen[out]++
			})
			if len(seen) != 1 {
				h.Errorf("%s sent 8 times at once: outcomes %v, want one", op.Kind, seen)
			}
		}
		feeds := int64(0)
		if out, err := h.books().Outcome(feed.ID); out == engines.Done && err == nil {
			feeds = 7
		}
		h.wantSold(3, line(0, 3), 100+feeds)
	})
}

// wantSold says that a SKU stands as its order's state tells: sold once, or given back once.
func (h *House) wantSold(order engines.OrderID, l engines.Line, supply int64) {
	h.Helper()
	want := position{available: supply}
	if h.grants()[order].State == engines.Committed {
		want = position{available: supply - int64(l.Qty), committed: int64(l.Qty)}
	}
	h.wantStock(l.SKU, want)
}

// SameIDOtherContent uses an ID again for something else: Conflict, and nothing happens.
func SameIDOtherContent(t TB, spec engines.Spec, w World) {
	t.Helper()
	w.Open(t, spec, Options{Opening: plenty}, func(h *House) {
		receipt := h.feedOp(engines.Receive, line(2, 5))
		odd := engines.Op{ID: 7, Kind: engines.Sell, Order: 9, Lines: []engines.Line{line(1, 1)}}
		h.want(engines.Done, reserve(1, line(0, 2)))
		h.want(engines.Done, orderOp(engines.Confirm, 1))
		h.want(engines.Done, receipt)
		h.want(engines.Done, odd)
		stock, grants := h.stock(), h.grants()
		for _, op := range others(receipt, odd) {
			h.want(engines.Conflict, op)
		}
		h.unchanged("an ID with other content", stock, grants)
		h.want(engines.Done, reserve(1, line(0, 2)))
	})
}

func others(receipt, odd engines.Op) []engines.Op {
	longer, stranger, confirm := reserve(1, line(0, 2)), reserve(1, line(0, 2)), orderOp(engines.Confirm, 1)
	longer.HoldFor *= 2
	stranger.Channel++
	confirm.Channel++
	moreReceived, otherKind, otherOrder := receipt, receipt, odd
	moreReceived.Lines = []engines.Line{line(2, 6)}
	otherKind.Kind = engines.Return
	otherOrder.Order = 10
	foreign := orderOp(engines.Sell, 4, line(0, 1))
	foreign.ID = engines.OrderOp(1, engines.Reserve)
	return []engines.Op{
		reserve(1, line(0, 3)), reserve(1, line(1, 2)), reserve(1, line(0, 2), line(1, 1)),
		longer, stranger, confirm, moreReceived, otherKind, otherOrder, foreign,
	}
}
