package memory

import (
	"context"
	"slices"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// queue has one writer at a time for each key. Callers append their request; one that finds no live writer becomes it and applies
// requests in batches, one round trip each, until its own is among them. It holds an epoch that storage checks,
// so a writer that was taken for dead applies nothing more. An order stands in the queue of its first key.
type queue struct{ lines []line }

// line is the queue of one key.
type line struct {
	head, tail *txn
	epoch      uint64 // of the newest writer
	live       bool   // it has not given up its post
	until      time.Duration
	batches    uint64
}

// inLine is a transaction's place in a queue.
type inLine struct {
	batch  uint64 // the batch that it was last taken into
	answer engines.Outcome
	union  []engines.Key // room for the keys of a batch
}

var _ strategy = queue{}

func (q queue) move(ctx context.Context, t *txn) (engines.Outcome, error) {
	l := &q.lines[t.keys[0]]
	l.push(t)
	for n := 0; t.answer == engines.Unknown; {
		if err := l.wait(ctx, t, &n); err != nil && t.answer == engines.Unknown {
			l.remove(t)
			return engines.Unknown, err
		}
	}
	return t.answer, nil
}

// wait is what t does while it is not answered: it follows a live writer, or is the writer itself. n counts how often
// it was replaced, for writers that replace each other without end would apply nothing.
func (l *line) wait(ctx context.Context, t *txn, n *int) error {
	k := t.keys[0]
	if left := l.until - t.env.Now(); l.live && left > 0 {
		return t.env.Park(ctx, k, left)
	}
	err := l.serve(ctx, t)
	t.env.Wake(k)
	if err != nil || t.answer != engines.Unknown {
		return err
	}
	again, err := t.retry(ctx, *n)
	*n++
	if !again && t.answer == engines.Unknown {
		l.remove(t)
		t.answer = t.refuse(engines.Contended)
	}
	return err
}

// serve makes t the writer until its own request is answered or another writer has replaced it.
func (l *line) serve(ctx context.Context, t *txn) error {
	l.epoch++
	epoch := l.epoch
	l.live = true
	for t.answer == engines.Unknown {
		l.until = t.env.Now() + t.tuning.Lease
		batch := l.gather(t)
		err := t.env.Step(ctx, t.union...)
		if l.epoch != epoch {
			t.env.Count(engines.FencedWrites, 1)
			return err
		}
		if err != nil {
			l.live = false
			return err
		}
		l.apply(t, batch)
		t.env.Wake(t.keys[0])
	}
	l.live = false
	return nil
}

// gather marks the first requests as a new batch and unites their keys in t.union.
func (l *line) gather(t *txn) (batch uint64) {
	l.batches++
	t.union = t.union[:0]
	n := 0
	for r := l.head; r != nil && n < t.tuning.BatchMax; r = r.next {
		r.batch = l.batches
		t.union = append(t.union, r.keys...)
		n++
	}
	slices.Sort(t.union)
	t.union = slices.Compact(t.union)
	return l.batches
}

// apply carries out what is left of a batch, each request on the rows that the one before it left. Some may have been taken
// out: their callers gave up during the round trip.
func (l *line) apply(t *txn, batch uint64) {
	n := 0
	for r := l.head; r != nil && r.batch == batch; r = l.head {
		l.head = r.next
		r.answer = r.attempt()
		n++
	}
	if l.head == nil {
		l.tail = nil
	}
	t.env.Count(engines.Batches, 1)
	t.env.Count(engines.BatchedOps, n)
}

func (l *line) push(t *txn) {
	t.next, t.batch, t.answer = nil, 0, engines.Unknown
	if l.tail == nil {
		l.head = t
	} else {
		l.tail.next = t
	}
	l.tail = t
}

// remove takes a request out that was not answered, so that it can't take effect after its caller gave up.
func (l *line) remove(t *txn) {
	var before *txn
	for r := l.head; r != t; r = r.next {
		before = r
	}
	if before == nil {
		l.head = t.next
	} else {
		before.next = t.next
	}
	if l.tail == t {
		l.tail = before
	}
}
