// Package driver puts a day of demand to an engine, and keeps what each caller asked and was told.
// The virtual driver does so in simulated time, the wall driver in real time.
package driver

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/ledger"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// Judge is told every operation when it is asked and when it is answered, in the order of time.
// A resend is only answered. The entry is lent.
type Judge interface {
	Asked(*ledger.Entry)
	Answered(*ledger.Entry)
}

// Config is one run.
type Config struct {
	Scenario *scenarios.Scenario
	Demand   *workload.Demand
	Engine   engines.Spec
	Seed     uint64
	Judge    Judge
	Interval time.Duration // of the series, on the clock of the run
	Pace     float64       // seconds of the scenario's day in one second of the run; 0: one
	// Progress is told how much of the run is over, once an interval; may be nil.
	Progress func(at time.Duration, operations int64)
}

// Stats is what the driver itself can tell of a run.
type Stats struct {
	Funnel     Funnel
	Planned    int64 // operations that the demand asked for, resends not counted
	Started    int64
	Operations int64 // answered, resends included
	PoolPeak   int   // most operations inside the engine at once
	QueuePeak  int   // most operations waiting to enter
	Coroutines int   // most coroutines
	BusyPeak   float64
	Paused     int64 // operations that an injected fault paused
	Counts     [engines.CounterCount]int64

	Lag    *hdrhistogram.Histogram // wall runs: µs from the intended to the actual start
	Errors []ErrorSeen             // wall runs: what the engine said instead of an answer

	InEngine, Waiting []int64   // at the end of each interval
	OperationsPerS    []float64 // mean of each interval
}

// Funnel counts shoppers on their way.
type Funnel struct {
	Arrived, Carts, Checkouts, PaymentAttempts, PaymentFailures, LeftAtCart, LeftAtCheckout, Promised int64
}
