package memory

import "github.com/doorbuster/doorbuster/engines"

var _ engines.Tripper = (*engine)(nil)

// Trip implements engines.Tripper: no strategy has a say in how an order is paid for or leaves the house.
func (e *engine) Trip(op *engines.Op) engines.Trip {
	if op.Kind != engines.Confirm && op.Kind != engines.Ship {
		return nil
	}
	t, err := e.start(op)
	if err != nil {
		return nil // Do says what is wrong
	}
	return t
}

// Writes implements engines.Trip.
func (t *txn) Writes() []engines.Key { return t.keys }

// Land implements engines.Trip.
func (t *txn) Land() engines.Reply {
	reply := engines.Reply{Outcome: t.land(), Versions: t.op.Versions}
	t.end(t)
	return reply
}
