package audit

// patience is how many versions of one key may wait for one before them. More than that were never in flight at once;
// the one before them is missing.
const patience = 1024

// waiting keeps the claims that came before their turn, of all keys, in one slab.
type waiting struct {
	slab []waiter
	free int32 // as index + 1
}

type waiter struct {
	claim
	next int32 // as index + 1
}

// chain is one key's claims in the order of their versions, as places in the slab.
type chain struct{ head, tail, len int32 }

// add puts a claim in its order. It is false for a version that waits already.
func (w *waiting) add(c *chain, in claim) bool {
	after := int32(0) // the waiter that in follows
	if c.len > 0 && w.slab[c.tail-1].seq < in.seq {
		after = c.tail
	} else {
		for at := c.head; at != 0 && w.slab[at-1].seq <= in.seq; at = w.slab[at-1].next {
			after = at
		}
	}
	if after != 0 && w.slab[after-1].seq == in.seq {
		return false
	}
	at := w.place(in)
	if after == 0 {
		w.slab[at-1].next, c.head = c.head, at
	} else {
		w.slab[at-1].next, w.slab[after-1].next = w.slab[after-1].next, at
	}
	if w.slab[at-1].next == 0 {
		c.tail = at
	}
	c.len++
	return true
}

func (w *waiting) place(in claim) int32 {
	if w.free == 0 {
		w.slab = append(w.slab, waiter{claim: in})
		return int32(len(w.slab))
	}
	at := w.free
	w.free = w.slab[at-1].next
	w.slab[at-1] = waiter{claim: in}
	return at
}

// first is the claim with the lowest version. The chain must not be empty.
func (w *waiting) first(c *chain) *claim { return &w.slab[c.head-1].claim }

// pop takes it out.
func (w *waiting) pop(c *chain) claim {
	at := c.head
	out := w.slab[at-1]
	w.slab[at-1].next, w.free = w.free, at
	c.head = out.next
	if c.len--; c.len == 0 {
		c.tail = 0
	}
	return out.claim
}
