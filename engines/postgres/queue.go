package postgres

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

// queue is a group-commit combiner: one writer on one connection takes what callers have asked for meanwhile, carries it out in one
// transaction, and answers each caller after the commit. The longer a commit takes, the more of them share it. The writer holds an
// advisory lock, so that a second process is refused, and an epoch that each batch checks.
type queue struct {
	*engine
	asked chan *request
	stop  chan struct{}
	done  sync.WaitGroup

	conn  *pgx.Conn // the writer's; nil after it was lost
	epoch int64
}

// request is an operation in the queue. Whoever first sets settled decides: the writer takes it into a batch, or its caller gives it up.
type request struct {
	*txn
	settled atomic.Bool
	outcome engines.Outcome
	err     error
	ready   chan struct{}
}

// writerLock is the key of the advisory lock that a writer holds as long as its connection lives.
const writerLock = 0x71756575 // "queu"

var errClosed = errors.New("the engine is closed")

// newQueue connects the writer and starts it.
func newQueue(ctx context.Context, e *engine) (*queue, error) {
	q := &queue{engine: e, asked: make(chan *request, e.tuning.BatchMax), stop: make(chan struct{})}
	if err := q.connect(ctx); err != nil {
		return nil, err
	}
	q.done.Go(q.serve)
	return q, nil
}

// connect makes this process the writer, or says that another is. A writer that just ended is waited for as long as for any lock.
func (q *queue) connect(ctx context.Context) error {
	config := q.pool.Config().ConnConfig
	config.RuntimeParams["enable_seqscan"] = "off" // plans are made while the tables are empty
	config.RuntimeParams["jit"] = "off"            // the cost of what enable_seqscan forbids, and can't do without, would start it
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	if _, err = conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, writerLock); err == nil {
		err = conn.QueryRow(ctx, `UPDATE doorbuster.writer SET epoch = epoch + 1 RETURNING epoch`).Scan(&q.epoch)
	}
	if err != nil {
		_ = conn.Close(ctx)
	}
	if lockTimeout(err) {
		return fmt.Errorf("another process writes this database's queue: want one writer: %w", err)
	}
	if err == nil {
		q.conn = conn
	}
	return err
}

// do hands t to the writer and waits for the answer. If ctx ends while t waits, it is taken out; once it is part of a batch,
// its answer comes with the batch's commit, which has a time-out of its own.
func (q *queue) do(ctx context.Context, t *txn) (engines.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return engines.Unknown, err
	}
	room := t.out
	t.out = nil // the writer doesn't write in the caller's room: the caller may be gone
	r := &request{txn: t, ready: make(chan struct{})}
	select {
	case q.asked <- r:
	case <-ctx.Done():
		return engines.Unknown, ctx.Err()
	case <-q.stop:
		return engines.Unknown, errClosed
	}
	gone := errClosed
	select {
	case <-r.ready:
	case <-q.stop:
	case <-ctx.Done():
		gone = ctx.Err()
	}
	if r.settled.CompareAndSwap(false, true) {
		return engines.Unknown, gone
	}
	<-r.ready
	t.out = append(room, t.out...)
	return r.outcome, r.err
}

// serve applies batches until the engine is closed.
func (q *queue) serve() {
	for {
		select {
		case first := <-q.asked:
			q.batch(q.gather(first))
		case <-q.stop:
			return // callers that still wait see stop too
		}
	}
}

// gather takes first and what else is there, without waiting for more.
func (q *queue) gather(first *request) []*request {
	runtime.Gosched() // callers that were just answered ask again first
	var batch []*request
	for r := first; ; {
		if r.settled.CompareAndSwap(false, true) {
			batch = append(batch, r)
		}
		if len(batch) == q.tuning.BatchMax {
			return batch
		}
		select {
		case r = <-q.asked:
		default:
			return batch
		}
	}
}

// batch applies requests in one transaction and answers them. If it fails, nobody knows more than that.
func (q *queue) batch(requests []*request) {
	if len(requests) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), commitWait)
	defer cancel()
	err := q.apply(ctx, requests)
	for _, r := range requests {
		if err != nil {
			r.outcome, r.err, r.out = engines.Unknown, err, nil
		}
		close(r.ready)
	}
}

func (q *queue) apply(ctx context.Context, requests []*request) error {
	if q.conn == nil || q.conn.IsClosed() {
		if err := q.connect(ctx); err != nil {
			return err
		}
	}
	page, err := q.load(ctx, requests)
	if err == nil {
		for _, r := range requests {
			r.outcome = page.decide(r.txn)
		}
		err = page.save(ctx, q.conn)
	}
	if err != nil && !q.conn.IsClosed() {
		_, undo := q.conn.Exec(ctx, `ROLLBACK`)
		err = errors.Join(err, undo)
	}
	return err
}

// close stops the writer and gives its lock back.
func (q *queue) close() error {
	close(q.stop)
	q.done.Wait()
	if q.conn == nil {
		return nil
	}
	return q.conn.Close(context.Background())
}
