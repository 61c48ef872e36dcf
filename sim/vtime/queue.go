package vtime

import (
	"math/bits"
	"time"
)

// The wheel's slots are 2^20 ns (1 ms) wide and 2^12 of them make one turn (4.3 s); later events wait in coarse buckets, one a turn.
const (
	slotBits  = 20
	wheelBits = 10
	wheelSize = 1 << wheelBits
	turnBits  = slotBits + wheelBits
)

// queue holds events by time. Only those of the current millisecond are kept in a heap, which stays small enough for the
// processor's cache; the rest lie unsorted in the slots of a wheel, and beyond its turn in coarse buckets.
// One heap for everything was measured to cost a quarter of a full day.
type queue struct {
	heap    heap
	heapEnd time.Duration // events before it belong into the heap

	wheel  [wheelSize]uint32 // first node of each slot's chain, +1
	filled [wheelSize / 64]uint64
	word   int   // of filled: those before it are empty
	turn   int64 // which turn the wheel shows

	coarse []bucket // of each later turn; indexed by turn
	last   int64    // the latest turn in coarse that was ever used

	ahead func(Event) // is told an event when its turn comes; may be nil

	nodes     []node
	free      uint32 // first free node, +1
	chunks    []*chunk
	freeChunk uint32 // first free chunk, +1
	size      int
}

// bucket is the events of a later turn, in chunks. Far events are many, and lie here for long: side by side they are read without a cache miss each.
type bucket struct {
	chunk uint32 // the first, which alone may have room, +1
	n     uint32 // events in it
}

type chunk struct {
	items [31]item
	next  uint32
}

type node struct {
	item
	next uint32
}

func (q *queue) push(it item) {
	q.size++
	if it.at < q.heapEnd {
		q.heap.push(it)
		return
	}
	if turn := int64(it.at) >> turnBits; turn > q.turn {
		q.pushFar(turn, it)
		return
	}
	q.pushNear(it)
}

// pushNear puts an event of this turn into its slot.
func (q *queue) pushNear(it item) {
	n := q.newNode(it)
	slot := int64(it.at) >> slotBits & (wheelSize - 1)
	q.nodes[n-1].next, q.wheel[slot] = q.wheel[slot], n
	q.filled[slot/64] |= 1 << (slot % 64)
}

// pushFar puts an event of a later turn into its bucket.
func (q *queue) pushFar(turn int64, it item) {
	for int64(len(q.coarse)) <= turn {
		q.coarse = append(q.coarse, bucket{})
	}
	q.last = max(q.last, turn)
	b := &q.coarse[turn]
	if b.chunk == 0 || int(b.n) == len(chunk{}.items) {
		b.chunk, b.n = q.newChunk(b.chunk), 0
	}
	q.chunks[b.chunk-1].items[b.n] = it
	b.n++
}

func (q *queue) newChunk(next uint32) uint32 {
	i := q.freeChunk
	if i == 0 {
		q.chunks = append(q.chunks, new(chunk))
		i = uint32(len(q.chunks))
	} else {
		q.freeChunk = q.chunks[i-1].next
	}
	q.chunks[i-1].next = next
	return i
}

func (q *queue) newNode(it item) uint32 {
	if n := q.free; n != 0 {
		q.free = q.nodes[n-1].next
		q.nodes[n-1].item = it
		return n
	}
	q.nodes = append(q.nodes, node{item: it})
	return uint32(len(q.nodes))
}

// min returns the earliest event, or nil. It fills the heap from the next slot where it is empty.
func (q *queue) min() *item {
	if len(q.heap) == 0 && !q.pour() {
		return nil
	}
	return &q.heap[0]
}

// pour moves the next filled slot into the heap.
func (q *queue) pour() bool {
	if q.size == 0 {
		return false
	}
	for {
		if slot, ok := q.nextSlot(); ok {
			n := q.wheel[slot]
			q.wheel[slot] = 0
			q.filled[slot/64] &^= 1 << (slot % 64)
			q.heapEnd = time.Duration(q.turn<<turnBits + (slot+1)<<slotBits)
			for n != 0 {
				nd := &q.nodes[n-1]
				q.heap.push(nd.item)
				n, nd.next, q.free = nd.next, q.free, n
			}
			return true
		}
		q.nextTurn()
	}
}

// nextSlot is the first filled slot of the turn; those before it are empty, for events are never pushed into the past.
func (q *queue) nextSlot() (int64, bool) {
	for ; q.word < len(q.filled); q.word++ {
		if word := q.filled[q.word]; word != 0 {
			return int64(q.word*64 + bits.TrailingZeros64(word)), true
		}
	}
	return 0, false
}

// nextTurn spreads the next bucket that has events over the wheel.
func (q *queue) nextTurn() {
	q.word = 0
	for q.turn++; q.turn < q.last && q.coarse[q.turn].chunk == 0; q.turn++ {
	}
	b := q.coarse[q.turn]
	q.coarse[q.turn] = bucket{}
	for b.chunk != 0 {
		c := q.chunks[b.chunk-1]
		for i := range c.items[:b.n] {
			q.pushNear(c.items[i])
			if q.ahead != nil {
				q.ahead(c.items[i].ev)
			}
		}
		b.chunk, b.n, c.next, q.freeChunk = c.next, uint32(len(c.items)), q.freeChunk, b.chunk
	}
}

// pop removes the earliest event; min must have returned it.
func (q *queue) pop() item {
	q.size--
	return q.heap.pop()
}
