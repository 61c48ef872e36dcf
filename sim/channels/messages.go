package channels

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// Message is what one of the sources tells us, as it arrives.
type Message struct {
	ID       uint64          // the same for each copy; 0: none
	Source   engines.Channel // index in scenarios.Sources
	Sequence uint64          // of the source, ascending; 0: it has none
	Origin   time.Duration   // when it was made, by the source's clock, since the start of the day
	Kind     engines.Kind
	Lines    []engines.Line // lent; Count carries absolute quantities, Adjust changes
}

// Reason is why a message was put aside.
type Reason uint8

// The reasons.
const (
	Admitted      Reason = iota
	Malformed            // no ID, an unknown source or kind, lines that its kind doesn't have, a quantity that can't be
	UnknownSKU           // a line names none of ours
	FromTheFuture        // it was made later than it arrives, by more than clocks differ
	Duplicate            // its ID was admitted before
	reasons
)

var reasonNames = [reasons]string{"admitted", "malformed", "unknown SKU", "from the future", "duplicate"}

// String is the reason in words.
func (r Reason) String() string { return reasonNames[r] }

// Intake is the door that every message comes through before it may change stock. What it puts aside is counted, and the latest are
// kept to be looked at. Not for concurrent use.
type Intake struct {
	skus      int
	window    time.Duration
	ahead     time.Duration
	young     idSet // admitted in this window
	old       idSet // and in the one before
	number    int64 // of the window that is young
	counts    [reasons]int64
	overtaken int64
	newest    []uint64 // sequence, by source
	aside     []Aside
	next      int // where the next goes, once there are as many as are kept
}

// Aside is a message that was put aside.
type Aside struct {
	At      time.Duration
	Message Message
	Why     Reason
}

const keptAside = 64

// NewIntake knows a message by its ID for at least window after it was admitted, and forgets it before two windows are over: its memory
// is the messages of two windows. Ahead is how far a source's clock may be ahead of ours.
func NewIntake(skus int, window, ahead time.Duration) *Intake {
	return &Intake{
		skus: skus, window: window, ahead: ahead,
		young: idSet{}, old: idSet{},
		newest: make([]uint64, len(scenarios.Sources)),
	}
}

// Admit says whether a message that arrives now may change stock, and else why not. Times don't decrease. An ID is remembered only of a
// message that was admitted: the corrected copy of a malformed one is welcome.
func (in *Intake) Admit(now time.Duration, msg Message) (ok bool, why Reason) {
	if why = in.judge(now, &msg); why != Admitted {
		in.putAside(now, msg, why)
	} else {
		in.young.add(msg.Source, msg.ID)
		in.follow(&msg)
	}
	in.counts[why]++
	return why == Admitted, why
}

func (in *Intake) judge(now time.Duration, msg *Message) Reason {
	in.forget(now)
	if why := in.inspect(msg); why != Admitted {
		return why
	}
	if msg.Origin > now+in.ahead {
		return FromTheFuture
	}
	if in.young.has(msg.Source, msg.ID) || in.old.has(msg.Source, msg.ID) {
		return Duplicate
	}
	return Admitted
}

// inspect judges a message by itself.
func (in *Intake) inspect(msg *Message) Reason {
	if msg.ID == 0 || int(msg.Source) >= len(in.newest) || msg.Kind == 0 || msg.Kind > engines.Expire {
		return Malformed
	}
	if msg.Kind.NamesLines() != (len(msg.Lines) > 0) {
		return Malformed
	}
	for _, l := range msg.Lines {
		if l.Qty < 0 && msg.Kind != engines.Adjust || l.Qty == 0 && msg.Kind != engines.Count {
			return Malformed
		}
	}
	for _, l := range msg.Lines {
		if int64(l.SKU) >= int64(in.skus) {
			return UnknownSKU
		}
	}
	return Admitted
}

// idSet is a set of message IDs. Sources number their messages one after another, so those of a window lie side by side: a bit each.
type idSet map[idPage]*[idsOnPage / 64]uint64

type idPage struct {
	source engines.Channel
	number uint64
}

const idsOnPage = 1 << 12

func (s idSet) add(source engines.Channel, id uint64) {
	at := idPage{source, id / idsOnPage}
	page := s[at]
	if page == nil {
		page = new([idsOnPage / 64]uint64)
		s[at] = page
	}
	page[id%idsOnPage/64] |= 1 << (id % 64)
}

func (s idSet) has(source engines.Channel, id uint64) bool {
	page := s[idPage{source, id / idsOnPage}]
	return page != nil && page[id%idsOnPage/64]&(1<<(id%64)) != 0
}

// forget lets go of the IDs of the window before the last.
func (in *Intake) forget(now time.Duration) {
	n := int64(now / in.window)
	if n == in.number {
		return
	}
	in.old, in.young = in.young, in.old
	if n > in.number+1 {
		clear(in.old)
	}
	clear(in.young)
	in.number = n
}

// follow counts messages that a newer one of their source has overtaken. They are admitted: a change is good at any time, and who
// takes an absolute count that comes late has the field's own bug.
func (in *Intake) follow(msg *Message) {
	if msg.Sequence == 0 {
		return
	}
	if newest := &in.newest[msg.Source]; msg.Sequence < *newest {
		in.overtaken++
	} else {
		*newest = msg.Sequence
	}
}

func (in *Intake) putAside(now time.Duration, msg Message, why Reason) {
	msg.Lines = append([]engines.Line(nil), msg.Lines...)
	if len(in.aside) < keptAside {
		in.aside = append(in.aside, Aside{now, msg, why})
		return
	}
	in.aside[in.next] = Aside{now, msg, why}
	in.next = (in.next + 1) % keptAside
}

// Count is how many messages had an answer.
func (in *Intake) Count(why Reason) int64 { return in.counts[why] }

// Overtaken is how many were admitted after a newer one of their source.
func (in *Intake) Overtaken() int64 { return in.overtaken }

// PutAside are the latest messages that were put aside, at most 64, the oldest first.
func (in *Intake) PutAside() []Aside {
	return append(append([]Aside(nil), in.aside[in.next:]...), in.aside[:in.next]...)
}
