package enginetest

import "github.com/doorbuster/doorbuster/engines"

// AllOrNothing asks for lines of which one can't be had: none is taken.
func AllOrNothing(t TB, spec engines.Spec, w World) {
	t.Helper()
	w.Open(t, spec, Options{Opening: []int64{50, 50, 4}}, func(h *House) {
		stock, grants := h.stock(), h.grants()
		h.want(engines.SoldOut, reserve(1, line(0, 1), line(1, 1), line(2, 5)))
		h.want(engines.SoldOut, orderOp(engines.Sell, 2, line(2, 5), line(0, 1)))
		h.unchanged("a refused order", stock, grants)
		h.want(engines.Done, reserve(3, line(2, 1), line(0, 2), line(1, 3))) // in no order
		h.wantStock(0, position{available: 48, held: 2})
		h.wantStock(1, position{available: 47, held: 3})
		h.wantStock(2, position{available: 3, held: 1})
	})
}

// TwoLines names one SKU in two lines of an order. Each alone could be had; both together can't.
func TwoLines(t TB, spec engines.Spec, w World) {
	t.Helper()
	w.Open(t, spec, Options{Opening: []int64{10, 100}}, func(h *House) {
		h.want(engines.SoldOut, reserve(1, line(0, 6), line(1, 1), line(0, 6)))
		h.wantStock(0, position{available: 10})
		h.want(engines.Done, reserve(3, line(0, 1), line(1, 1), line(0, 1)))
		h.wantStock(0, position{available: 8, held: 2})
		if got := unitsOf(h.grants()[3].Lines); len(h.grants()[3].Lines) != 2 || got[0] != 2 {
			h.Errorf("the grant has lines %v, want one for each SKU, with 2 units of SKU 0", h.grants()[3].Lines)
		}
		h.want(engines.Done, orderOp(engines.Release, 3))
		h.wantStock(0, position{available: 10})
	})
}
