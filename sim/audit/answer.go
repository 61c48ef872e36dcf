package audit

import (
	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// answer is what checkers choose by of what they are shown. It is a small number, for it is looked up with every operation.
type answer uint16

// The parts of an answer: the kind is in its lowest bits, the outcome in its highest.
const (
	newsBit     answer = 1 << (4 + iota) // see ledger.Entry.News
	versionsBit                          // the reply has some

	outcomeShift = 6
	answers      = 1 << (outcomeShift + 4)
)

func answerOf(e *ledger.Entry) answer {
	a := answer(e.Op.Kind) | answer(e.Reply.Outcome)<<outcomeShift
	if e.News() {
		a |= newsBit
	}
	if len(e.Reply.Versions) > 0 {
		a |= versionsBit
	}
	return a % answers
}

func (a answer) kind() engines.Kind       { return engines.Kind(a & 15) }
func (a answer) outcome() engines.Outcome { return engines.Outcome(a >> outcomeShift) }
func (a answer) isNews() bool             { return a&newsBit != 0 }
func (a answer) hasVersions() bool        { return a&versionsBit != 0 }
