package enginetest

import "github.com/doorbuster/doorbuster/engines"

// Cancel cancels a committed order: its units come back once; after it has left the house they do not come back at all.
func Cancel(t TB, spec engines.Spec, w World) {
	t.Helper()
	w.Open(t, spec, Options{Opening: plenty}, func(h *House) {
		h.want(engines.Done, orderOp(engines.Sell, 1, line(0, 3)))
		h.want(engines.Done, reserve(2, line(0, 2)))
		h.want(engines.NotFound, orderOp(engines.Cancel, 2)) // held, not committed
		h.want(engines.Done, orderOp(engines.Confirm, 2))
		h.want(engines.Done, orderOp(engines.Cancel, 1))
		h.wantStock(0, position{available: 98, committed: 2})
		h.want(engines.NotFound, orderOp(engines.Ship, 1))
		h.want(engines.Done, orderOp(engines.Ship, 2))
		again := orderOp(engines.Cancel, 2)
		again.ID = engines.FeedOp(8, 1) // an order management system with IDs of its own
		h.want(engines.NotFound, again)
		h.wantStock(0, position{available: 98, shipped: 2})
	})
}
