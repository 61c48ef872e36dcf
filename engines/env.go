package engines

import (
	"context"
	"errors"
	"time"
)

// Env is the world that an in-memory engine runs in: a clock, storage round trips, and locks that may be held across them.
// Its strategies are plain blocking code over Env, which runs in simulated time (package vtime) and with real goroutines (memory.Wall) alike.
//
// Between two calls of Env nothing else runs: a stretch of code without a call is atomic, as a statement is in a database.
type Env interface {
	// Now is the time since the start of the day. For leases only: whatever a caller should know of time is in Op.At.
	Now() time.Duration
	// Step is one storage round trip. It names the stock keys that it writes, for a key is written by one round trip at a time.
	// An error (stopped, faulted) means Unknown: return, and apply nothing more.
	Step(ctx context.Context, writes ...Key) error
	// Sleep is for backoff and jitter.
	Sleep(ctx context.Context, d time.Duration) error
	// Lock waits up to wait for the key's lock; 0 fails at once. It may be held across Steps.
	// ErrBusy means that the wait was in vain; any other error means Unknown.
	Lock(ctx context.Context, k Key, wait time.Duration) error
	// Unlock gives the key's lock to the next in line.
	Unlock(k Key)
	// Park sleeps until the key is woken, at most max. Waking too early is not possible: see above.
	Park(ctx context.Context, k Key, max time.Duration) error
	// Wake wakes all that are parked on the key.
	Wake(k Key)
	// Jitter is a random fraction in [0, 1), reproducible where the world is.
	Jitter() float64
	// Count adds to a counter of contention, which the report shows.
	Count(c Counter, n int)
}

// Shared is an Env in which real goroutines run at once. An engine brackets its work with Enter and Leave, so that each
// stretch between two calls of Env is atomic; the Env itself leaves while it makes a caller wait, and enters again.
type Shared interface {
	Env
	Enter()
	Leave()
}

// ErrBusy is Lock's answer when the lock was not had in time.
var ErrBusy = errors.New("lock not acquired in time")

// Counter names one thing that contention makes happen.
type Counter uint8

// The counters of contention.
const (
	LockWaits      Counter = iota // a lock was not free at once
	LockTimeouts                  // a lock was not had in time
	Retries                       // an attempt was thrown away and begun again
	SerialFailures                // a serialization failure (SQLSTATE 40001)
	LeaseExpiries                 // a lease ran out under its holder
	FencedWrites                  // storage refused a write with an old token or epoch
	Batches                       // batches that a queue's writer applied
	BatchedOps                    // operations in those batches
	QueuedOps                     // operations that waited when a batch was taken, summed over batches
	PoolTransfers                 // a pool was filled from another
	ConnWaits                     // no connection of the engine's own pool was free at once
	CounterCount                  // how many there are
)

var counterNames = [CounterCount]string{
	"lock_waits", "lock_timeouts", "retries", "serialization_failures", "lease_expiries", "fenced_writes",
	"batches", "batched_ops", "queued_ops", "pool_transfers", "connection_waits",
}

// String is the counter's name as results show it.
func (c Counter) String() string { return counterNames[c] }
