package audit

import (
	"fmt"
	"slices"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// once checks that an operation sent again has no further effect: it gets its first reply.
type once struct {
	ledger   *ledger.Ledger
	compared int64
	wrong    int64
	first    string
	firstAt  time.Duration
}

func (*once) about() about {
	return about{
		name: "once", limit: "0 other answers", safety: true, always: true,
		notSeen: "A second effect behind the same answer, which conservation and versions would show. Operations that were sent only once.",
	}
}

// follows the second answers of operations whose first came through.
func (*once) follows(a answer) bool { return !a.isNews() && a.outcome() != engines.Unknown }

func (o *once) answered(e *ledger.Entry, _ ledger.Order) {
	if e.Reply.Outcome == engines.Contended && e.First.Outcome != engines.Contended {
		return // it didn't get through
	}
	o.compared++
	if e.Reply.Outcome == e.First.Outcome && o.sameVersions(e) {
		return
	}
	if o.wrong++; o.wrong == 1 {
		o.firstAt = e.End
		o.first = fmt.Sprintf("Operation %d, a %s of order %d, was answered %s %v; sent again, %s %v.",
			e.Op.ID, e.Op.Kind, e.Op.Order, e.First.Outcome, e.First.Versions, e.Reply.Outcome, e.Reply.Versions)
	}
}

// sameVersions allows an engine to forget versions, but not all that granted a hold while it is open. A version that the
// first reply didn't have is one of a second effect.
func (o *once) sameVersions(e *ledger.Entry) bool {
	if len(e.Reply.Versions) == 0 {
		return len(e.First.Versions) == 0 || !e.Op.Kind.TakesStock() || !o.ledger.Order(e.Op.Order).Held()
	}
	for _, v := range e.Reply.Versions {
		if !slices.Contains(e.First.Versions, v) {
			return false
		}
	}
	return true
}

func (o *once) judge(*closing) finding {
	f := finding{evidence: o.compared, firstAt: o.firstAt, actual: fmt.Sprint(o.wrong)}
	switch {
	case o.compared == 0:
		return notChecked("No operation was sent twice.")
	case o.wrong > 0:
		f.verdict, f.detail = Fail, o.first
	default:
		f.verdict, f.detail = Pass, fmt.Sprintf("%d operations were sent again and got their first reply.", o.compared)
	}
	return f
}
