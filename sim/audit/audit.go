// Package audit judges a run, by what callers asked and were told (package ledger) and by the backend's own books at
// the end. It never trusts the engine: oversold is counted from promises, not from counters.
//
// There is one checker for each invariant, a file each, and each says what it can't see. Most are folds over the
// operations as they come, so a full day needs no list of them.
package audit

import (
	"fmt"
	"math/bits"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// Config says what the engine gives to check.
type Config struct {
	Versions bool                                 // its replies carry versions
	Pools    bool                                 // it keeps a stock for each channel
	Opening  []int64                              // units of each SKU
	Names    func(engines.SKU) string             // of SKUs; nil: they go by their numbers
	Lines    func(engines.OrderID) []engines.Line // what an order asked for; nil: units of single grants aren't compared
}

// Audit folds one run. Like the ledger, it takes operations one by one, ordered in time.
type Audit struct {
	ledger   *ledger.Ledger
	names    func(engines.SKU) string
	oversold *oversold
	refused  *refused
	phantom  *phantom
	folds    []folder
	shown    [answers]set // who of folds follows an answer
	checkers []checker
	crashed  map[checker]string
}

// checker judges one invariant when the run is over.
type checker interface {
	about() about
	judge(c *closing) finding
}

// folder is a checker that follows the run: it is shown the answers that it says, and none else. The ledger has taken the answer
// in already; before is what it knew of the order until then.
type folder interface {
	checker
	follows(a answer) bool
	answered(e *ledger.Entry, before ledger.Order)
}

// New returns the audit of a run that has not begun. The ledger becomes the audit's: only the audit calls its Asked and Answered.
func New(l *ledger.Ledger, c Config) *Audit {
	if c.Names == nil {
		c.Names = func(s engines.SKU) string { return fmt.Sprintf("SKU %d", s) }
	}
	a := &Audit{ledger: l, names: c.Names, oversold: newOversold(l), refused: newRefused(l, c.Pools), crashed: map[checker]string{}}
	versions, once, holds := newVersions(l, c), &once{ledger: l}, &holds{}
	a.folds = []folder{a.oversold, versions, once, holds, a.refused}
	a.phantom = newPhantom(l, c)
	a.checkers = []checker{
		a.oversold, versions, &conservation{}, a.phantom, once, holds, &pools{on: c.Pools}, a.refused, &liveness{},
	}
	a.show()
	return a
}

// set is a set of folders: a bit for each, by its place in Audit.folds.
type set uint8

// show sets who is shown what.
func (a *Audit) show() {
	for of := range a.shown {
		a.shown[of] = 0
		for i, f := range a.folds {
			if f.follows(answer(of)) {
				a.shown[of] |= 1 << i
			}
		}
	}
}

// Asked is called when an operation is sent, at e.Start.
func (a *Audit) Asked(e *ledger.Entry) {
	if e.Op.Kind.TakesStock() && !e.Resend {
		a.refused.asked(e)
	}
	a.ledger.Asked(e)
}

// Answered is called when an operation was answered or its answer was lost, at e.End.
func (a *Audit) Answered(e *ledger.Entry) {
	if e.Op.Kind == engines.Count {
		a.oversold.countComes(e)
	}
	before := a.ledger.Answered(e)
	if to := a.shown[answerOf(e)]; to != 0 {
		a.fold(to, e, before)
	}
}

// fold shows the answer to checkers, one by one. One that panics is out, the others go on.
func (a *Audit) fold(to set, e *ledger.Entry, before ledger.Order) {
	defer func() {
		if to != 0 { // asked first, for recover takes its time
			a.goOn(to, e, before, recover())
		}
	}()
	for ; to != 0; to &= to - 1 {
		a.folds[bits.TrailingZeros8(uint8(to))].answered(e, before)
	}
}

// goOn puts out the first of the checkers, which panicked, and shows the answer to the rest.
func (a *Audit) goOn(to set, e *ledger.Entry, before ledger.Order, why any) {
	out := to & -to
	a.crashed[a.folds[bits.TrailingZeros8(uint8(out))]] = fmt.Sprint(why)
	for of := range a.shown {
		a.shown[of] &^= out
	}
	a.fold(to&^out, e, before)
}
