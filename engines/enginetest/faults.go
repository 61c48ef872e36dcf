package enginetest

import (
	"context"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// CutShort stops operations in flight: by their context, and by a connection that is cut after some round trips. The caller gets
// Unknown with an error; what happened is what the books say, and nothing more happens later.
func CutShort(t TB, spec engines.Spec, w World) {
	t.Helper()
	hurried := engines.Tuning{Lease: time.Millisecond} // what a lost holder leaves locked is free again soon
	w.Open(t, spec, Options{Opening: plenty, Tuning: hurried}, func(h *House) {
		if h.cancels {
			h.cancelAll()
		}
	})
	if !spec.Virtual {
		return
	}
	for steps := range 3 {
		fuse := &fuse{}
		w.Open(t, spec, Options{Opening: plenty, Tuning: hurried, Tap: fuse.tap}, func(h *House) { h.cutAfter(steps, fuse) })
	}
}

// cancelAll sends orders whose contexts end before, during and after their round trips.
func (h *House) cancelAll() {
	h.Helper()
	const orders = 30
	errs := make([]error, orders)
	h.AtOnce(orders, func(i int) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i/2)*20*time.Microsecond)
		defer cancel()
		r, err := h.try(ctx, orderOp(engines.Sell, engines.OrderID(i+1), line(0, 1), line(1, 1)))
		errs[i] = err
		if err != nil && r.Outcome != engines.Unknown {
			h.Errorf("cancelled, order %d is %v: want unknown", i+1, r.Outcome)
		}
	})
	if errs[0] == nil {
		h.Errorf("a context that had ended stopped nothing")
	}
	h.settled(orders)
	h.want(engines.Done, orderOp(engines.Sell, orders+1, line(0, 1), line(1, 1))) // nobody left a lock behind for good
}

// cutAfter cuts an order's connection after some round trips, and finds out from the books what became of it.
func (h *House) cutAfter(steps int, f *fuse) {
	h.Helper()
	f.arm(steps)
	r, err := h.try(context.Background(), orderOp(engines.Sell, 1, line(0, 1)))
	f.arm(-1)
	if err == nil && r.Outcome != engines.Done || err != nil && r.Outcome != engines.Unknown {
		h.Errorf("cut after %d round trips: %v, %v", steps, r.Outcome, err)
	}
	if steps == 0 && err == nil {
		h.Errorf("an engine that makes no round trip can't be cut short")
	}
	h.settled(1)
	h.want(engines.Done, orderOp(engines.Sell, 1, line(0, 1))) // sent again, it happens once
	h.want(engines.Done, orderOp(engines.Sell, 2, line(0, 1)))
	if p := h.stock()[0]; p.committed != 2 {
		h.Errorf("cut after %d round trips: %+v, want 2 units sold", steps, p)
	}
}

// settled says that grants, outcomes and stock tell the same of the first orders.
func (h *House) settled(orders engines.OrderID) {
	h.Helper()
	books, grants := h.books(), h.grants()
	sold := int64(0)
	for order := engines.OrderID(1); order <= orders; order++ {
		out, err := books.Outcome(engines.OrderOp(order, engines.Sell))
		if err != nil || (out == engines.Done) != (grants[order].State == engines.Committed) {
			h.Errorf("order %d: its outcome is %v (%v), its grant %v", order, out, err, grants[order].State)
		}
		if out == engines.Done {
			sold++
		}
	}
	if got := h.stock()[0]; got.committed != sold || got.available+got.committed != 100 && h.Spec.PromisesNoOversell {
		h.Errorf("%d units were sold, the stock is %+v of 100", sold, got)
	}
}
