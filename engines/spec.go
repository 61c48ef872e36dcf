package engines

import (
	"context"
	"strings"
	"time"
)

// Spec describes one engine and how to open it. Ask a Spec for a capability; never compare names.
type Spec struct {
	Name               string // backend/strategy
	About              string // one sentence: how it keeps a decrement exclusive
	PromisesNoOversell bool
	Unsafe             string // why it doesn't promise; empty if it does
	Virtual            bool   // runs in simulated time, over Setup.Env
	Versions           bool   // replies carry versions
	Pools              bool   // stock is partitioned by channel: units may be stranded in a pool
	Open               func(ctx context.Context, setup Setup) (Engine, error)
}

// Backend is the part of the name before the slash.
func (s Spec) Backend() string { b, _, _ := strings.Cut(s.Name, "/"); return b }

// StockBackend is the backend that decides on stock: the first of several, as redis of redis+postgres.
func (s Spec) StockBackend() string { b, _, _ := strings.Cut(s.Backend(), "+"); return b }

// Strategy is the part of the name after the slash.
func (s Spec) Strategy() string { _, n, _ := strings.Cut(s.Name, "/"); return n }

// Setup is what an engine is opened with.
type Setup struct {
	Env    Env                    // for engines in memory
	Count  func(c Counter, n int) // adds to a counter of contention, for engines on a server; concurrent; nil: nobody counts
	Shares []float64              // each channel's share of demand, summing to 1: how pools divide stock
	Tuning Tuning
}

// Tuning is what a shop would set in its configuration. Zero values are replaced by the defaults of DefaultTuning.
type Tuning struct {
	LockWait time.Duration // how long a row lock is waited for
	Retries  int           // attempts after the first
	Backoff  time.Duration // mean sleep before the first retry; doubles each time
	Lease    time.Duration // life of a distributed lock
	BatchMax int           // operations a queue's writer applies at once
	Floor    float64       // share of its opening stock below which a pool gives nothing to others
}

// DefaultTuning holds the defaults, which the scenario may replace one by one.
var DefaultTuning = Tuning{
	LockWait: 2 * time.Second,
	Retries:  5,
	Backoff:  2 * time.Millisecond,
	Lease:    5 * time.Second,
	BatchMax: 64,
	Floor:    0.25,
}

// OrDefaults returns t with its zero fields replaced.
func (t Tuning) OrDefaults() Tuning {
	d := DefaultTuning
	if t.LockWait != 0 {
		d.LockWait = t.LockWait
	}
	if t.Retries != 0 {
		d.Retries = t.Retries
	}
	if t.Backoff != 0 {
		d.Backoff = t.Backoff
	}
	if t.Lease != 0 {
		d.Lease = t.Lease
	}
	if t.BatchMax != 0 {
		d.BatchMax = t.BatchMax
	}
	if t.Floor != 0 {
		d.Floor = t.Floor
	}
	return d
}
