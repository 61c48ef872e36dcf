package channels

import "time"

// message is on its way to a channel's display.
type message struct {
	at     time.Duration // when it arrives
	value  int64         // the quantity, or the change
	booked uint32        // the channel's own sales that its sender knew of, in units
	seq    uint32        // of the movement that it tells
	slot   uint8         // the channel's link
}

// before is the order in which messages arrive; of those that arrive at once, the one sent first comes first.
func (a *message) before(b *message) bool {
	return a.at < b.at || a.at == b.at && a.seq < b.seq
}

// inbox is a 4-ary heap of the messages of one SKU on their way. What has arrived is taken out with each movement, so that it holds no
// more than are sent within a delay.
type inbox []message

const arity = 4

func (q *inbox) push(msg message) {
	h := append(*q, msg)
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / arity
		if !msg.before(&h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = msg
	*q = h
}

// pop takes the message that arrives first; there must be one.
func (q *inbox) pop() message {
	h := *q
	first, last := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	*q = h
	if len(h) > 0 {
		h.sink(last)
	}
	return first
}

// sink puts a message where the root is missing.
func (q inbox) sink(msg message) {
	i := 0
	for {
		first := i*arity + 1
		if first >= len(q) {
			break
		}
		least := first
		for c := first + 1; c < min(first+arity, len(q)); c++ {
			if q[c].before(&q[least]) {
				least = c
			}
		}
		if !q[least].before(&msg) {
			break
		}
		q[i] = q[least]
		i = least
	}
	q[i] = msg
}
