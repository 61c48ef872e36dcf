// Package audit judges a run, by what callers asked and were told (package ledger) and by the backend's own books at
// the end. It never trusts the engine: oversold is counted from promises, not from counters.
//
// There is one checker for each invariant, a file each, and each says what it can't see. Most are folds over the
// operations as they come, so a full day needs no list of them.
package audit

import (
	"fmt"

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
	folds    []folder
	checkers []checker
	crashed  map[checker]string
}

// checker judges one invariant when the run is over.
type checker interface {
	about() about
	judge(c *closing) finding
}

// folder is a checker that follows the run. The ledger has taken the answer in already; before is what it knew of the order until then.
type folder interface {
	checker
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
	a.checkers = []checker{
		a.oversold, versions, &conservation{}, &phantom{lines: c.Lines}, once, holds, &pools{on: c.Pools}, a.refused, &liveness{},
	}
	return a
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
	before := a.ledger.Order(e.Op.Order)
	if e.Op.Kind == engines.Count {
		a.oversold.countComes(e)
	}
	a.ledger.Answered(e)
	for next := 0; next < len(a.folds); {
		next = a.fold(e, before, next)
	}
}

// fold shows the answer to the checkers from the given one on, and returns how far it came: a checker that panics is
// out, the others go on.
func (a *Audit) fold(e *ledger.Entry, before ledger.Order, from int) (next int) {
	next = from
	defer func() {
		if r := recover(); r != nil {
			a.crashed[a.folds[next]] = fmt.Sprint(r)
			a.folds = append(a.folds[:next:next], a.folds[next+1:]...)
		}
	}()
	for ; next < len(a.folds); next++ {
		a.folds[next].answered(e, before)
	}
	return next
}
