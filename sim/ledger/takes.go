package ledger

import "github.com/doorbuster/doorbuster/engines"

func (l *Ledger) takeAsked(e *Entry) {
	l.move(taken, e.Lines, 1)
	o := l.orders.at(e.Op.Order)
	if o.Stage() != Unasked {
		return
	}
	o.enter(Asking)
	l.move(asked, e.Lines, 1)
	l.totals.Asked++
	l.totals.UnitsAsked += units(e.Lines)
	l.series.asked++
	l.channels[e.Op.Channel].Asked++
}

func (l *Ledger) reserveAnswered(e *Entry, o *Order) {
	switch e.Reply.Outcome {
	case engines.Done:
		l.recall(o, Holding)
		*o |= inHeld
		l.move(held, e.Lines, 1)
	case engines.Unknown:
		o.enter(MaybeHeld)
		l.unknown(o)
	default:
		l.takeRefused(e, o)
	}
}

// promiseAnswered is for Sell and Confirm: what they answer is what the customer is told.
func (l *Ledger) promiseAnswered(e *Entry, o *Order) {
	switch {
	case e.Reply.Outcome == engines.Done:
		l.promised(e, o)
	case e.Reply.Outcome == engines.Unknown:
		l.settle(e, o)
		o.enter(MaybePromised)
		l.unknown(o)
		l.doubt(e)
		if !o.CancelAsked() {
			l.move(maybe, e.Lines, 1)
		}
	case e.Op.Kind == engines.Sell:
		l.takeRefused(e, o)
	default:
		l.confirmRefused(e, o)
	}
}

func (l *Ledger) promised(e *Entry, o *Order) {
	if o.givenBack() {
		l.move(taken, e.Lines, 1) // an engine that promises what it took back owes it again
	}
	l.settle(e, o)
	l.recall(o, Promised)
	l.move(ever, e.Lines, 1)
	if !o.CancelAsked() {
		l.move(promised, e.Lines, 1)
	}
	n := units(e.Lines)
	l.totals.Promised++
	l.totals.UnitsPromised += n
	l.series.promised++
	c := &l.channels[e.Op.Channel]
	c.Promised++
	c.PromisedUnits += n
}

func (l *Ledger) takeRefused(e *Entry, o *Order) {
	l.settle(e, o)
	l.move(taken, e.Lines, -1)
	l.recall(o, Refused)
	l.refused(e.Op.Channel, o, e.Reply.Outcome)
	if e.Reply.Outcome == engines.SoldOut {
		l.markSoldOut(e)
	}
}

// markSoldOut dates the first time that a SKU ran out. Of several lines only those that can't be met are meant.
func (l *Ledger) markSoldOut(e *Entry) {
	for _, line := range e.Lines {
		if l.soldOut[line.SKU] < 0 && (len(e.Lines) == 1 || l.facts[line.SKU].Free() < int64(line.Qty)) {
			l.soldOut[line.SKU] = e.End
		}
	}
}

// confirmRefused is a buyer who wanted to pay and could not. Among too many others the hold goes on, and so may the
// attempts to pay; the hold itself ends by Release or Expire.
func (l *Ledger) confirmRefused(e *Entry, o *Order) {
	switch {
	case o.open() && e.Reply.Outcome == engines.Contended:
		l.recall(o, Stalled)
		return
	case o.open() || o.Stage() == MaybePromised:
		l.settle(e, o)
		l.recall(o, Late)
	}
	if e.Reply.Outcome == engines.Expired {
		l.unpaid(o)
	} else {
		l.refused(e.Op.Channel, o, e.Reply.Outcome)
	}
}
