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
	tries    int    // how often it was tried again
}

// gate is the pool of connections: so many operations are inside the engine at once, the others queue before it.
type gate struct {
	calls     []*call
	freeCalls []uint32
	limit     int
	inside    int
	queue     vtime.Ring[queued]
	waiting   int
	peak      int
	queuePeak int
	timeouts  *vtime.Lane
}

type queued struct {
	slot uint32
	uses uint64
}

// none stands for no visit.
const none = ^uint32(0)

// newCall prepares an operation of an order, or of none; its lines are still to be set.
func (v *Virtual) newCall(kind engines.Kind, order engines.OrderID, from engines.Channel, visit uint32) *call {
	var c *call
	if n := len(v.freeCalls); n > 0 {
		c = v.calls[v.freeCalls[n-1]]
		v.freeCalls = v.freeCalls[:n-1]
	} else {
		c = &call{slot: uint32(len(v.calls))}
		v.calls = append(v.calls, c)
	}
	c.visit, c.repeat, c.tries = visit, false, 0
	c.entry = ledger.Entry{Op: engines.Op{
		ID: engines.OrderOp(order, kind), Order: order, Kind: kind, Channel: from, Versions: c.versions[:0],
	}}
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

// ask sends an operation now, through the gate.
func (v *Virtual) ask(c *call) {
	e := &c.entry
	e.Intended, e.Start = v.clock.Now(), v.clock.Now()
	e.Op.At = e.Start
	if !e.Resend {
		v.stats.Planned++
		v.cfg.Judge.Asked(e)
	}
	if v.inside < v.limit {
		v.enter(c)
		return
	}
	c.waiting = true
	v.waiting++
	v.queuePeak = max(v.queuePeak, v.waiting)
	v.queue.Push(queued{c.slot, c.uses})
	v.timeouts.Push(vtime.Event{Kind: poolWaited, A: c.slot, B: c.uses})
}

func (v *Virtual) enter(c *call) {
	v.inside++
	v.peak = max(v.peak, v.inside)
	if !c.entry.Resend {
		v.stats.Started++
	}
	v.clock.Spawn(c.slot)
}

// turnedAway answers a call that got no connection in time: it never reached the engine.
func (v *Virtual) turnedAway(c *call) {
	c.waiting = false
	v.waiting--
	c.repeat = false // nothing was sent, so there is nothing to send again
	c.entry.Start = v.clock.Now()
	v.answer(c, engines.Reply{Outcome: engines.Contended})
}

// operate is a coroutine: one operation inside the engine.
func (v *Virtual) operate(slot uint32) {
	c := v.calls[slot]
	v.env.Begin(c.entry.Op.ID)
	c.entry.Start = v.clock.Now()
	reply, err := v.engine.Do(v.ctx, c.entry.Op)
	if err != nil {
		reply = engines.Reply{}
	}
	v.leave()
	v.answer(c, reply)
}

// leave lets the next call in.
func (v *Virtual) leave() {
	v.inside--
	for v.queue.Len() > 0 {
		q := v.queue.Pop()
		if c := v.calls[q.slot]; c.waiting && c.uses == q.uses {
			c.waiting = false
			v.waiting--
			v.enter(c)
			return
		}
	}
}

// answer tells the judge and the shopper, and gives the call back.
func (v *Virtual) answer(c *call, reply engines.Reply) {
	v.stats.Operations++
	e := &c.entry
	e.End, e.Reply = v.clock.Now(), reply
	if cap(reply.Versions) > cap(c.versions) {
		c.versions = reply.Versions
	}
	v.cfg.Judge.Answered(e)
	if reply.Outcome == engines.Contended && v.tryAgain(c) {
		return
	}
	if c.repeat {
		v.resend(c)
	}
	if c.visit != none {
		v.told(c)
	}
	c.uses++
	v.freeCalls = append(v.freeCalls, c.slot)
}

// The back office doesn't give up as a shopper does: a hold must end, and an order must leave the house.
const (
	officeTries = 20
	officeWait  = time.Second
)

// tryAgain schedules another attempt of an operation that takes no units, under an ID of its own: the first one has had its answer.
func (v *Virtual) tryAgain(c *call) bool {
	if c.entry.Op.Kind.TakesStock() || c.entry.Resend || c.tries == officeTries {
		return false
	}
	c.tries++
	v.clock.At(v.clock.Now()+officeWait, vtime.Event{Kind: again, A: c.slot})
	return true
}

func (v *Virtual) askAgain(c *call) {
	v.retrySeq++
	c.uses++ // what its earlier attempts left in the gate's queue is not this one's
	c.entry.Op.ID = engines.FeedOp(oms, v.retrySeq)
	c.entry.Op.Versions, c.entry.Reply, c.entry.Marks = c.versions[:0], engines.Reply{}, 0
	v.ask(c)
}

// resend sends an answered operation once more, as a client does whose connection broke.
func (v *Virtual) resend(c *call) {
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
