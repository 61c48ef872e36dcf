package driver

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
	"github.com/doorbuster/doorbuster/sim/vtime"
)

// call is one operation on its way: before the gate, inside the engine, answered. Calls are pooled.
type call struct {
	entry    ledger.Entry
	lines    []engines.Line // summed by SKU
	versions []engines.Version
	first    []engines.Version
	visit    uint32
	slot     uint32
	uses     uint64 // which use of the pooled call this is
	waiting  bool   // before the gate
	repeat   bool   // send it once more when it is answered
	lost     bool   // given up by a wall run: its goroutine still has it
	tries    int    // how often it was tried again
	short    bool   // a Cancel: fulfilment found the order short

	trip engines.Trip // the only round trip that it is on, if it needs no coroutine
	wall flight       // of a wall run
}

// none stands for no visit.
const none = ^uint32(0)

// newCall prepares an operation of an order, or of none; its lines are still to be set.
func (v *day) newCall(kind engines.Kind, order engines.OrderID, from engines.Channel, visit uint32) *call {
	var c *call
	if n := len(v.freeCalls); n > 0 {
		c = v.calls[v.freeCalls[n-1]]
		v.freeCalls = v.freeCalls[:n-1]
	} else {
		c = &call{slot: uint32(len(v.calls))}
		v.calls = append(v.calls, c)
	}
	c.visit, c.repeat, c.tries, c.short = visit, false, 0, false
	e := &c.entry // field by field: a literal of its size would be made beside it and copied
	e.Op = engines.Op{ID: engines.OrderOp(order, kind), Order: order, Kind: kind, Channel: from, Versions: c.versions[:0]}
	e.Lines, e.Reply, e.First = nil, engines.Reply{}, engines.Reply{}
	e.Intended, e.Start, e.End, e.HoldUntil, e.Resend, e.Marks = 0, 0, 0, 0, false, 0
	return c
}

// setLines gives the operation lines of its own, which it copies.
func (c *call) setLines(lines []engines.Line) {
	c.lines = sum(c.lines[:0], lines)
	c.entry.Lines, c.entry.Op.Lines = c.lines, c.lines
}

// sum appends lines, which are in SKU order, to to with those of one SKU added up.
func sum(to, lines []engines.Line) []engines.Line {
	for _, l := range lines {
		if n := len(to); n > 0 && to[n-1].SKU == l.SKU {
			to[n-1].Qty += l.Qty
		} else {
			to = append(to, l)
		}
	}
	return to
}

// answer tells the judge and the shopper, and gives the call back.
func (v *day) answer(c *call, reply engines.Reply, at time.Duration) {
	v.stats.Operations++
	e := &c.entry
	e.End, e.Reply = at, reply
	if cap(reply.Versions) > cap(c.versions) {
		c.versions = reply.Versions
	}
	v.cfg.Judge.Answered(e)
	v.follow(c)
	if reply.Outcome == engines.Contended && v.tryAgain(c) {
		return
	}
	if c.repeat {
		v.resend(c)
	}
	if c.visit != none {
		v.told(c)
	}
	if !c.lost {
		v.giveUp(c)
	}
}

// giveUp makes room for the next call.
func (v *day) giveUp(c *call) {
	c.uses++
	v.freeCalls = append(v.freeCalls, c.slot)
}

// The back office doesn't give up as a shopper does: a hold must end, and an order must leave the house.
const (
	officeTries = 20
	officeWait  = time.Second
)

// tryAgain schedules another attempt of an operation that takes no units, under an ID of its own: the first one has had its answer.
func (v *day) tryAgain(c *call) bool {
	if c.entry.Op.Kind.TakesStock() && !v.insists(c) || c.entry.Resend || c.tries == officeTries {
		return false
	}
	c.tries++
	v.clock.At(v.clock.Now()+v.officeWait, vtime.Event{Kind: again, A: c.slot})
	return true
}

func (v *day) askAgain(c *call) {
	v.retrySeq++
	c.uses++ // what its earlier attempts left in the gate's queue is not this one's
	c.entry.Op.ID = engines.FeedOp(oms, v.retrySeq)
	c.entry.Op.Versions, c.entry.Reply, c.entry.Marks = c.versions[:0], engines.Reply{}, 0
	v.ask(c)
}

// resend sends an answered operation once more, as a client does whose connection broke.
func (v *day) resend(c *call) {
	again := v.newCall(c.entry.Op.Kind, c.entry.Op.Order, c.entry.Op.Channel, none)
	again.lines = append(again.lines[:0], c.entry.Lines...)
	again.first = append(again.first[:0], c.entry.Reply.Versions...)
	e := &again.entry
	e.Op.ID = c.entry.Op.ID // which a retry has of its own
	e.Lines = again.lines
	if c.entry.Op.Lines != nil {
		e.Op.Lines = again.lines
	}
	e.Op.HoldFor = c.entry.Op.HoldFor
	e.Resend, e.First = true, engines.Reply{Outcome: c.entry.Reply.Outcome, Versions: again.first}
	v.ask(again)
}
