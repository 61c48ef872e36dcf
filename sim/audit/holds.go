package audit

import (
	"fmt"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// holds checks that a hold ends once, confirmed or released or expired, and that it isn't paid after its end.
type holds struct {
	ended   int64
	wrong   int64
	first   string
	firstAt time.Duration
}

func (*holds) about() about {
	return about{
		name: "holds", limit: "0 holds ended twice or late", safety: true, always: true,
		notSeen: "Holds whose end was never asked for. Of an end whose answer was lost, only what the books say.",
	}
}

func (*holds) follows(a answer) bool {
	switch a.kind() {
	case engines.Confirm, engines.Release, engines.Expire:
		return a.isNews() && a.outcome() == engines.Done
	}
	return false
}

func (h *holds) answered(e *ledger.Entry, before ledger.Order) {
	h.ended++
	switch before.Stage() {
	case ledger.Holding, ledger.Stalled, ledger.Late, ledger.MaybeHeld, ledger.MaybePromised:
		h.checkTime(e)
	default:
		h.violated(e.End, "Order %d: %s was done at %v, after it was %s.", e.Op.Order, e.Op.Kind, e.End, before.Stage())
	}
}

func (h *holds) checkTime(e *ledger.Entry) {
	switch {
	case e.HoldUntil == 0:
	case e.Op.Kind == engines.Confirm && e.Op.At >= e.HoldUntil:
		h.violated(e.End, "Order %d: its hold ended at %v; paid at %v, it was confirmed.", e.Op.Order, e.HoldUntil, e.Op.At)
	case e.Op.Kind == engines.Expire && e.Op.At < e.HoldUntil:
		h.violated(e.End, "Order %d: its hold was to last until %v; it expired at %v.", e.Op.Order, e.HoldUntil, e.Op.At)
	}
}

func (h *holds) violated(at time.Duration, format string, args ...any) {
	if h.wrong++; h.wrong == 1 {
		h.firstAt, h.first = at, fmt.Sprintf(format, args...)
	}
}

func (h *holds) judge(c *closing) finding {
	for _, d := range c.ledger.Doubts() {
		h.settle(c, d)
	}
	f := finding{evidence: h.ended, firstAt: h.firstAt, actual: fmt.Sprint(h.wrong)}
	switch {
	case h.wrong > 0:
		f.verdict, f.detail = Fail, h.first
	case h.ended == 0:
		return notChecked("No hold ended.")
	default:
		f.verdict, f.detail = Pass, fmt.Sprintf("%d holds ended, each once and in time.", h.ended)
	}
	return f
}

// settle looks at a payment whose answer was lost: if it took effect, the hold must not have ended otherwise.
func (h *holds) settle(c *closing, d ledger.Doubt) {
	stage := c.ledger.Order(d.Order).Stage()
	if d.Kind != engines.Confirm || stage != ledger.Released && stage != ledger.Lapsed {
		return
	}
	if got, err := c.outcome(d.ID); err == nil && got == engines.Done {
		h.violated(-1, "Order %d was %s, and the books say that it was confirmed too.", d.Order, stage)
	}
}
