package postgres

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/doorbuster/doorbuster/engines"
)

// queue is a group-commit combiner: one writer on one connection takes what callers have asked for meanwhile, carries it out in one
// transaction, and answers each caller after the commit. The longer a commit takes, the more of them share it. The writer decides
// on its own copy of what it wrote last, so a batch is one round trip: it holds an advisory lock, so that a second process is refused,
// and an epoch that each batch checks. Engines of other strategies must not write to the database meanwhile; the writer notices
// rows that they changed, and then reads everything anew, but an ID that is sent to both of them at once may have two replies.
type queue struct {
	*engine
	stop  chan struct{}
	done  sync.WaitGroup
	stale atomic.Bool // what the writer remembers is no longer so

	mu     sync.Mutex
	asked  []*request    // in the order in which they came
	signal chan struct{} // holds one: somebody asked

	writer *writer // nil after its connection was lost
	facts  facts
}

// request is an operation in the queue. Whoever first sets settled decides: the writer takes it into a batch, or its caller gives it up.
type request struct {
	txn
	settled atomic.Bool
	outcome engines.Outcome
	err     error
	ready   chan struct{} // holds one: it was answered
}

var errClosed = errors.New("the engine is closed")

// newQueue connects the writer and starts it.
func newQueue(ctx context.Context, e *engine) (*queue, error) {
	q := &queue{engine: e, stop: make(chan struct{}), signal: make(chan struct{}, 1)}
	q.facts.forget()
	var err error
	if q.writer, err = newWriter(ctx, e); err != nil {
		return nil, err
	}
	q.done.Go(q.serve)
	return q, nil
}

// idle are requests whose callers have their answers.
var idle = sync.Pool{New: func() any { return &request{ready: make(chan struct{}, 1)} }}

// do hands op to the writer and waits for the answer. If ctx ends while op waits, it is taken out; once it is part of a batch,
// its answer comes with the batch's commit, for which a time-out of its own holds.
func (q *queue) do(ctx context.Context, op engines.Op) (engines.Reply, error) {
	if err := ctx.Err(); err != nil {
		return engines.Reply{}, err
	}
	r := idle.Get().(*request)
	r.settled.Store(false)
	r.txn = txn{engine: q.engine, op: op, out: op.Versions[:0], keys: r.keys[:0], was: r.was[:0]}
	if err := r.sum(); err != nil {
		return engines.Reply{}, err
	}
	q.push(r)
	gone := errClosed
	select {
	case <-r.ready:
		return r.leave()
	case <-q.stop:
	case <-ctx.Done():
		gone = ctx.Err()
	}
	if r.settled.CompareAndSwap(false, true) {
		return engines.Reply{}, gone // the writer finds it settled and passes it over
	}
	<-r.ready
	return r.leave()
}

// leave takes the answer out of r and gives r back.
func (r *request) leave() (engines.Reply, error) {
	reply, err := engines.Reply{Outcome: r.outcome, Versions: r.out}, r.err
	r.op, r.lines, r.out, r.order, r.err = engines.Op{}, nil, nil, order{}, nil
	idle.Put(r)
	return reply, err
}

func (q *queue) push(r *request) {
	q.mu.Lock()
	q.asked = append(q.asked, r)
	q.mu.Unlock()
	select {
	case q.signal <- struct{}{}:
	default:
	}
}

// enough is how many must wait for the callers of the batch before to be answered only while the server works on the next one. With fewer, two small
// batches would take turns, of which each costs nearly as much as one of both.
const enough = 64

// serve applies batches until the engine is closed.
func (q *queue) serve() {
	var batch, before []*request
	for {
		if q.waiting() < enough {
			answer(before)
			before = before[:0]
			runtime.Gosched() // those who were answered ask again first
		}
		batch = q.take(batch[:0])
		if len(batch) == 0 {
			answer(before)
			before = before[:0]
			if batch = q.wait(batch); batch == nil {
				return // callers that still wait see stop too
			}
		}
		q.apply(batch, before)
		batch, before = before, batch
	}
}

func (q *queue) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.asked)
}

// take moves up to BatchMax requests that nobody has given up into batch.
func (q *queue) take(batch []*request) []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for n < len(q.asked) && len(batch) < q.tuning.BatchMax {
		if r := q.asked[n]; r.settled.CompareAndSwap(false, true) {
			batch = append(batch, r)
		}
		n++
	}
	if len(batch) > 0 {
		q.count(engines.QueuedOps, len(q.asked)-n+len(batch))
	}
	left := copy(q.asked, q.asked[n:])
	clear(q.asked[left:])
	q.asked = q.asked[:left]
	return batch
}

// wait takes a batch as soon as somebody asks; nil if the engine is closed.
func (q *queue) wait(batch []*request) []*request {
	for {
		select {
		case <-q.signal:
		case <-q.stop:
			return nil
		}
		runtime.Gosched() // who asks at the same time shares the batch
		if batch = q.take(batch[:0]); len(batch) > 0 {
			return batch
		}
	}
}

func answer(requests []*request) {
	for _, r := range requests {
		r.ready <- struct{}{}
	}
}

// apply carries a batch out, a few times if another changed what it was decided on. If it fails, nobody knows more than that.
func (q *queue) apply(requests, before []*request) {
	ctx := context.Background() // the connection has a patience of its own
	err := q.attempt(ctx, requests, func() { answer(before) })
	for n := 0; worthRetrying(err) && n < q.tuning.Retries; n++ {
		q.count(engines.Retries, 1)
		err = q.attempt(ctx, requests, func() {})
	}
	q.count(engines.Batches, 1)
	q.count(engines.BatchedOps, len(requests))
	if err == nil {
		return
	}
	for _, r := range requests {
		r.outcome, r.err, r.out = engines.Unknown, err, nil
	}
}

// attempt decides on a batch and writes it in one round trip. meanwhile is called once: while the server works, if it comes to that.
func (q *queue) attempt(ctx context.Context, requests []*request, meanwhile func()) (err error) {
	defer func() {
		if err != nil {
			q.facts.forget()
		}
		if meanwhile != nil {
			meanwhile()
		}
	}()
	if q.stale.CompareAndSwap(true, false) {
		q.facts.forget()
	}
	if q.writer == nil || q.writer.conn.IsClosed() {
		q.facts.forget() // another may have written meanwhile
		if q.writer, err = newWriter(ctx, q.engine); err != nil {
			return err
		}
	}
	if err := q.writer.learn(ctx, &q.facts, requests); err != nil {
		return err
	}
	q.writer.clear()
	for _, r := range requests {
		r.out = r.op.Versions[:0]
		r.outcome = q.facts.decide(&r.txn, q.writer)
	}
	q.facts.handOver(q.writer)
	err = q.writer.write(ctx, func() { meanwhile(); meanwhile = nil })
	if sqlState(err) == epochState {
		q.count(engines.FencedWrites, 1)
	}
	return err
}

// close stops the writer and gives its lock back.
func (q *queue) close() error {
	close(q.stop)
	q.done.Wait()
	if q.writer == nil {
		return nil
	}
	return q.writer.conn.Close(context.Background())
}
