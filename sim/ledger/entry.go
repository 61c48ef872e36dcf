// Package ledger keeps what was asked and what was answered, as the callers saw it, with intended, start and end times.
// It knows nothing of any engine's inside; the audit judges by it.
package ledger

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// Entry is one operation as its caller saw it. The driver owns it and reuses it: whoever keeps anything copies it.
type Entry struct {
	Op       engines.Op
	Lines    []engines.Line // what Op is about: its own lines or those of its order, summed by SKU, in SKU order
	Intended time.Duration  // when the demand wanted it to start
	Start    time.Duration  // when it was asked
	End      time.Duration  // when it was answered
	Reply    engines.Reply
	Resend   bool          // the same operation sent once more, after it had been answered or its answer was lost
	First    engines.Reply // Resend: the first answer that its caller got; Unknown as long as all were lost
	// HoldUntil is the deadline of the order's hold, on the clock of Op.At. The driver sets it on Confirm and Expire
	// of an order that has a hold; 0: not known.
	HoldUntil time.Duration
	Marks     uint8 // room for the audit between Asked and Answered; the driver clears it before Asked
}

// News says whether the answer tells more than was known before: it isn't the repetition of an answer already had.
func (e *Entry) News() bool {
	return !e.Resend || e.First.Outcome == engines.Unknown && e.Reply.Outcome != engines.Unknown
}
