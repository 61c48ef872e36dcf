package ledger

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// Config is what a ledger has to know before the day begins.
type Config struct {
	Opening  []int64       // units of each SKU
	Channels int           // how many sources move stock
	Hot      []engines.SKU // SKUs whose supply and promises are kept as a series
	Day      time.Duration // planned length; later calls are kept too
	Interval time.Duration // of the series; 0 means a minute
}

// Ledger folds the operations of one run into the books of the outside. It is not safe for concurrent use:
// operations come one by one, ordered by the time of what is reported. Its size depends on the number of SKUs and
// intervals, plus one byte an order.
type Ledger struct {
	facts    []Facts
	flows    []flow
	shipped  []shipped
	soldOut  []time.Duration // by SKU; -1: never
	orders   orders
	totals   Totals
	kinds    [16]KindCount
	channels []ChannelCount
	doubts   []Doubt
	counts   []openCount // absolute counts under way
	latency  latencies
	series   series
	day      time.Duration
}

// New returns the ledger of a day that has not begun.
func New(c Config) *Ledger {
	l := &Ledger{
		facts:    make([]Facts, len(c.Opening)),
		flows:    make([]flow, len(c.Opening)),
		shipped:  make([]shipped, len(c.Opening)),
		soldOut:  make([]time.Duration, len(c.Opening)),
		channels: make([]ChannelCount, c.Channels),
		latency:  newLatencies(),
		series:   newSeries(c.Day, c.Interval, c.Hot),
		day:      c.Day,
	}
	for i, units := range c.Opening {
		l.facts[i].Sure, l.facts[i].Supply, l.soldOut[i] = units, units, -1
		l.totals.Opening += units
	}
	return l
}

// Asked is called when an operation is sent, at e.Start.
func (l *Ledger) Asked(e *Entry) {
	l.reach(e.Start)
	if e.Resend {
		return // whatever it may do was already allowed for when it was sent first
	}
	l.kinds[e.Op.Kind].Asked++
	switch e.Op.Kind {
	case engines.Reserve, engines.Sell:
		l.takeAsked(e)
	case engines.Release, engines.Expire:
		l.endAsked(e)
	case engines.Cancel:
		l.cancelAsked(e)
	case engines.Ship:
		for _, line := range e.Lines {
			l.shipped[line.SKU].asked += int64(line.Qty)
		}
	case engines.Receive, engines.Return, engines.Adjust:
		l.supplyAsked(e)
	case engines.Count:
		l.countAsked(e)
	}
}

// Answered is called when an operation was answered, at e.End. A lost answer is an answer: Unknown.
// It returns what was known of the order until then.
func (l *Ledger) Answered(e *Entry) (before Order) {
	o := l.orders.at(e.Op.Order)
	before = *o
	l.reach(e.End)
	l.totals.Operations++
	l.series.operations++
	if e.Resend {
		l.totals.Resends++
		if !e.News() {
			return before
		}
	}
	l.countKind(e)
	switch e.Op.Kind {
	case engines.Reserve:
		l.measure(e)
		l.reserveAnswered(e, o)
	case engines.Sell, engines.Confirm:
		l.measure(e)
		l.promiseAnswered(e, o)
	case engines.Release, engines.Expire:
		l.endAnswered(e, o)
	case engines.Cancel:
		l.cancelAnswered(e, o)
	case engines.Ship:
		l.shipAnswered(e, o)
	case engines.Receive, engines.Return, engines.Adjust:
		l.supplyAnswered(e)
	case engines.Count:
		l.countAnswered(e)
	}
	return before
}

func (l *Ledger) countKind(e *Entry) {
	if e.Reply.Outcome != engines.Done {
		return
	}
	l.kinds[e.Op.Kind].Done++
	if e.Op.Kind != engines.Transfer {
		l.totals.Events += int64(len(e.Lines))
	}
}

// Finish ends the series. A complete run's go on to the end of the day, even if nothing happened any more.
func (l *Ledger) Finish(complete bool) {
	if complete {
		l.reach(l.day)
	}
	if l.series.busy() {
		l.closeInterval()
	}
}
