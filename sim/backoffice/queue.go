package backoffice

import "github.com/doorbuster/doorbuster/engines"

// node is an order's place in the queue of a SKU. Those who join last go to the end, but one that comes over from another queue stands among them
// by the number of its joining. So a queue is a pairing heap (Fredman, Sedgewick, Sleator and Tarjan, 1986): it finds the first at
// once, takes a newcomer at once, and lets anybody go in logarithmic time; and it lies in the places themselves.
type node struct {
	child, next uint32
	prev        uint32 // the sibling before, or the parent of a first child; 0 at the root
}

// enter puts an order into a queue.
func (w *Waitlist) enter(i uint32, sku engines.SKU) {
	p := &w.places[i]
	p.sku, p.node = sku, node{}
	q := &w.queues[sku]
	q.first = w.meld(q.first, i)
}

// exit takes an order out of its queue; if it is being tried, that is over.
func (w *Waitlist) exit(i uint32) {
	p := &w.places[i]
	q := &w.queues[p.sku]
	if q.trying == i {
		q.trying = 0
	}
	below := w.pair(p.child)
	if q.first == i {
		q.first = below
		return
	}
	if before := &w.places[p.prev]; before.child == i {
		before.child = p.next
	} else {
		before.next = p.next
	}
	if p.next != 0 {
		w.places[p.next].prev = p.prev
	}
	q.first = w.meld(q.first, below)
}

// meld joins two queues, either of which may be empty, and returns who is first.
func (w *Waitlist) meld(a, b uint32) uint32 {
	if a == 0 {
		return b
	}
	if b == 0 {
		return a
	}
	if w.places[b].number < w.places[a].number {
		a, b = b, a
	}
	first, second := &w.places[a], &w.places[b]
	second.prev, second.next = a, first.child
	if first.child != 0 {
		w.places[first.child].prev = b
	}
	first.child = b
	return a
}

// pair melds siblings two by two, and then all pairs from the last to the first.
func (w *Waitlist) pair(sibling uint32) (first uint32) {
	pairs := uint32(0) // the last in front
	for sibling != 0 {
		a, b := sibling, w.cut(sibling)
		sibling = 0
		if b != 0 {
			sibling = w.cut(b)
		}
		m := w.meld(a, b)
		w.places[m].next, pairs = pairs, m
	}
	for pairs != 0 {
		m := pairs
		pairs = w.cut(m)
		first = w.meld(first, m)
	}
	return first
}

// cut parts a sibling from those around it, and returns the one behind it.
func (w *Waitlist) cut(i uint32) (behind uint32) {
	n := &w.places[i].node
	behind = n.next
	n.next, n.prev = 0, 0
	return behind
}
