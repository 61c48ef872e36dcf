package enginetest

import (
	"context"

	"github.com/doorbuster/doorbuster/engines"
)

// BadInput sends what no caller should: it is refused with an error, and nothing changes.
func BadInput(t TB, spec engines.Spec, w World) {
	t.Helper()
	w.Open(t, spec, Options{Opening: plenty}, func(h *House) {
		h.want(engines.Done, reserve(1, line(0, 1)))
		stock, grants := h.stock(), h.grants()
		ship := orderOp(engines.Ship, 1)
		ship.Lines = []engines.Line{line(0, 1)}
		bad := map[string]engines.Op{
			"unknown SKU":         orderOp(engines.Sell, 2, line(99, 1)),
			"negative quantity":   orderOp(engines.Sell, 2, line(0, -1)),
			"no units":            orderOp(engines.Sell, 2, line(0, 0)),
			"no lines":            orderOp(engines.Sell, 2),
			"order 0":             orderOp(engines.Sell, 0, line(0, 1)),
			"order too large":     orderOp(engines.Sell, engines.MaxOrderID+1, line(0, 1)),
			"unknown kind":        {ID: 5, Kind: 200},
			"no kind":             {ID: 5},
			"lines where none go": ship,
			"negative count":      h.feedOp(engines.Count, line(0, -1)),
			"too many units":      orderOp(engines.Sell, 2, line(0, 1<<31-1), line(0, 1)),
			"an order's receipt":  {ID: 5, Kind: engines.Receive, Order: 2, Lines: []engines.Line{line(0, 1)}},
		}
		for what, op := range bad {
			if r, err := h.try(context.Background(), op); err == nil || r.Outcome != engines.Unknown {
				h.Errorf("%s: %v without an error, want an error and unknown", what, r.Outcome)
			}
		}
		h.unchanged("bad input", stock, grants)
	})
}
