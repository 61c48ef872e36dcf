package memory

import (
	"context"

	"github.com/doorbuster/doorbuster/engines"
)

// stream writes no stock. What happened to a key is a log of events that never change, and the position is their aggregate. A decrement is
// a conditional append: the log takes an order's events if that leaves no position below 0, and else none of them.
//
// An event is a change and never an amount, even where the warehouse sends an absolute count, so events aggregate to the same position
// in any order; and its ID is that of the operation, so that one that is delivered twice is known. The row of a key is a snapshot
// into which old events are folded: what is kept doesn't grow with what has happened.
type stream struct{ recent []recent }

// event is what one operation did to one key; no operation has two in the same log.
type event struct {
	id    engines.OpID
	units int64 // by which the position changes
}

// maxRecent is how many events stand in a log before they are folded.
const maxRecent = 8

// recent are the events of a key that are not in its snapshot yet, the oldest first.
type recent struct {
	n      int
	events [maxRecent]event
}

var (
	_ strategy = stream{}
	_ onTheWay = stream{}
)

func (s stream) move(ctx context.Context, t *txn) (engines.Outcome, error) {
	if err := t.env.Step(ctx, t.keys...); err != nil {
		return engines.Unknown, err
	}
	if o := t.barred(); o != engines.Unknown {
		return t.refuse(o), nil
	}
	s.read(t)
	if !t.fits() {
		return t.refuse(engines.SoldOut), nil
	}
	for i, k := range t.keys {
		if units := t.delta[i]; units != 0 {
			s.add(t, k, event{t.op.ID, units})
		}
		t.take(k, t.delta[i])
	}
	return t.done(), nil
}

// coming is what the events since a key's snapshot sum to.
func (s stream) coming(k engines.Key) int64 {
	r, sum := &s.recent[k], int64(0)
	for _, e := range r.events[:r.n] {
		sum += e.units
	}
	return sum
}

// read aggregates the positions of t's keys.
func (s stream) read(t *txn) {
	t.was = t.was[:0]
	for _, k := range t.keys {
		position := t.rows[k]
		position.available += s.coming(k)
		t.was = append(t.was, position)
	}
	if t.feeds() {
		t.spread()
	}
}

// add appends an event to the log of a key; the version that it makes is the length of the log.
func (s stream) add(t *txn, k engines.Key, e event) {
	row, r := &t.rows[k], &s.recent[k]
	if r.n == maxRecent {
		row.available += s.coming(k)
		r.n = 0
	}
	r.events[r.n] = e
	r.n++
	row.seq++
	sku, pool := t.place(k)
	t.op.Versions = append(t.op.Versions, engines.Version{SKU: sku, Pool: pool, Seq: row.seq, After: row.available + s.coming(k)})
}
