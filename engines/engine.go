// Package engines defines what an inventory engine is: the interface that every strategy on every backend
// implements, the operations it takes and the books it keeps.
//
// An engine is one strategy (how a decrement is kept exclusive) on one backend (where its state lives), and is
// named backend/strategy. The strategies stand in the packages below this one, a file for each; package
// catalog lists them.
package engines

import "context"

// Engine is one strategy on one backend, safe for concurrent Do.
type Engine interface {
	// Reset forgets everything and sets the opening stock, in units, indexed by SKU.
	Reset(ctx context.Context, opening []int64) error
	// Do applies op once, however often it is sent, and returns what its caller may believe.
	// Unknown, the zero Outcome, means that it may or may not have happened; an error implies Unknown.
	// A reply carries the version that op gave each stock key it changed.
	Do(ctx context.Context, op Op) (Reply, error)
	// Books streams stock and grants from the backend itself, never from a cache.
	Books(ctx context.Context) (Books, error)
	// Close releases connections; stored state stays for inspection.
	Close() error
}

// Tripper is an engine that tells of some operations beforehand that they are one storage round trip and nothing else. Simulated time then
// waits with an event, which is cheaper than the coroutine that all others need.
type Tripper interface {
	Engine
	// Trip begins op if it is such a one. Else it is nil, nothing was begun, and op is for Do.
	Trip(op *Op) Trip
}

// Trip is an operation on its only round trip.
type Trip interface {
	// Writes are the stock keys that the round trip writes.
	Writes() []Key
	// Land applies the operation, once the round trip was made, and is what Do would return. It is called once at the most.
	Land() Reply
}
