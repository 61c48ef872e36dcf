package vtime

import (
	"math/bits"
	"time"

	"github.com/doorbuster/doorbuster/internal/hugepage"
)

// The wheel's slots are 2^20 ns (1 ms) wide and 2^12 of them make one turn (4.3 s); later events wait in coarse buckets, one a turn.
const (
	slotBits  = 20
	wheelBits = 12
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

	ahead func(Event) // see Scheduler.Ahead; may be nil
	shown int         // words of filled whose events it was told

	nodes     []node
	free      uint32 // first free node, +1
	freeChunk *chunk
	size      int
}

// bucket is the events of a later turn, in chunks. Far events are many, and lie here for long: side by side they are read without a cache miss each.
type bucket struct {
	chunk *chunk // the first, which alone may have room
	n     int    // events in it
}

type chunk struct {
	next  *chunk
	_     [24]byte // so that no item straddles two lines of the cache
	items [31]item
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
	if b.chunk == nil || b.n == len(b.chunk.items) {
		b.chunk, b.n = q.newChunk(b.chunk), 0
	}
	b.chunk.items[b.n] = it
	b.n++
}

func (q *queue) newChunk(next *chunk) *chunk {
	if q.freeChunk == nil {
		slab := hugepage.New[[64]chunk]()
		for i := range slab {
			slab[i].next, q.freeChunk = q.freeChunk, &slab[i]
		}
	}
	c := q.freeChunk
	c.next, q.freeChunk = next, c.next
	return c
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
		if q.shown <= q.word+1 && q.ahead != nil {
			q.show()
		}
		if word := q.filled[q.word]; word != 0 {
			return int64(q.word*64 + bits.TrailingZeros64(word)), true
		}
	}
	return 0, false
}

// show tells what happens up to the end of the next word of slots: from 64 to 128 milliseconds from now.
func (q *queue) show() {
	for ; q.shown <= q.word+1 && q.shown < len(q.filled); q.shown++ {
		for word := q.filled[q.shown]; word != 0; word &= word - 1 {
			for n := q.wheel[q.shown*64+bits.TrailingZeros64(word)]; n != 0; n = q.nodes[n-1].next {
				q.ahead(q.nodes[n-1].ev)
			}
		}
	}
}

// nextTurn spreads the next bucket that has events over the wheel.
func (q *queue) nextTurn() {
	q.word, q.shown = 0, 0
	for q.turn++; q.turn < q.last && q.coarse[q.turn].chunk == nil; q.turn++ {
	}
	b := q.coarse[q.turn]
	q.coarse[q.turn] = bucket{}
	for c := b.chunk; c != nil; {
		for i := range c.items[:b.n] {
			q.pushNear(c.items[i])
		}
		b.n = len(c.items) // the others are full
		c, c.next, q.freeChunk = c.next, q.freeChunk, c
	}
}

// pop removes the earliest event; min must have returned it.
func (q *queue) pop() item {
	q.size--
	return q.heap.pop()
}
