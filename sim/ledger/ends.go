package ledger

import "github.com/doorbuster/doorbuster/engines"

// open says whether the order may have a hold.
func (o Order) open() bool {
	switch o.Stage() {
	case Holding, Stalled, Late, MaybeHeld:
		return true
	}
	return false
}

// holding says whether the order has a hold for sure, though its end may be under way.
func (o Order) holding() bool { return o.Stage() == Holding || o.Stage() == Stalled }

// Held says whether the order has a hold whose end nobody has asked for.
func (o Order) Held() bool { return o.holding() && o&inHeld != 0 }

// givenBack says whether the order's units are no longer in Facts.Taken.
func (o Order) givenBack() bool {
	switch o.Stage() {
	case Refused, Released, Lapsed, Cancelled:
		return true
	}
	return false
}

// settle takes the order's units out of Held and Maybe: something more is known of it now.
func (l *Ledger) settle(e *Entry, o *Order) {
	l.unhold(e, o)
	if o.MaybePromised() {
		l.move(maybe, e.Lines, -1)
	}
}

// unhold stops counting the hold.
func (l *Ledger) unhold(e *Entry, o *Order) {
	if *o&inHeld != 0 {
		*o &^= inHeld
		l.move(held, e.Lines, -1)
	}
}

// endAsked stops counting the hold as soon as its end is under way: it may be over at any time from now.
func (l *Ledger) endAsked(e *Entry) { l.unhold(e, l.orders.at(e.Op.Order)) }

func (l *Ledger) endAnswered(e *Entry, o *Order) {
	switch e.Reply.Outcome {
	case engines.Done:
		l.ended(e, o)
	case engines.Unknown:
		*o |= doubtful
	case engines.Expired, engines.NotFound:
		if o.holding() {
			o.enter(Late)
		}
	default: // the hold goes on
		if o.holding() && *o&inHeld == 0 {
			*o |= inHeld
			l.move(held, e.Lines, 1)
		}
	}
}

func (l *Ledger) ended(e *Entry, o *Order) {
	if !o.open() && o.Stage() != Asking && o.Stage() != MaybePromised {
		return // the audit's business: what the customer was told before stands
	}
	l.settle(e, o)
	l.move(taken, e.Lines, -1)
	stage := Released
	if e.Op.Kind == engines.Expire {
		stage = Lapsed
	}
	stalled := o.Stage() == Stalled
	l.recall(o, stage)
	if stalled {
		l.refused(e.Op.Channel, o, engines.Contended) // the buyer wanted to pay and could not
	} else {
		l.unpaid(o)
	}
}

// cancelAsked stops counting the promise: from now on the customer doesn't want it.
func (l *Ledger) cancelAsked(e *Entry) {
	o := l.orders.at(e.Op.Order)
	switch {
	case o.Binding():
		l.move(promised, e.Lines, -1)
	case o.MaybePromised():
		l.move(maybe, e.Lines, -1)
	}
	*o |= cancelled
}

func (l *Ledger) cancelAnswered(e *Entry, o *Order) {
	switch e.Reply.Outcome {
	case engines.Done:
		if o.givenBack() {
			return
		}
		if o.Stage() == Promised || o.Stage() == Shipped {
			l.totals.CancelledBuyer++
		}
		l.move(taken, e.Lines, -1)
		o.enter(Cancelled)
	case engines.Unknown:
		*o |= doubtful
	default: // the promise stands
		*o &^= cancelled
		switch {
		case o.Binding():
			l.move(promised, e.Lines, 1)
		case o.MaybePromised():
			l.move(maybe, e.Lines, 1)
		}
	}
}

func (l *Ledger) shipAnswered(e *Entry, o *Order) {
	switch e.Reply.Outcome {
	case engines.Done:
		for _, line := range e.Lines {
			l.shipped[line.SKU].done += int64(line.Qty)
		}
		if o.Stage() == Promised {
			o.enter(Shipped)
		}
	case engines.Unknown:
		*o |= doubtful
	default:
		for _, line := range e.Lines {
			l.shipped[line.SKU].asked -= int64(line.Qty)
		}
	}
}
