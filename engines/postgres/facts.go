package postgres

import (
	"cmp"
	"slices"

	"github.com/doorbuster/doorbuster/engines"
)

// facts are what a queue's writer remembers of the database: it is the only one who writes, so what it wrote last is what is there. They
// are forgotten when a batch fails.
type facts struct {
	stock   map[int64]*stockRow
	recent  map[number]*fact // of orders and operations, by number
	older   map[number]*fact // the generation before; what is in neither has to be read again
	highest number           // a larger number than any that is not remembered
	moved   []int64          // SKUs that the batch changes
	dirty   []*fact          // orders that it changes
}

// number is that of an order; its operations' IDs have it in all bits but the last four. Operations of feeds and of
// callers' own making are kept under the number that their ID has there.
type number uint64

func numberOf(id engines.OpID) number { return number(id >> 4) }

// feedNumbers are those of operations without an order; they come in no order that would show that one is new.
const feedNumbers number = 1 << 59

// fact is all that is known of a number: its order, and the first replies of its operations.
type fact struct {
	order
	id      engines.OrderID
	channel engines.Channel
	saved   engines.GrantState // what the database has
	dirty   bool               // the batch changes the order
	replies []reply
}

type reply struct {
	id       engines.OpID
	print    int64
	outcome  engines.Outcome
	versions []int64
}

// stockRow is a SKU's stock, and how the batch changes it.
type stockRow struct {
	row
	change  row
	shipped int64 // change alone: no decision hangs on how many there are
	dirty   bool
}

// generation is how many numbers are remembered before the older ones are forgotten: some ten megabytes.
const generation = 1 << 16

// unread is highest as long as it was not read.
const unread = ^number(0)

// forget drops everything.
func (f *facts) forget() {
	*f = facts{stock: map[int64]*stockRow{}, recent: map[number]*fact{}, older: map[number]*fact{}, highest: unread}
}

// of is what is known of n; nil if it has to be read.
func (f *facts) of(n number) *fact {
	if k := f.recent[n]; k != nil {
		return k
	}
	k := f.older[n]
	if k == nil {
		if n <= f.highest || n >= feedNumbers {
			return nil
		}
		k = &fact{}
	}
	f.keep(n, k)
	return k
}

// keep remembers k, and forgets the oldest if there are too many.
func (f *facts) keep(n number, k *fact) {
	if len(f.recent) >= generation {
		for old := range f.older {
			if _, again := f.recent[old]; !again && old < feedNumbers {
				f.highest = max(f.highest, old)
			}
		}
		f.older, f.recent = f.recent, make(map[number]*fact, generation)
	}
	f.recent[n] = k
}

// reply is the first reply of id, if it had one.
func (k *fact) reply(id engines.OpID) *reply {
	for i := range k.replies {
		if k.replies[i].id == id {
			return &k.replies[i]
		}
	}
	return nil
}

// decide carries t out on the facts, as the requests before it left them, and notes for the writer what that changes.
func (f *facts) decide(t *txn, w *writer) engines.Outcome {
	k := f.of(numberOf(t.op.ID))
	if o := k.first(t); o != engines.Unknown {
		return o
	}
	own := k
	if t.op.Kind.NamesOrder() {
		if n := number(t.op.Order); n != numberOf(t.op.ID) {
			own = f.of(n)
		}
		t.order = own.order
	}
	o := t.barred()
	if o == engines.Unknown {
		o = f.carryOut(t, own)
	}
	if own.grantedBy != t.op.ID || t.op.ID == 0 { // else its order says so
		r := reply{t.op.ID, t.print, o, flatten(t.out)}
		k.replies = append(k.replies, r)
		w.reply(&r)
	}
	return o
}

// first is the reply that t had before, or Unknown.
func (k *fact) first(t *txn) engines.Outcome {
	if r := k.reply(t.op.ID); r != nil {
		if r.print != t.print {
			return engines.Conflict
		}
		t.unflatten(r.versions, perVersion)
		return r.outcome
	}
	if k.grantedBy != t.op.ID || k.grantedBy == 0 {
		return engines.Unknown
	}
	if k.print != t.print {
		return engines.Conflict
	}
	t.unflatten(k.lines, perLine)
	return engines.Done
}

// carryOut changes stock and order, if the stock suffices.
func (f *facts) carryOut(t *txn, own *fact) engines.Outcome {
	t.keys, t.was = t.keys[:0], t.was[:0]
	t.plan()
	for _, k := range t.keys {
		t.was = append(t.was, f.stock[k.sku].row)
	}
	if t.feeds() {
		t.spread()
	}
	if !t.fits() {
		return engines.SoldOut
	}
	for _, k := range t.keys {
		f.move(t, k)
	}
	if t.op.Kind.NamesOrder() {
		f.settle(t, own)
	}
	return engines.Done
}

// settle takes the order to its next state.
func (f *facts) settle(t *txn, own *fact) {
	if t.op.Kind.TakesStock() {
		own.id, own.channel = t.op.Order, t.op.Channel
		own.order = order{deadline: t.deadline(), lines: t.granted(make([]int64, 0, perLine*len(t.keys)))}
		if t.op.ID == engines.OrderOp(t.op.Order, t.op.Kind) {
			own.grantedBy, own.print = t.op.ID, t.print
		}
	}
	own.state = t.op.Kind.Becomes()
	if !own.dirty {
		own.dirty = true
		f.dirty = append(f.dirty, own)
	}
}

// move changes one stock key.
func (f *facts) move(t *txn, k key) {
	s := f.stock[k.sku]
	switch {
	case t.op.Kind == engines.Ship:
		s.taken -= k.qty
		s.change.taken -= k.qty
		s.shipped += k.qty
	case k.delta != 0:
		s.available += k.delta
		s.change.available += k.delta
		s.taken += t.taken(k)
		s.change.taken += t.taken(k)
		s.seq++
		s.change.seq++
		t.out = append(t.out, engines.Version{SKU: engines.SKU(k.sku), Pool: engines.Channel(k.pool), Seq: uint64(s.seq), After: s.available})
	default:
		return
	}
	if !s.dirty {
		s.dirty = true
		f.moved = append(f.moved, k.sku)
	}
}

// handOver tells the writer how the batch changed stock and orders, in the order of their keys.
func (f *facts) handOver(w *writer) {
	slices.Sort(f.moved)
	for _, sku := range f.moved {
		s := f.stock[sku]
		w.stock(sku, s)
		s.change, s.shipped, s.dirty = row{}, 0, false
	}
	slices.SortFunc(f.dirty, func(a, b *fact) int { return cmp.Compare(a.id, b.id) })
	for _, k := range f.dirty {
		if k.saved == engines.NoGrant {
			w.grant(k)
		} else {
			w.advance(k)
		}
		k.saved, k.dirty = k.state, false
	}
	f.moved, f.dirty = f.moved[:0], f.dirty[:0]
}
