package driver

import (
	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/vtime"
)

// gate is the pool of connections: so many operations are inside the engine at once, the others queue before it.
type gate struct {
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

// throughGate sends an operation now.
func (v *Virtual) throughGate(c *call) {
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
	v.answer(c, engines.Reply{Outcome: engines.Contended}, v.clock.Now())
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
	v.finish(c, reply)
}

// finish lets the next call in and answers this one.
func (v *Virtual) finish(c *call, reply engines.Reply) {
	v.leave()
	v.answer(c, reply, v.clock.Now())
}

// setOff is operate without a coroutine, for operations that are one round trip.
func (v *Virtual) setOff(slot uint32) bool {
	c := v.calls[slot]
	if c.trip = v.tripper.Trip(&c.entry.Op); c.trip == nil {
		return false
	}
	c.entry.Start = v.clock.Now()
	if turn := v.env.Turn(c.trip.Writes()); turn > v.clock.Now() {
		v.clock.Soon(turn, vtime.Event{Kind: rowsReached, A: slot})
	} else {
		v.travel(c)
	}
	return true
}

// travel sends a round trip on its way.
func (v *Virtual) travel(c *call) {
	over := v.env.Trip(c.entry.Op.ID)
	if v.clock.Skip(over) {
		v.land(c)
		return
	}
	v.clock.Soon(over, vtime.Event{Kind: landed, A: c.slot})
}

// land ends an operation whose round trip is over.
func (v *Virtual) land(c *call) {
	reply := c.trip.Land()
	c.trip = nil
	v.finish(c, reply)
}

// strand ends the round trips that nobody waits for any more, as coroutines are ended: nothing is known of their operations.
func (v *Virtual) strand() {
	for _, c := range v.calls {
		if c.trip != nil {
			c.trip = nil
			v.finish(c, engines.Reply{})
		}
	}
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
