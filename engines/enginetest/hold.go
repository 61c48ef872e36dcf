package enginetest

import (
	"sync"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// HoldLifecycle takes a hold to each of its ends, and asks for what its state does not allow.
func HoldLifecycle(t TB, spec engines.Spec, w World) {
	t.Helper()
	w.Open(t, spec, Options{Opening: plenty}, func(h *House) {
		for order := engines.OrderID(1); order <= 3; order++ {
			h.want(engines.Done, reserve(order, line(0, 2)))
		}
		h.wantStock(0, position{available: 94, held: 6})
		h.want(engines.NotFound, at(holdFor-1, orderOp(engines.Expire, 4))) // an order that never was
		h.want(engines.Done, at(holdFor-1, orderOp(engines.Confirm, 1)))
		h.want(engines.Done, orderOp(engines.Release, 2))
		h.want(engines.Done, at(holdFor, orderOp(engines.Expire, 3)))
		h.wantStock(0, position{available: 98, committed: 2})
		h.want(engines.NotFound, orderOp(engines.Release, 1))
		h.want(engines.NotFound, at(holdFor, orderOp(engines.Expire, 2)))
		h.want(engines.NotFound, orderOp(engines.Confirm, 2))
		h.want(engines.Expired, orderOp(engines.Confirm, 3))
		h.want(engines.NotFound, orderOp(engines.Ship, 3))
		h.want(engines.Conflict, orderOp(engines.Sell, 2, line(0, 1))) // an order is granted once
		h.wantStock(0, position{available: 98, committed: 2})
		for order, want := range map[engines.OrderID]engines.GrantState{1: engines.Committed, 2: engines.Released, 3: engines.Lapsed, 4: engines.NoGrant} {
			if got := h.grants()[order].State; got != want {
				h.Errorf("order %d is %v, want %v", order, got, want)
			}
		}
	})
}

// LatePayment pays a hold at its deadline: too late, though nobody has expired it yet; and expires one before its deadline: too early.
func LatePayment(t TB, spec engines.Spec, w World) {
	t.Helper()
	w.Open(t, spec, Options{Opening: plenty}, func(h *House) {
		h.want(engines.Done, at(time.Minute, reserve(1, line(0, 2))))
		h.want(engines.Done, at(time.Minute, reserve(2, line(0, 1))))
		h.want(engines.NotFound, at(holdFor, orderOp(engines.Expire, 2)))
		h.want(engines.Expired, at(time.Minute+holdFor, orderOp(engines.Confirm, 1)))
		h.wantStock(0, position{available: 97, held: 3})
		h.want(engines.Done, at(time.Minute+holdFor, orderOp(engines.Expire, 1)))
		h.wantStock(0, position{available: 99, held: 1})
	})
}

// HoldEndsOnce lets everything that can end a hold race for it: one wins, and its units are in one place.
func HoldEndsOnce(t TB, spec engines.Spec, w World) {
	t.Helper()
	w.Open(t, spec, Options{Opening: plenty}, func(h *House) {
		const orders = 12
		for order := engines.OrderID(1); order <= orders; order++ {
			h.want(engines.Done, reserve(order, line(0, 1), line(1, 2)))
		}
		var mu sync.Mutex
		ended := map[engines.OrderID][]engines.Kind{}
		h.AtOnce(3*orders, func(i int) {
			order := engines.OrderID(i/3 + 1)
			op := []engines.Op{
				at(holdFor-1, orderOp(engines.Confirm, order)), orderOp(engines.Release, order), at(holdFor, orderOp(engines.Expire, order)),
			}[i%3]
			if h.Do(op).Outcome == engines.Done {
				mu.Lock()
				defer mu.Unlock()
				ended[order] = append(ended[order], op.Kind)
			}
		})
		h.wantEnds(ended, orders)
	})
}

func (h *House) wantEnds(ended map[engines.OrderID][]engines.Kind, orders engines.OrderID) {
	h.Helper()
	becomes := map[engines.Kind]engines.GrantState{
		engines.Confirm: engines.Committed, engines.Release: engines.Released, engines.Expire: engines.Lapsed,
	}
	grants := h.grants()
	var sold, held int64
	for order := engines.OrderID(1); order <= orders; order++ {
		by, want := ended[order], engines.Held
		if len(by) > 1 {
			h.Errorf("the hold of order %d ended %d times: %v", order, len(by), by)
			continue
		}
		if len(by) == 1 {
			want = becomes[by[0]]
		}
		if got := grants[order].State; got != want {
			h.Errorf("order %d, ended by %v, is %v, want %v", order, by, got, want)
		}
		switch want {
		case engines.Held:
			held++
		case engines.Committed:
			sold++
		}
	}
	if h.Spec.PromisesNoOversell { // the others may lose what was given back
		h.wantStock(0, position{available: 100 - sold - held, held: held, committed: sold})
		h.wantStock(1, position{available: 100 - 2*(sold+held), held: 2 * held, committed: 2 * sold})
	}
}
