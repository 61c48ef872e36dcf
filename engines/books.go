package engines

import (
	"iter"
	"time"
)

// Books is what a backend says it holds, read when nothing is in flight.
type Books struct {
	// Stock yields one entry for each stock key.
	Stock iter.Seq2[Stock, error]
	// Grants yields every order that was ever granted units, in no particular order.
	Grants iter.Seq2[Grant, error]
	// Outcome is what the backend recorded for an operation: Unknown if it has never taken effect or been refused.
	// It settles operations whose answer was lost.
	Outcome func(OpID) (Outcome, error)
}

// Stock is the state of one stock key, in units. On hand = Available + Held + Committed.
type Stock struct {
	SKU       SKU
	Pool      Channel
	Available int64
	Held      int64
	Committed int64
	Shipped   int64
	Seq       uint64 // the version that the last change gave the key
}

// Grant is what an order holds.
type Grant struct {
	Order OrderID
	State GrantState
	Lines []Line // summed by SKU; valid until the next is yielded; nil once the order is closed (shipped, or its units given back)
}

// GrantState is where a grant stands.
type GrantState uint8

// The states of a grant. Held ends in exactly one of Committed, Released and Expired.
const (
	NoGrant GrantState = iota
	Held
	Committed
	Released
	Lapsed // its hold expired
	Cancelled
	Shipped
	grantStates
)

var grantStateNames = [grantStates]string{"none", "held", "committed", "released", "expired", "cancelled", "shipped"}

// String is the state's name in lower case.
func (s GrantState) String() string {
	if s < grantStates {
		return grantStateNames[s]
	}
	return "invalid"
}

// Open says whether the grant still binds units that are in the house.
func (s GrantState) Open() bool { return s == Held || s == Committed }

// The life of a grant: the state that each kind needs, and the one that it leads to.
var (
	needs = [1 << 8]GrantState{
		Confirm: Held, Release: Held, Expire: Held,
		Cancel: Committed, Ship: Committed,
	}
	becomes = [1 << 8]GrantState{
		Reserve: Held, Sell: Committed,
		Confirm: Committed, Release: Released, Expire: Lapsed,
		Cancel: Cancelled, Ship: Shipped,
	}
)

// Needs is the state that an order's grant must be in for the kind to apply; NoGrant for a kind that makes one.
func (k Kind) Needs() GrantState { return needs[k] }

// Becomes is the state that the kind leads an order's grant to; NoGrant for a kind that belongs to no order.
func (k Kind) Becomes() GrantState { return becomes[k] }

// Barred is the outcome that keeps op from being carried out, where its order's grant is in a state and, as long as it is held, has a deadline.
// Unknown means that nothing does.
func (op *Op) Barred(state GrantState, deadline time.Duration) Outcome {
	switch {
	case state != needs[op.Kind]:
		return op.Kind.unmet(state)
	case op.Kind == Confirm && op.At >= deadline:
		return Expired
	case op.Kind == Expire && op.At < deadline:
		return NotFound
	}
	return Unknown
}

// unmet is the outcome where a grant is not in the state that the kind needs.
func (k Kind) unmet(state GrantState) Outcome {
	switch {
	case !k.NamesOrder():
		return Unknown
	case k.TakesStock():
		return Conflict
	case k == Confirm && state == Lapsed:
		return Expired
	}
	return NotFound
}
