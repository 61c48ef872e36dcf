package enginetest

import (
	"math/rand/v2"
	"sync"

	"github.com/doorbuster/doorbuster/engines"
)

// Conservation runs many orders' lives at once. At the end the books must account for every unit that came in, and their
// grants must be what the callers were told.
func Conservation(t TB, spec engines.Spec, w World) {
	t.Helper()
	opening := []int64{60, 200, 500}
	w.Open(t, spec, Options{Opening: opening}, func(h *House) {
		var mu sync.Mutex
		told := map[engines.OrderID]engines.GrantState{}
		received := map[engines.SKU]int64{}
		h.AtOnce(48, func(i int) {
			order := engines.OrderID(i + 1)
			state := h.live(order, rand.New(rand.NewPCG(1, uint64(i))))
			l := line(engines.SKU(i%3), int32(1+i%4))
			done := h.Do(h.feedOp(engines.Receive, l)).Outcome == engines.Done
			mu.Lock()
			defer mu.Unlock()
			told[order] = state
			if done {
				received[l.SKU] += int64(l.Qty)
			}
		})
		for order, want := range told {
			if got := h.grants()[order].State; got != want {
				h.Errorf("order %d: the books say %v, its caller was told %v", order, got, want)
			}
		}
		for sku, p := range h.stock() {
			if sum, want := p.available+p.held+p.committed+p.shipped, opening[sku]+received[sku]; sum != want && spec.PromisesNoOversell {
				h.Errorf("SKU %d: %+v account for %d units, want %d", sku, p, sum, want)
			}
		}
	})
}

// live takes one order through a random life, and returns the state in which its caller must believe it.
func (h *House) live(order engines.OrderID, r *rand.Rand) engines.GrantState {
	state := engines.NoGrant
	step := func(op engines.Op, next engines.GrantState) bool {
		if h.Do(op).Outcome != engines.Done {
			return false
		}
		state = next
		return true
	}
	lines := []engines.Line{line(0, 1+r.Int32N(3)), line(1, 1+r.Int32N(3))}
	if r.IntN(2) == 0 {
		lines = append(lines, line(2, 1))
	}
	if !step(reserve(order, lines...), engines.Held) {
		return state
	}
	switch r.IntN(4) {
	case 0:
		step(orderOp(engines.Release, order), engines.Released)
	case 1:
		step(at(holdFor, orderOp(engines.Expire, order)), engines.Lapsed)
	case 2:
		if step(orderOp(engines.Confirm, order), engines.Committed) {
			step(orderOp(engines.Cancel, order), engines.Cancelled)
		}
	case 3:
		if step(orderOp(engines.Confirm, order), engines.Committed) {
			step(orderOp(engines.Ship, order), engines.Shipped)
		}
	}
	return state
}
