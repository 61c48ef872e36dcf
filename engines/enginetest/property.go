package enginetest

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doorbuster/doorbuster/engines"
)

// modelStock is what a random history begins with: plenty, little and nothing.
var modelStock = []int64{40, 6, 0}

// Agrees sends random histories, one operation at a time, to the engine and to the model, which must agree on every
// outcome and on the books. Few orders and few IDs, so that most operations meet what others left behind.
func Agrees(t *testing.T, spec engines.Spec, w World) {
	rapid.Check(t, func(r *rapid.T) {
		history := History().Draw(r, "history")
		Replay(r, spec, w, history)
	})
}

// Replay sends one history to the engine and to the model.
func Replay(t TB, spec engines.Spec, w World, history []engines.Op) {
	t.Helper()
	w.Open(t, spec, Options{Opening: modelStock}, func(h *House) {
		m := newModel(modelStock)
		for i, op := range history {
			want := m.expect(op)
			got := h.Do(op).Outcome
			if got != want && !(spec.Pools && got == engines.SoldOut && want == engines.Done) {
				h.Errorf("operation %d, %+v: %v, want %v", i, op, got, want)
				return
			}
			m.apply(op, got)
		}
		m.compare(h)
	})
}

// History generates operations in the order of their clocks.
func History() *rapid.Generator[[]engines.Op] {
	return rapid.Custom(func(r *rapid.T) []engines.Op {
		ops := rapid.SliceOfN(rapid.Custom(anyOp), 1, 60).Draw(r, "ops")
		now := time.Duration(0)
		for i := range ops {
			now += ops[i].At
			ops[i].At = now
		}
		return ops
	})
}

// kinds in the proportion in which a history has them: mostly the lives of orders. Transfers need pools to mean anything.
var kinds = []engines.Kind{
	engines.Reserve, engines.Reserve, engines.Reserve, engines.Sell, engines.Sell, engines.Confirm, engines.Confirm, engines.Release,
	engines.Expire, engines.Expire, engines.Cancel, engines.Ship,
	engines.Receive, engines.Return, engines.Count, engines.Adjust,
}

// anyOp draws one operation; its At is the time since the one before it.
func anyOp(r *rapid.T) engines.Op {
	kind := rapid.SampledFrom(kinds).Draw(r, "kind")
	op := engines.Op{Kind: kind, At: time.Duration(rapid.IntRange(0, 8).Draw(r, "minutes")) * time.Minute}
	if kind.NamesOrder() {
		order := engines.OrderID(rapid.IntRange(1, 8).Draw(r, "order"))
		op.ID, op.Order, op.Channel = engines.OrderOp(order, kind), order, engines.Channel(order%3)
	} else {
		op.ID = engines.FeedOp(6, uint64(rapid.IntRange(1, 30).Draw(r, "feed")))
	}
	if rapid.IntRange(0, 9).Draw(r, "odd") == 0 { // an ID of the caller's own making, or a channel that isn't the order's
		op.ID = engines.OpID(rapid.IntRange(0, 200).Draw(r, "id"))
		op.Channel = engines.Channel(rapid.IntRange(0, 2).Draw(r, "channel"))
	}
	if kind == engines.Reserve {
		op.HoldFor = holdFor
	}
	if kind.NamesLines() {
		op.Lines = rapid.SliceOfN(rapid.Custom(lineOf(kind)), 1, 3).Draw(r, "lines")
	}
	return op
}

func lineOf(kind engines.Kind) func(*rapid.T) engines.Line {
	return func(r *rapid.T) engines.Line {
		l := line(engines.SKU(rapid.IntRange(0, len(modelStock)-1).Draw(r, "sku")), int32(rapid.IntRange(1, 5).Draw(r, "qty")))
		if kind == engines.Adjust && rapid.Bool().Draw(r, "loss") {
			l.Qty = -l.Qty
		}
		return l
	}
}
