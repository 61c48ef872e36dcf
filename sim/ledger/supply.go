package ledger

import "github.com/doorbuster/doorbuster/engines"

// supplyAsked is for Receive, Return and Adjust. An arrival may be sold from now on; a loss may bite from now on.
func (l *Ledger) supplyAsked(e *Entry) {
	for _, line := range e.Lines {
		f, w, qty := &l.facts[line.SKU], &l.flows[line.SKU], int64(line.Qty)
		if qty > 0 {
			f.Supply += qty
			w.inAsked += qty
		} else {
			f.Sure += qty
			w.outAsked -= qty
		}
	}
}

func (l *Ledger) supplyAnswered(e *Entry) {
	switch e.Reply.Outcome {
	case engines.Done:
		l.supplyDone(e)
	case engines.Unknown:
		l.doubt(e)
	default:
		l.supplyRefused(e.Lines)
	}
}

func (l *Ledger) supplyDone(e *Entry) {
	*l.total(e.Op.Kind) += units(e.Lines)
	for _, line := range e.Lines {
		f, w, qty := &l.facts[line.SKU], &l.flows[line.SKU], int64(line.Qty)
		if qty > 0 {
			f.Sure += qty
			w.inDone += qty
		} else {
			f.Supply += qty
			w.outDone -= qty
		}
	}
}

func (l *Ledger) total(k engines.Kind) *int64 {
	switch k {
	case engines.Receive:
		return &l.totals.Received
	case engines.Return:
		return &l.totals.Returned
	}
	return &l.totals.Adjusted
}

func (l *Ledger) supplyRefused(lines []engines.Line) {
	for _, line := range lines {
		f, w, qty := &l.facts[line.SKU], &l.flows[line.SKU], int64(line.Qty)
		if qty > 0 {
			f.Supply -= qty
			w.inAsked -= qty
		} else {
			f.Sure -= qty
			w.outAsked += qty
		}
	}
}

// Resolve settles a supply operation whose answer was lost: happened or not.
func (l *Ledger) Resolve(d Doubt, happened bool) {
	if d.Kind == engines.Count {
		return // when it happened isn't known, so its bounds stay
	}
	if happened {
		l.supplyDone(&Entry{Op: engines.Op{Kind: d.Kind}, Lines: d.Lines})
	} else {
		l.supplyRefused(d.Lines)
	}
}
