package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// Verdict is what a check says.
type Verdict string

// The verdicts.
const (
	Pass       Verdict = "pass"
	Fail       Verdict = "fail"
	Unknown    Verdict = "unknown"     // cut short, crashed, or nothing was proven
	NotChecked Verdict = "not_checked" // nothing to check
)

// Check is one checker's answer.
type Check struct {
	Name     string
	Verdict  Verdict
	Detail   string // one sentence
	Limit    string
	Actual   string
	NotSeen  string        // what this check can't see
	Evidence int64         // how many things were compared
	FirstAt  time.Duration // of the first violation; -1: none, or it has no time
	Safety   bool          // an engine that promises no oversell promises this
	Always   bool          // every engine promises this
}

// Verdicts are the audit's results: the checks, and the figures that they measured.
type Verdicts struct {
	Checks []Check

	Oversold          Range   // units
	ByCause           ByCause // of Oversold.Min
	OrdersOversold    int64   // orders with an oversold unit when they were promised
	OvercommittedPeak int64   // most units of one SKU promised beyond its supply at one time
	HeldBeyondPeak    int64   // the same with unpaid holds
	OversoldBySKU     []int64 // units, at least
	Examples          []Example

	SellerOversold   int64   // orders that the seller has to cancel: an oversold unit is left in them at close
	SellerOversoldBy []int64 // the same by channel

	RefusedFalsely int64            // orders
	FalseBy        map[string]int64 // orders, by reason: ReasonContended …
	Stranded       int64            // units
	LeftAtClose    int64            // units: available or held
}

// Range is a number of units that lost answers leave open.
type Range struct{ Min, Max int64 }

// ByCause says whose fault oversold units are.
type ByCause struct {
	Engine  int64 // it granted what it didn't have
	Display int64 // a channel promised on a stale number
	Loss    int64 // shrinkage, a late count
}

// about describes a checker.
type about struct {
	name, limit, notSeen string
	safety, always       bool
}

// finding is what a checker found.
type finding struct {
	verdict        Verdict
	detail, actual string
	evidence       int64
	firstAt        time.Duration // counts only with Fail; negative: it has no time
}

func notChecked(why string) finding { return finding{verdict: NotChecked, detail: why} }

func unknown(format string, args ...any) finding {
	return finding{verdict: Unknown, detail: fmt.Sprintf(format, args...)}
}

// Close ends the run, judges it, and settles lost answers from the books. complete says that the run came to its end:
// of a run cut short nothing passes. It ends the ledger's series too.
func (a *Audit) Close(ctx context.Context, books engines.Books, complete bool) Verdicts {
	a.ledger.Finish(complete)
	out := Verdicts{FalseBy: map[string]int64{}}
	c := readBooks(ctx, a, books, &out)
	for _, k := range a.checkers {
		out.Checks = append(out.Checks, a.check(k, c, complete))
	}
	return out
}

func (a *Audit) check(k checker, c *closing, complete bool) Check {
	f := a.find(k, c)
	if f.verdict == Pass && !complete {
		f.verdict, f.detail = Unknown, "The run was cut short. Until then: "+f.detail
	}
	if f.verdict != Fail {
		f.firstAt = -1
	}
	about := k.about()
	return Check{
		Name: about.name, Limit: about.limit, NotSeen: about.notSeen, Safety: about.safety, Always: about.always,
		Verdict: f.verdict, Detail: f.detail, Actual: f.actual, Evidence: f.evidence, FirstAt: f.firstAt,
	}
}

// find asks the checker. One that crashed, during the run or now, knows nothing.
func (a *Audit) find(k checker, c *closing) (f finding) {
	defer func() {
		if r := recover(); r != nil {
			f = unknown("The checker crashed: %v", r)
		}
	}()
	if why, ok := a.crashed[k]; ok {
		return unknown("The checker crashed during the run: %s", why)
	}
	return k.judge(c)
}
