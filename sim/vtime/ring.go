package vtime

// Ring is a first-in-first-out queue in chunks that are used again: it doesn't copy as it grows, and gives back what it drained.
type Ring[T any] struct {
	chunks      [][]T
	last        []T // of chunks
	head, tail  int // position in the first and the last chunk
	spare       []T
	size, first int
}

const ringChunk = 1024

// Push appends v.
func (r *Ring[T]) Push(v T) {
	if r.tail == len(r.last) {
		r.grow()
	}
	r.last[r.tail] = v
	r.tail++
	r.size++
}

func (r *Ring[T]) grow() {
	c := r.spare
	r.spare = nil
	if c == nil {
		c = make([]T, ringChunk)
	}
	if r.first > 64 && r.first*2 > len(r.chunks) {
		n := copy(r.chunks, r.chunks[r.first:])
		clear(r.chunks[n:])
		r.chunks, r.first = r.chunks[:n], 0
	}
	r.chunks, r.last, r.tail = append(r.chunks, c), c, 0
}

// Len is how many are in the ring.
func (r *Ring[T]) Len() int { return r.size }

// Peek is the oldest, where it lies; there must be one.
func (r *Ring[T]) Peek() *T { return &r.chunks[r.first][r.head] }

// At is the one that i others are older than; there must be one.
func (r *Ring[T]) At(i int) *T {
	i += r.head
	return &r.chunks[r.first+i/ringChunk][i%ringChunk]
}

// Pop removes the oldest; there must be one.
func (r *Ring[T]) Pop() T {
	v := r.chunks[r.first][r.head]
	r.head++
	r.size--
	if r.size == 0 {
		r.head, r.tail = 0, 0 // start over in the chunk that is there
	} else if r.head == ringChunk {
		r.spare, r.chunks[r.first] = r.chunks[r.first], nil
		r.first++
		r.head = 0
	}
	return v
}
