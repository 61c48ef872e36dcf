package vtime

import "time"

// item is an event in a queue; seq breaks ties, so that what was scheduled first happens first.
type item struct {
	at  time.Duration
	seq uint64
	ev  Event
}

func (a *item) before(b *item) bool { return a.at < b.at || a.at == b.at && a.seq < b.seq }

// heap has the earliest item on top. It is 4-ary: half as deep as a binary one, and a node's children share a cache line or two.
type heap []item

func (h *heap) push(it item) {
	*h = append(*h, it)
	q := *h
	i := len(q) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !it.before(&q[parent]) {
			break
		}
		q[i] = q[parent]
		i = parent
	}
	q[i] = it
}

// pop removes the top; there must be one.
func (h *heap) pop() item {
	q := *h
	top, last := q[0], len(q)-1
	it := q[last]
	*h = q[:last]
	if last > 0 {
		h.sink(it)
	}
	return top
}

// sink finds the place of it, starting at the top, which is free.
func (h *heap) sink(it item) {
	q := *h
	i := 0
	for {
		child := i*4 + 1
		if child >= len(q) {
			break
		}
		least := child
		for c := child + 1; c < min(child+4, len(q)); c++ {
			if q[c].before(&q[least]) {
				least = c
			}
		}
		if !q[least].before(&it) {
			break
		}
		q[i] = q[least]
		i = least
	}
	q[i] = it
}
