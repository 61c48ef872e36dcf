// Package enginetest is the conformance suite: what every engine must do, whatever its strategy and backend. Each
// concern stands in a file of its own and runs in a World, which says how operations come to run at once.
package enginetest

import (
	"testing"

	"github.com/doorbuster/doorbuster/engines"
)

// TB is what a check reports to: a *testing.T, or a recorder where a check is itself on trial.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
}

// Concern is one thing that every engine must get right.
type Concern struct {
	Name  string
	Check func(t TB, spec engines.Spec, w World)
}

// Concerns lists all of them.
func Concerns() []Concern {
	return []Concern{
		{"oversell", Oversell},
		{"linearizable", Linearizable},
		{"same ID again", SameIDAgain},
		{"same ID at once", SameIDAtOnce},
		{"same ID, other content", SameIDOtherContent},
		{"hold lifecycle", HoldLifecycle},
		{"hold ends once", HoldEndsOnce},
		{"late payment", LatePayment},
		{"cancel", Cancel},
		{"all or nothing", AllOrNothing},
		{"two lines of one SKU", TwoLines},
		{"count", Count},
		{"receive, return, adjust", Feeds},
		{"conservation", Conservation},
		{"versions", Versions},
		{"pools", Pools},
		{"cut short", CutShort},
		{"bad input", BadInput},
	}
}

// Run checks spec's engine in every concern, and against the model with random histories.
func Run(t *testing.T, spec engines.Spec, w World) {
	for _, c := range Concerns() {
		t.Run(c.Name, func(t *testing.T) { c.Check(t, spec, w) })
	}
	t.Run("model", func(t *testing.T) { Agrees(t, spec, w) })
}
