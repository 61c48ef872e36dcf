package enginetest

import "github.com/doorbuster/doorbuster/engines"

// Count sets what is on hand to an absolute count, in which held and committed units lie on the shelf too.
func Count(t TB, spec engines.Spec, w World) {
	t.Helper()
	w.Open(t, spec, Options{Opening: plenty}, func(h *House) {
		h.want(engines.Done, reserve(1, line(0, 3)))
		h.want(engines.Done, orderOp(engines.Sell, 2, line(0, 2)))
		h.want(engines.Done, orderOp(engines.Sell, 3, line(0, 4)))
		h.want(engines.Done, orderOp(engines.Ship, 3))
		h.want(engines.Done, h.feedOp(engines.Count, line(0, 50), line(1, 0)))
		h.wantStock(0, position{available: 45, held: 3, committed: 2, shipped: 4})
		h.wantStock(1, position{})
		h.want(engines.Done, h.feedOp(engines.Count, line(0, 1))) // fewer than are promised
		h.wantStock(0, position{available: -4, held: 3, committed: 2, shipped: 4})
		for order := engines.OrderID(4); order < 7; order++ { // from every channel
			h.want(engines.SoldOut, orderOp(engines.Sell, order, line(0, 1)))
		}
		h.want(engines.Done, orderOp(engines.Release, 1)) // what comes back pays what is owed first
		h.want(engines.SoldOut, orderOp(engines.Sell, 7, line(0, 1)))
		h.wantStock(0, position{available: -1, committed: 2, shipped: 4})
		h.want(engines.Done, h.feedOp(engines.Count, line(0, 40)))
		h.wantStock(0, position{available: 38, committed: 2, shipped: 4})
	})
}

// Feeds receives, takes back and corrects. What the warehouse says has happened, also when it takes more than there is.
func Feeds(t TB, spec engines.Spec, w World) {
	t.Helper()
	w.Open(t, spec, Options{Opening: []int64{10, 0, 5}}, func(h *House) {
		h.want(engines.Done, h.feedOp(engines.Receive, line(0, 7), line(1, 30), line(0, 1)))
		h.wantStock(0, position{available: 18})
		h.wantStock(1, position{available: 30})
		h.want(engines.Done, orderOp(engines.Sell, 1, line(1, 2))) // what came can be sold
		h.want(engines.Done, h.feedOp(engines.Return, line(1, 1)))
		h.wantStock(1, position{available: 29, committed: 2})
		h.want(engines.Done, h.feedOp(engines.Adjust, line(0, 2), line(2, -1)))
		h.wantStock(0, position{available: 20})
		h.wantStock(2, position{available: 4})
		h.want(engines.Done, h.feedOp(engines.Adjust, line(2, -9)))
		h.wantStock(2, position{available: -5})
		h.want(engines.SoldOut, orderOp(engines.Sell, 2, line(2, 1)))
		h.want(engines.Done, h.feedOp(engines.Receive, line(2, 5)))
		h.wantStock(2, position{})
	})
}
