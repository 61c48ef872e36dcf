package ledger

import "github.com/doorbuster/doorbuster/engines"

func (l *Ledger) takeAsked(e *Entry) {
	o := l.orders.at(e.Op.Order)
	if o.Stage() == Unasked {
		o.enter(Asking)
		l.totals.Asked++
		l.channels[e.Op.Channel].Asked++
		l.series.asked++
		l.totals.UnitsAsked += units(e.Lines)
		for _, line := range e.Lines {
			l.facts[line.SKU].Asked += int64(line.Qty)
		}
	}
	l.apply(e.Lines, move{taken: 1})
}

func (l *Ledger) reserveAnswered(e *Entry) {
	o := l.orders.at(e.Op.Order)
	switch e.Reply.Outcome {
	case engines.Done:
		l.recall(o, Holding)
		*o |= inHeld
		l.apply(e.Lines, move{held: 1})
	case engines.Unknown:
		o.enter(MaybeHeld)
		l.unknown(o)
	default:
		l.takeRefused(e, o)
	}
}

// promiseAnswered is for Sell and Confirm: what they answer is what the customer is told.
func (l *Ledger) promiseAnswered(e *Entry) {
	o := l.orders.at(e.Op.Order)
	switch {
	case e.Reply.Outcome == engines.Done:
		l.promised(e, o)
	case e.Reply.Outcome == engines.Unknown:
		m := l.settle(o)
		o.enter(MaybePromised)
		l.unknown(o)
		l.doubt(e)
		if !o.CancelAsked() {
			m.maybe++
		}
		l.apply(e.Lines, m)
	case e.Op.Kind == engines.Sell:
		l.takeRefused(e, o)
	default:
		l.confirmRefused(e, o)
	}
}

func (l *Ledger) promised(e *Entry, o *Order) {
	var m move
	if o.givenBack() {
		m.taken = 1 // an engine that promises what it took back owes it again
	}
	n := units(e.Lines)
	m.add(l.settle(o))
	l.recall(o, Promised)
	if !o.CancelAsked() {
		m.promised = 1
	}
	l.apply(e.Lines, m)
	for _, line := range e.Lines {
		l.facts[line.SKU].Ever += int64(line.Qty)
	}
	l.totals.Promised++
	l.totals.UnitsPromised += n
	l.series.promised++
	c := &l.channels[e.Op.Channel]
	c.Promised++
	c.PromisedUnits += n
}

func (l *Ledger) takeRefused(e *Entry, o *Order) {
	m := l.settle(o)
	m.taken--
	l.apply(e.Lines, m)
	l.recall(o, Refused)
	l.refused(e.Op.Channel, o, e.Reply.Outcome)
	if e.Reply.Outcome == engines.SoldOut {
		l.markSoldOut(e)
	}
}

// markSoldOut dates the first time that a SKU ran out. Of several lines only those that can't be met are meant.
func (l *Ledger) markSoldOut(e *Entry) {
	for _, line := range e.Lines {
		f := &l.facts[line.SKU]
		if f.SoldOutAt < 0 && (len(e.Lines) == 1 || f.Free() < int64(line.Qty)) {
			f.SoldOutAt = e.End
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
		l.apply(e.Lines, l.settle(o))
		l.recall(o, Late)
	}
	if e.Reply.Outcome == engines.Expired {
		l.unpaid(o)
	} else {
		l.refused(e.Op.Channel, o, e.Reply.Outcome)
	}
}
