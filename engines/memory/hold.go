package memory

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// barred is the outcome that keeps t from being carried out: its first reply if it has one, or what the state of its order
// allows. Unknown means that nothing bars it.
func (t *txn) barred() engines.Outcome {
	if o, seen := t.first(); seen {
		return o
	}
	if !t.op.Kind.NamesOrder() {
		return engines.Unknown
	}
	o := t.orders.at(t.op.Order)
	var deadline time.Duration
	if o.state() == engines.Held {
		deadline = t.orders.grant(o).deadline
	}
	return t.op.Barred(o.state(), deadline)
}

// settle takes the order's grant to its next state. t.out ends with the versions that write just made.
func (t *txn) settle() {
	if !t.op.Kind.NamesOrder() {
		return
	}
	o := t.orders.at(t.op.Order)
	o.touch(t.op.Channel)
	next := t.op.Kind.Becomes()
	switch {
	case t.op.Kind.TakesStock():
		t.grant(o, next)
	case next.Open():
		o.setState(next)
	default:
		t.orders.close(o, next)
	}
}

func (t *txn) grant(o *order, s engines.GrantState) {
	var deadline time.Duration
	if s == engines.Held {
		deadline = t.op.At + t.op.HoldFor
	}
	made := t.out[len(t.out)-len(t.keys):] // every key of a grant changed
	t.orders.open(o, s, deadline, len(t.keys), func(i int) units {
		return units{key: t.keys[i], qty: int32(t.qty[i]), seq: uint32(made[i].Seq), after: made[i].After}
	})
}

// recall adds the versions of a first reply, if they are still known: those that granted an open order.
func (t *txn) recall(first engines.Outcome) {
	if first != engines.Done || !t.op.Kind.TakesStock() {
		return
	}
	for u := range t.orders.units(t.orders.at(t.op.Order)) {
		sku, pool := t.place(u.key)
		t.out = append(t.out, engines.Version{SKU: sku, Pool: pool, Seq: u.version(t.rows[u.key].seq), After: u.after})
	}
}
