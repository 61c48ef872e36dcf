package ledger

import "github.com/doorbuster/doorbuster/engines"

// openCount is an absolute count under way.
type openCount struct {
	id    engines.OpID
	lines []countedLine
}

// countedLine is what had flowed when the count was asked for, and how far that moved the bounds of Facts.
type countedLine struct {
	was             flow
	shipped         shipped
	raised, lowered int64
}

// countAsked allows for both results until the answer comes: the count may raise stock or lower it.
// On hand excludes what was shipped, Facts includes it.
func (l *Ledger) countAsked(e *Entry) {
	c := openCount{id: e.Op.ID}
	for _, line := range e.Lines {
		f, s, qty := &l.facts[line.SKU], l.shipped[line.SKU], int64(line.Qty)
		at := countedLine{
			was: l.flows[line.SKU], shipped: s,
			raised: max(0, qty+s.asked-f.Supply), lowered: max(0, f.Sure-qty-s.done),
		}
		f.Supply += at.raised
		f.Sure -= at.lowered
		c.lines = append(c.lines, at)
	}
	l.counts = append(l.counts, c)
}

func (l *Ledger) countAnswered(e *Entry) {
	c, ok := l.closeCount(e)
	switch {
	case !ok || e.Reply.Outcome == engines.Unknown: // both bounds stay as wide as they are
	case e.Reply.Outcome == engines.Done:
		l.countDone(e, c)
	default:
		for i, line := range e.Lines {
			f := &l.facts[line.SKU]
			f.Supply -= c.lines[i].raised
			f.Sure += c.lines[i].lowered
		}
	}
}

// countDone bounds the stock by the count and by everything that may have happened between its moment, which nobody
// knows, and now.
func (l *Ledger) countDone(e *Entry, c openCount) {
	for i, line := range e.Lines {
		f, was, now, qty := &l.facts[line.SKU], c.lines[i].was, l.flows[line.SKU], int64(line.Qty)
		most := qty + l.shipped[line.SKU].asked + (now.inAsked - was.inDone) + (now.outAsked - now.outDone)
		l.totals.Adjusted += most - f.Supply + c.lines[i].raised
		f.Supply = most
		f.Sure = qty + c.lines[i].shipped.done - (now.outAsked - was.outDone) - (now.inAsked - now.inDone)
	}
}

// closeCount finds the count that was answered. One whose answer was lost stays: it may be sent again.
func (l *Ledger) closeCount(e *Entry) (openCount, bool) {
	for i, c := range l.counts {
		if c.id != e.Op.ID {
			continue
		}
		if e.Reply.Outcome != engines.Unknown {
			l.counts = append(l.counts[:i], l.counts[i+1:]...)
		}
		return c, true
	}
	return openCount{}, false
}
