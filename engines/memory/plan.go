package memory

import (
	"fmt"
	"math"
	"slices"

	"github.com/doorbuster/doorbuster/engines"
)

// feeds says whether op tells what happened in the warehouse, for all pools of a SKU together.
func (t *txn) feeds() bool { return t.order == nil && t.op.Kind != engines.Transfer }

// movesStock says whether op changes what is available, which is what strategies are about. A transfer between pools
// that are one changes nothing.
func (t *txn) movesStock() bool {
	return t.op.Kind != engines.Confirm && t.op.Kind != engines.Ship && len(t.keys) > 0
}

// sum brings op's lines into SKU order, each SKU once, so that all operations take rows in one order. Lines validated
// one by one would sell the same unit to two of them.
func (t *txn) sum() error {
	sums := t.sums[:0]
	for _, l := range t.op.Lines {
		i := len(sums)
		for i > 0 && sums[i-1].SKU > l.SKU {
			i--
		}
		if i == 0 || sums[i-1].SKU != l.SKU {
			sums = slices.Insert(sums, i, l)
			continue
		}
		both := int64(sums[i-1].Qty) + int64(l.Qty)
		if both > math.MaxInt32 || both < math.MinInt32 {
			return fmt.Errorf("operation %d: its lines of SKU %d sum to %d units: want no more than 32 bits hold", t.op.ID, l.SKU, both)
		}
		sums[i-1].Qty = int32(both)
	}
	t.op.Lines, t.sums = sums, sums
	return nil
}

func ascending(lines []engines.Line) bool {
	for i := 1; i < len(lines); i++ {
		if lines[i-1].SKU >= lines[i].SKU {
			return false
		}
	}
	return true
}

// plan finds the stock keys that op changes and, where that doesn't depend on what is there, by how much.
func (t *txn) plan() {
	switch {
	case t.op.Kind.TakesStock():
		pool := t.pools.Of(t.op.Channel)
		for _, l := range t.op.Lines {
			t.change(t.key(l.SKU, pool), -int64(l.Qty))
		}
	case t.op.Kind == engines.Confirm: // its units stay where they are
	case t.order != nil:
		t.planGrant()
	case t.op.Kind == engines.Transfer:
		t.planTransfer()
	default:
		t.planFeed()
	}
}

func (t *txn) change(k engines.Key, delta int64) {
	t.keys = append(t.keys, k)
	t.delta = append(t.delta, delta)
}

// planGrant takes the keys from the order's grant: units go back to the pool that they came from, or leave the house.
func (t *txn) planGrant() {
	for g := t.orders.grant(t.order); g != nil; g = t.orders.rest(g) {
		for _, u := range g.filled() {
			t.change(u.key, int64(u.qty))
		}
	}
}

func (t *txn) planTransfer() {
	from, to := t.pools.Of(t.op.Channel), t.pools.Of(t.op.To)
	if from == to {
		return
	}
	for _, l := range t.op.Lines {
		q := int64(l.Qty)
		if from < to {
			t.change(t.key(l.SKU, from), -q)
			t.change(t.key(l.SKU, to), q)
		} else {
			t.change(t.key(l.SKU, to), q)
			t.change(t.key(l.SKU, from), -q)
		}
	}
}

// planFeed names every pool of every SKU; how much each changes depends on what is read.
func (t *txn) planFeed() {
	for _, l := range t.op.Lines {
		for pool := range t.pools {
			t.change(t.key(l.SKU, pool), 0)
		}
	}
}

// spread divides what a feed reports over the pools as they were read.
func (t *txn) spread() {
	n := len(t.pools)
	for i, l := range t.op.Lines {
		was, delta := t.was[i*n:(i+1)*n], t.delta[i*n:(i+1)*n]
		change := int64(l.Qty)
		t.had = t.had[:0]
		for _, r := range was {
			t.had = append(t.had, r.available)
			if t.op.Kind == engines.Count { // what is held or committed lies on the shelf and is counted too
				change -= r.available + r.taken
			}
		}
		t.pools.Spread(change, t.had, delta)
	}
}
