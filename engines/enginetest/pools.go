package enginetest

import (
	"context"
	"maps"

	"github.com/doorbuster/doorbuster/engines"
)

// Pools lets one channel sell out what all have. A pool gives before another gets, so that at no time all pools together promise
// more than there is; units go back where they came from; transfers move them.
func Pools(t TB, spec engines.Spec, w World) {
	t.Helper()
	if !spec.Pools {
		transferChangesNothing(t, spec, w)
		return
	}
	w.Open(t, spec, Options{Opening: []int64{1000}}, func(h *House) {
		h.wantPools(500, 300, 200)
		h.want(engines.Done, transfer(h, 0, 1, 100))
		h.wantPools(400, 400, 200)
		h.want(engines.SoldOut, transfer(h, 2, 0, 201))
		h.want(engines.Done, reserve(3, line(0, 400))) // channel 0
		h.wantPools(0, 400, 200)
		h.want(engines.Done, orderOp(engines.Release, 3))
		h.wantPools(400, 400, 200)
		h.want(engines.Done, h.feedOp(engines.Receive, line(0, 10)))
		h.wantPools(405, 403, 202)
		h.want(engines.Done, h.feedOp(engines.Adjust, line(0, -101)))
		h.wantPools(364, 363, 182) // by what each had: 364.5, 362.7 and 181.8 were left
	})
	w.Open(t, spec, Options{Opening: []int64{1000}}, func(h *House) {
		h.watched(func() {
			h.AtOnce(90, func(i int) { h.Do(orderOp(engines.Sell, engines.OrderID(3*i+3), line(0, 10))) }) // 900 asked of channel 0
		})
		p := h.stock()[0]
		if p.available+p.committed != 1000 || p.committed <= 500 {
			h.Errorf("channel 0 sold %d of 1000 units, and %d are left: want more than its share of 500, and no unit lost", p.committed, p.available)
		}
	})
	revokedBeforeGranted(t, spec, w)
}

func transfer(h *House, from, to engines.Channel, qty int32) engines.Op {
	op := h.feedOp(engines.Transfer, line(0, qty))
	op.Channel, op.To = from, to
	return op
}

func (h *House) wantPools(want ...int64) {
	h.Helper()
	for s, err := range h.books().Stock {
		if err != nil {
			h.Errorf("books: stock: %v", err)
			break
		}
		if s.Available != want[s.Pool] {
			h.Errorf("pool %d has %d units, want %d", s.Pool, s.Available, want[s.Pool])
		}
	}
}

// watched runs f and then checks every pool: none owes anything.
func (h *House) watched(f func()) {
	h.Helper()
	f()
	for s, err := range h.books().Stock {
		if err != nil {
			h.Errorf("books: stock: %v", err)
			break
		}
		if s.Available < 0 {
			h.Errorf("pool %d has %d units", s.Pool, s.Available)
		}
	}
}

// revokedBeforeGranted stops a sale that needs another pool's units after every number of round trips: whatever it
// had done by then, no unit is in two places, and none is lost.
func revokedBeforeGranted(t TB, spec engines.Spec, w World) {
	t.Helper()
	for steps := range 4 {
		fuse := &fuse{}
		w.Open(t, spec, Options{Opening: []int64{100}, Tap: fuse.tap}, func(h *House) {
			fuse.arm(steps)
			r, err := h.try(context.Background(), orderOp(engines.Sell, 3, line(0, 60)))
			fuse.arm(-1)
			if (err != nil) != (r.Outcome == engines.Unknown) {
				h.Errorf("stopped after %d round trips: %v, %v", steps, r.Outcome, err)
			}
			if p := h.stock()[0]; p.available+p.committed != 100 {
				h.Errorf("stopped after %d round trips, a transfer leaves %+v of 100 units", steps, p)
			}
			h.want(engines.Done, orderOp(engines.Sell, 6, line(0, 10)))
			if p := h.stock()[0]; p.available+p.committed != 100 {
				h.Errorf("after a transfer was stopped and another took its place: %+v of 100 units", p)
			}
		})
	}
}

func transferChangesNothing(t TB, spec engines.Spec, w World) {
	t.Helper()
	w.Open(t, spec, Options{Opening: []int64{10}}, func(h *House) {
		before := maps.Clone(h.stock())
		h.want(engines.Done, transfer(h, 0, 1, 20))
		h.unchanged("a transfer without pools", before, h.grants())
	})
}
