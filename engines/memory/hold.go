package memory

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// barred is the outcome that keeps t from being carried out: its first reply if it has one, or what the state of its order
// allows. Unknown means that nothing bars it.
func (t *txn) barred() engines.Outcome {
	if !t.fresh() {
		if first := t.first(); first != engines.Unknown || t.order == nil {
			return first
		}
	}
	state, deadline := t.order.state(), time.Duration(0)
	if state == engines.Held {
		deadline = t.orders.grant(t.order).deadline
	}
	return t.op.Barred(state, deadline)
}

// settle takes the order's grant to its next state. t.op.Versions ends with the versions that write just made.
func (t *txn) settle() {
	if t.order == nil {
		return
	}
	t.order.touch(t.op.Channel)
	next := t.op.Kind.Becomes()
	switch {
	case t.op.Kind.TakesStock():
		t.grant()
	case !next.Open():
		t.orders.close(t.order)
	}
	t.order.setState(next)
}

// grant gives t's order the units that it took.
func (t *txn) grant() {
	i, g := t.orders.grants.take()
	*g = grant{print: t.order.slot, deadline: t.op.At + t.op.HoldFor}
	t.order.slot = i
	made := t.op.Versions[len(t.op.Versions)-len(t.keys):] // every key of a grant changed
	for i, k := range t.keys {
		j := i % len(g.units)
		if j == 0 && i > 0 {
			g = t.orders.extend(g)
		}
		g.units[j] = units{key: k, qty: int32(-t.delta[i]), seq: uint32(made[i].Seq), after: made[i].After}
	}
}

// recall adds the versions of a first reply, if they are still known: those that granted an open order.
func (t *txn) recall(first engines.Outcome) {
	if first != engines.Done || !t.op.Kind.TakesStock() {
		return
	}
	for g := t.orders.grant(t.order); g != nil; g = t.orders.rest(g) {
		for _, u := range g.filled() {
			sku, pool := t.place(u.key)
			t.op.Versions = append(t.op.Versions, engines.Version{SKU: sku, Pool: pool, Seq: u.version(t.rows[u.key].seq), After: u.after})
		}
	}
}
