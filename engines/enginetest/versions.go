package enginetest

import (
	"cmp"
	"slices"
	"sync"

	"github.com/doorbuster/doorbuster/engines"
)

// made is a version with the change that its operation makes to the SKU.
type made struct {
	engines.Version
	op     engines.Op
	change int64
}

// place is a stock key as versions name it.
type place struct {
	sku  engines.SKU
	pool engines.Channel
}

// Versions collects every version of a busy day and replays each stock key in their order: no number is missing or given twice,
// the last stock is that of the books, and where a SKU is one key, each operation changes it by its own quantity.
func Versions(t TB, spec engines.Spec, w World) {
	if !spec.Versions {
		return
	}
	t.Helper()
	opening := []int64{30, 300}
	w.Open(t, spec, Options{Opening: opening}, func(h *House) {
		var mu sync.Mutex
		all := map[place][]made{}
		keep := func(op engines.Op, r engines.Reply, sign int64, lines ...engines.Line) {
			mu.Lock()
			defer mu.Unlock()
			for _, v := range r.Versions {
				p := place{v.SKU, v.Pool}
				all[p] = append(all[p], made{v, op, sign * unitsOf(lines)[v.SKU]})
			}
		}
		busy := func(i int) {
			order := engines.OrderID(i + 1)
			sold := []engines.Line{line(0, 1+int32(i%2)), line(1, 1)}
			op := reserve(order, sold...)
			op.Versions = make([]engines.Version, 0, 1) // too little room: the engine must make more
			keep(op, h.Do(op), -1, sold...)
			end := orderOp(engines.Release, order)
			keep(end, h.Do(end), 1, sold...)
			got := []engines.Line{line(engines.SKU(i%2), 3)}
			feed := h.feedOp(engines.Receive, got...)
			keep(feed, h.Do(feed), 1, got...)
		}
		for i := range 6 {
			busy(i)
		}
		if spec.PromisesNoOversell {
			h.AtOnce(40, func(i int) { busy(6 + i) })
		}
		h.replay(all, opening)
	})
}

func (h *House) replay(all map[place][]made, opening []int64) {
	h.Helper()
	for s, err := range h.books().Stock {
		if err != nil {
			h.Errorf("books: stock: %v", err)
			return
		}
		versions := all[place{s.SKU, s.Pool}]
		slices.SortFunc(versions, func(a, b made) int { return cmp.Compare(a.Seq, b.Seq) })
		if n := len(versions); uint64(n) != s.Seq || n == 0 {
			h.Errorf("SKU %d, pool %d: %d versions were told, the books are at %d", s.SKU, s.Pool, n, s.Seq)
			continue
		}
		before := opening[s.SKU]
		for i, v := range versions {
			if v.Seq != uint64(i+1) {
				h.Errorf("SKU %d, pool %d: version %d comes where %d should", s.SKU, s.Pool, v.Seq, i+1)
				break
			}
			if !h.Spec.Pools && v.After != before+v.change {
				h.Errorf("SKU %d, version %d: %d units and then %s of order %d by %d leave %d", s.SKU, v.Seq, before, v.op.Kind, v.op.Order, v.change, v.After)
			}
			before = v.After
		}
		if before != s.Available {
			h.Errorf("SKU %d, pool %d: the last version leaves %d units, the books say %d", s.SKU, s.Pool, before, s.Available)
		}
	}
}
