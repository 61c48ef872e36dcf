package redis

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strconv"

	"github.com/doorbuster/doorbuster/engines"
)

// key is a stock key and what op does to it, in units.
type key struct {
	sku   engines.SKU
	pool  engines.Channel
	qty   int64 // of the order's line, or of the feed's
	delta int64 // change of what is available
}

// sum brings op's lines into SKU order, each SKU once. Lines validated one by one would sell the same unit to two of them.
func (t *txn) sum() error {
	sorted := slices.SortedStableFunc(slices.Values(t.op.Lines), func(a, b engines.Line) int { return cmp.Compare(a.SKU, b.SKU) })
	t.lines = sorted[:0]
	for _, l := range sorted {
		last := len(t.lines) - 1
		if last < 0 || t.lines[last].SKU != l.SKU {
			t.lines = append(t.lines, l)
			continue
		}
		both := int64(t.lines[last].Qty) + int64(l.Qty)
		if both > math.MaxInt32 || both < math.MinInt32 {
			return fmt.Errorf("operation %d: its lines of SKU %d sum to %d units: want no more than 32 bits hold", t.op.ID, l.SKU, both)
		}
		t.lines[last].Qty = int32(both)
	}
	t.print = fingerprint(&t.op, t.lines)
	return nil
}

// fingerprint is 64 bits of op's content. The clock is no part of it.
func fingerprint(op *engines.Op, lines []engines.Line) string {
	h := fnv.New64a()
	var b [8]byte
	word := func(v uint64) { binary.LittleEndian.PutUint64(b[:], v); h.Write(b[:]) }
	word(uint64(op.Order)<<24 | uint64(op.Kind)<<16 | uint64(op.Channel)<<8 | uint64(op.To))
	word(uint64(op.HoldFor))
	for _, l := range lines {
		word(uint64(l.SKU)<<32 | uint64(uint32(l.Qty)))
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// feeds says whether op tells what happened in the warehouse, for all pools of a SKU together.
func (t *txn) feeds() bool {
	return t.op.Kind.NamesLines() && !t.op.Kind.TakesStock() && t.op.Kind != engines.Transfer
}

// plan finds the stock keys that op changes, and by how much. A Count's change depends on what is there, and with pools any feed's does.
func (t *txn) plan() {
	pool := t.pools.Of(t.op.Channel)
	switch {
	case t.op.Kind == engines.Confirm:
	case t.op.Kind == engines.Transfer:
		if to := t.pools.Of(t.op.To); to != pool {
			t.change(pool, -1)
			t.change(to, 1)
		}
	case t.op.Kind.TakesStock():
		t.change(pool, -1)
	case t.op.Kind.NamesLines():
		t.change(pool, 1)
	default:
		t.keys = append(t.keys, t.order.lines...) // units go back to the pool that they came from
	}
}

func (t *txn) change(pool int, sign int64) {
	for _, l := range t.lines {
		t.keys = append(t.keys, key{sku: l.SKU, pool: engines.Channel(pool), qty: int64(l.Qty), delta: sign * int64(l.Qty)})
	}
}

// movesStock says whether op changes what is available, which is what strategies are about.
func (t *txn) movesStock() bool {
	return t.op.Kind != engines.Ship && len(t.keys) > 0
}

// taken is how the units that are held or committed change with k.
func (t *txn) taken(k key) int64 {
	if t.op.Kind.NamesOrder() {
		return -k.delta
	}
	return 0
}

// at is where k's stock is kept.
func (e *engine) at(k key) string { return e.stock[int(k.sku)*len(e.pools)+int(k.pool)] }
