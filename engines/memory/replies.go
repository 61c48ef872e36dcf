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

// first is the reply that op's ID had before: Conflict if that was with other content.
func (t *txn) first() (engines.Outcome, bool) {
	if id, kind, ok := parse(t.op.ID); ok {
		if o := t.orders.find(id); o != nil && o.outcome(kind) != engines.Unknown {
			if id == t.op.Order && kind == t.op.Kind && t.same(o) {
				return o.outcome(kind), true
			}
			return engines.Conflict, true
		}
	}
	m := *t.replies.of(t.op.ID)
	if len(m) == 0 {
		return engines.Unknown, false
	}
	r, seen := m[t.op.ID]
	if seen && r.print != t.print {
		return engines.Conflict, true
	}
	return r.outcome, seen
}

// same says whether op's content is that of the operation whose outcome o has.
func (t *txn) same(o *order) bool {
	if !t.op.Kind.TakesStock() {
		return t.plain(o)
	}
	if o.state().Open() {
		return t.orders.grant(o).print == t.print
	}
	return o.slot == t.print
}

// plain says whether the content of an operation without lines is what the order's own channel would send.
func (t *txn) plain(o *order) bool {
	return t.op.Channel == o.channel() && t.op.To == 0 && t.op.HoldFor == 0
}

// record keeps o as the first reply of op's ID.
func (t *txn) record(out engines.Outcome) {
	if t.op.ID == engines.OrderOp(t.op.Order, t.op.Kind) && t.op.Order != 0 {
		if o := t.orders.at(t.op.Order); t.compact(o) {
			o.touch(t.op.Channel)
			o.setOutcome(t.op.Kind, out)
			return
		}
	}
	m := t.replies.of(t.op.ID)
	if *m == nil {
		*m = map[engines.OpID]reply{}
	}
	(*m)[t.op.ID] = reply{print: t.print, outcome: out}
}

// compact says whether o has room for op's content, and puts it there. There is room for one fingerprint, that of
// the order's Reserve or of its Sell, and for one channel.
func (t *txn) compact(o *order) bool {
	switch {
	case !t.op.Kind.TakesStock():
		return !o.touched() && t.op.To == 0 && t.op.HoldFor == 0 || o.touched() && t.plain(o)
	case o.outcome(engines.Reserve) != engines.Unknown || o.outcome(engines.Sell) != engines.Unknown:
		return false
	case o.state().Open():
		t.orders.grant(o).print = t.print
	default:
		o.slot = t.print
	}
	return true
}

// fingerprint is 32 bits of op's content. Other content has the same once in four thousand million times, and is then
// taken for the same operation.
func fingerprint(op *engines.Op, lines []engines.Line) uint32 {
	h := mix(uint64(op.Order)<<24 | uint64(op.Kind)<<16 | uint64(op.Channel)<<8 | uint64(op.To))
	h = mix(h ^ uint64(op.HoldFor))
	for _, l := range lines {
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
