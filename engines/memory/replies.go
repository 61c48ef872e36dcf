package memory

import "github.com/doorbuster/doorbuster/engines"

// replies are the first replies of operations that an order's eight bytes have no room for: feeds, and orders'
// operations with IDs of their caller's own making.
type replies struct {
	feeds map[engines.OpID]reply
	odd   map[engines.OpID]reply
}

type reply struct {
	print   uint32
	outcome engines.Outcome
}

func (r *replies) of(id engines.OpID) *map[engines.OpID]reply {
	if id>>63 != 0 {
		return &r.feeds
	}
	return &r.odd
}

// parse is the reverse of engines.OrderOp. It says whether id can be one.
func parse(id engines.OpID) (engines.OrderID, engines.Kind, bool) {
	order, kind := engines.OrderID(id>>4), engines.Kind(id&15)
	return order, kind, order != 0 && order <= engines.MaxOrderID && kind.NamesOrder()
}

// fresh says whether op's ID had no reply before, as far as that is seen at once: true is certain, and almost always the answer.
func (t *txn) fresh() bool {
	return t.own && t.order.outcome(t.op.Kind) == engines.Unknown && t.replies.odd == nil
}

// first is the reply that op's ID had before: Conflict if that was with other content, Unknown if there was none.
func (t *txn) first() engines.Outcome {
	if id, kind, ok := parse(t.op.ID); ok {
		if o := t.orders.find(id); o != nil && o.outcome(kind) != engines.Unknown {
			if t.own && t.same() {
				return o.outcome(kind)
			}
			return engines.Conflict
		}
	}
	r, seen := (*t.replies.of(t.op.ID))[t.op.ID]
	if seen && r.print != t.print() {
		return engines.Conflict
	}
	return r.outcome
}

// same says whether op's content is that of the operation whose outcome its order has.
func (t *txn) same() bool {
	if !t.op.Kind.TakesStock() {
		return t.plain() && t.op.Channel == t.order.channel()
	}
	if g := t.orders.grant(t.order); g != nil {
		return g.print == t.print()
	}
	return t.order.slot == t.print()
}

// plain says whether the content of an operation without lines is, but for the channel, what everyone would send.
func (t *txn) plain() bool { return t.op.To == 0 && t.op.HoldFor == 0 }

// record keeps o as the first reply of op's ID.
func (t *txn) record(o engines.Outcome) {
	if t.own && t.compact() {
		t.order.touch(t.op.Channel)
		t.order.setOutcome(t.op.Kind, o)
		return
	}
	m := t.replies.of(t.op.ID)
	if *m == nil {
		*m = map[engines.OpID]reply{}
	}
	(*m)[t.op.ID] = reply{print: t.print(), outcome: o}
}

// compact says whether t's order has room for op's content, and puts it there. There is room for one fingerprint, that of
// the order's Reserve or of its Sell, and for one channel.
func (t *txn) compact() bool {
	o := t.order
	if !t.op.Kind.TakesStock() {
		return t.plain() && (!o.touched() || t.op.Channel == o.channel())
	}
	if o.asked() {
		return false
	}
	if g := t.orders.grant(o); g != nil {
		g.print = t.print()
	} else {
		o.slot = t.print()
	}
	return true
}

// print is the fingerprint of op's content: 32 bits. Other content has the same once in four thousand million times, and is then
// taken for the same operation.
func (t *txn) print() uint32 {
	op := &t.op
	h := mix(uint64(op.Order)<<24 | uint64(op.Kind)<<16 | uint64(op.Channel)<<8 | uint64(op.To))
	h = mix(h ^ uint64(op.HoldFor))
	for _, l := range t.op.Lines {
		h = mix(h ^ (uint64(l.SKU)<<32 | uint64(uint32(l.Qty))))
	}
	return uint32(h>>32) ^ uint32(h)
}

// mix spreads every bit over the whole word. It is invertible, so it loses nothing from line to line.
func mix(h uint64) uint64 {
	h += 0x9e3779b97f4a7c15
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	h = (h ^ h>>29) * 0xd6e8feb86659fd93
	return h ^ h>>32
}
