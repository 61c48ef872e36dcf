package postgres

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/doorbuster/doorbuster/engines"
)

// sum brings op's lines into SKU order, each SKU once, so that all operations take rows in one order. Lines validated
// one by one would sell the same unit to two of them.
func (t *txn) sum() error {
	t.lines = t.op.Lines
	if !ascending(t.lines) {
		var err error
		if t.lines, err = summed(t.op.Lines); err != nil {
			return fmt.Errorf("operation %d: %w", t.op.ID, err)
		}
	}
	t.print = fingerprint(&t.op, t.lines)
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

func summed(lines []engines.Line) ([]engines.Line, error) {
	sorted := slices.SortedStableFunc(slices.Values(lines), func(a, b engines.Line) int { return cmp.Compare(a.SKU, b.SKU) })
	sums := sorted[:1]
	for _, l := range sorted[1:] {
		last := &sums[len(sums)-1]
		if last.SKU != l.SKU {
			sums = append(sums, l)
			continue
		}
		both := int64(last.Qty) + int64(l.Qty)
		if both > math.MaxInt32 || both < math.MinInt32 {
			return nil, fmt.Errorf("its lines of SKU %d sum to %d units: want no more than 32 bits hold", l.SKU, both)
		}
		last.Qty = int32(both)
	}
	return sums, nil
}

// fingerprint is 64 bits of op's content. The clock is no part of it.
func fingerprint(op *engines.Op, lines []engines.Line) int64 {
	h := mix(uint64(op.Order)<<24 | uint64(op.Kind)<<16 | uint64(op.Channel)<<8 | uint64(op.To))
	h = mix(h ^ uint64(op.HoldFor))
	for _, l := range lines {
		h = mix(h ^ (uint64(l.SKU)<<32 | uint64(uint32(l.Qty))))
	}
	return int64(h)
}

// mix spreads every bit over the whole word, and loses none.
func mix(h uint64) uint64 {
	h += 0x9e3779b97f4a7c15
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	h = (h ^ h>>29) * 0xd6e8feb86659fd93
	return h ^ h>>32
}

// feeds says whether op tells what happened in the warehouse, for all pools of a SKU together.
func (t *txn) feeds() bool {
	switch t.op.Kind {
	case engines.Receive, engines.Return, engines.Count, engines.Adjust:
		return true
	}
	return false
}

// plan finds the stock keys that op changes. By how much a feed changes them depends on what is there; read finds it.
func (t *txn) plan() {
	switch {
	case t.feeds():
		for _, l := range t.lines {
			for pool := range t.pools {
				t.change(l.SKU, pool, 0, 0)
			}
		}
	case t.op.Kind == engines.Transfer:
		t.planTransfer()
	case t.op.Kind.TakesStock():
		pool := t.pools.Of(t.op.Channel)
		for _, l := range t.lines {
			t.change(l.SKU, pool, int64(l.Qty), -int64(l.Qty))
		}
	case t.op.Kind == engines.Confirm: // its units stay where they are
	default:
		t.planGrant()
	}
}

func (t *txn) change(sku engines.SKU, pool int, qty, delta int64) {
	t.keys = append(t.keys, key{sku: int64(sku), pool: int16(pool), qty: qty, delta: delta})
}

// planGrant takes the keys from the order's grant: units go back to the pool that they came from.
func (t *txn) planGrant() {
	for l := t.order.lines; len(l) >= perLine; l = l[perLine:] {
		k := key{sku: l[0], pool: int16(l[1]), qty: l[2], delta: l[2]}
		if t.op.Kind == engines.Ship {
			k.delta = 0
		}
		t.keys = append(t.keys, k)
	}
}

// planTransfer changes nothing where both channels sell from one pool.
func (t *txn) planTransfer() {
	from, to := t.pools.Of(t.op.Channel), t.pools.Of(t.op.To)
	if from == to {
		return
	}
	for _, l := range t.lines {
		q := int64(l.Qty)
		first, second := key{int64(l.SKU), int16(from), q, -q}, key{int64(l.SKU), int16(to), q, q}
		if to < from {
			first, second = second, first
		}
		t.keys = append(t.keys, first, second)
	}
}

// spread divides what a feed reports over the pools as they were read.
func (t *txn) spread() {
	n := len(t.pools)
	available, delta := make([]int64, n), make([]int64, n)
	for i, l := range t.lines {
		keys, was := t.keys[i*n:(i+1)*n], t.was[i*n:(i+1)*n]
		change := int64(l.Qty)
		for j, r := range was {
			available[j] = r.available
			if t.op.Kind == engines.Count { // what is held or committed lies on the shelf and is counted too
				change -= r.available + r.taken
			}
		}
		t.pools.Spread(change, available, delta)
		for j := range keys {
			keys[j].delta = delta[j]
		}
	}
}

// movesStock says whether op changes what is available, which is what strategies are about.
func (t *txn) movesStock() bool { return t.op.Kind != engines.Ship && len(t.keys) > 0 }

// taken is how the units that are held or committed change with k.
func (t *txn) taken(k key) int64 {
	if t.op.Kind.NamesOrder() {
		return -k.delta
	}
	return 0
}
