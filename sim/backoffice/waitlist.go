package backoffice

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// Waitlist keeps orders whose customers were told to wait: for each SKU who joined first is served first. An order waits for one SKU, the one of
// its lines that is short; when there are units, the caller tries it on the engine. One order is tried at a time in each queue,
// so that nobody is overtaken while they are being tried: an order that wants more than there is lets those behind it wait.
type Waitlist struct {
	patience       time.Duration
	queues         []queue // by SKU
	places         []place // from 1, so that 0 is nobody
	free           uint32  // the first free place, the others behind it in next
	of             map[engines.OrderID]uint32
	oldest, newest uint32 // of all who wait
	joined         uint64
}

// queue is who waits for one SKU.
type queue struct{ first, trying uint32 }

// place is one order's.
type place struct {
	until   time.Duration
	order   engines.OrderID
	number  uint64 // of joining
	lines   []engines.Line
	sku     engines.SKU // that it waits for
	channel engines.Channel

	older, newer uint32 // of all who wait
	node                // among those who wait for sku
}

// Waiting is an order that waits, or waited. Its lines are good until the next call.
type Waiting struct {
	Order   engines.OrderID
	Channel engines.Channel
	Lines   []engines.Line
}

// NewWaitlist makes a list for so many SKUs. Everybody is kept waiting for the same time.
func NewWaitlist(skus int, patience time.Duration) *Waitlist {
	return &Waitlist{
		patience: patience, queues: make([]queue, skus), places: make([]place, 1),
		of: map[engines.OrderID]uint32{},
	}
}

// Len is how many orders wait, those included that are being tried.
func (w *Waitlist) Len() int { return len(w.of) }

// Join lets an order wait for the first of its lines that is short. One that waits already keeps its place.
func (w *Waitlist) Join(at time.Duration, order engines.OrderID, ch engines.Channel, lines []engines.Line, short engines.SKU) {
	if _, waits := w.of[order]; waits {
		return
	}
	w.joined++
	i := w.take()
	p := &w.places[i]
	*p = place{
		until: at + w.patience, order: order, number: w.joined, lines: append(p.lines[:0], lines...), channel: ch,
		older: w.newest,
	}
	if w.newest != 0 {
		w.places[w.newest].newer = i
	} else {
		w.oldest = i
	}
	w.newest = i
	w.of[order] = i
	w.enter(i, short)
}

// Next is the order that is first in line for a SKU, to be tried now. It is false if nobody waits or somebody is being tried. A trial ends
// with Leave or with Failed.
func (w *Waitlist) Next(sku engines.SKU) (Waiting, bool) {
	q := &w.queues[sku]
	if q.first == 0 || q.trying != 0 {
		return Waiting{}, false
	}
	q.trying = q.first
	return w.waiting(q.first), true
}

// Failed ends a trial without success. The order keeps its place if short is the SKU that it waits for already; else it moves to the queue
// of that SKU, where it stands before those who joined the list after it, and it is somebody else's turn in the queue that it left. If its deadline passed
// during the trial, its wait is over instead: expired.
func (w *Waitlist) Failed(at time.Duration, order engines.OrderID, short engines.SKU) (expired bool) {
	i, waits := w.of[order]
	if !waits {
		return false
	}
	p := &w.places[i]
	if p.until <= at {
		w.end(i)
		return true
	}
	if q := &w.queues[p.sku]; q.trying == i {
		q.trying = 0
	}
	if p.sku != short {
		w.exit(i)
		w.enter(i, short)
	}
	return false
}

// Leave ends an order's wait: it was filled, or its customer went away. It says whether the order waited.
func (w *Waitlist) Leave(order engines.OrderID) bool {
	i, waits := w.of[order]
	if waits {
		w.end(i)
	}
	return waits
}

// Expired ends the wait of the oldest order whose deadline has come, and returns it; it is to be called until there is none. An order that is
// being tried is passed over: Failed will tell.
func (w *Waitlist) Expired(at time.Duration) (Waiting, bool) {
	for i := w.oldest; i != 0 && w.places[i].until <= at; i = w.places[i].newer {
		if w.queues[w.places[i].sku].trying != i {
			gone := w.waiting(i)
			w.end(i)
			return gone, true
		}
	}
	return Waiting{}, false
}

func (w *Waitlist) waiting(i uint32) Waiting {
	p := &w.places[i]
	return Waiting{p.order, p.channel, p.lines}
}

func (w *Waitlist) take() uint32 {
	if i := w.free; i != 0 {
		w.free = w.places[i].next
		return i
	}
	w.places = append(w.places, place{})
	return uint32(len(w.places) - 1)
}

// end takes an order off the list. Its lines stay where they are until the place is taken again.
func (w *Waitlist) end(i uint32) {
	w.exit(i)
	p := &w.places[i]
	if p.older != 0 {
		w.places[p.older].newer = p.newer
	} else {
		w.oldest = p.newer
	}
	if p.newer != 0 {
		w.places[p.newer].older = p.older
	} else {
		w.newest = p.older
	}
	delete(w.of, p.order)
	p.next = w.free
	w.free = i
}
