package redis

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	goredis "github.com/redis/go-redis/v9"
)

// wire sends the commands of all callers over a few connections. While one batch is on its way, the next is gathered: a server spends more on
// reading and writing its sockets than on a script, and commands that come together share that.
type wire struct {
	rdb   goredis.UniversalClient
	asked chan *call
	stop  chan struct{}
	done  sync.WaitGroup
}

const (
	lanes    = 2   // connections: one is being read while the other is written
	batchMax = 256 // calls that are sent together
)

var errClosed = errors.New("the engine is closed")

// call is some commands of one caller, sent in order without others in between. Whoever first sets taken decides: a lane sends it, or its caller gives it up.
type call struct {
	cmds  []goredis.Cmder
	taken atomic.Bool
	done  chan struct{}
}

func newWire(rdb goredis.UniversalClient) *wire {
	w := &wire{rdb: rdb, asked: make(chan *call, batchMax), stop: make(chan struct{})}
	for range lanes {
		w.done.Go(w.serve)
	}
	return w
}

// do sends cmds and returns their first error; that there is no such key is none.
func (w *wire) do(ctx context.Context, cmds ...goredis.Cmder) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &call{cmds: cmds, done: make(chan struct{})}
	select {
	case w.asked <- c:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.stop:
		return errClosed
	}
	gone := errClosed
	select {
	case <-c.done:
		return firstError(cmds)
	case <-w.stop:
	case <-ctx.Done():
		gone = ctx.Err()
	}
	if c.taken.CompareAndSwap(false, true) {
		return gone
	}
	<-c.done
	return firstError(cmds)
}

func firstError(cmds []goredis.Cmder) error {
	for _, c := range cmds {
		if err := c.Err(); err != nil && !errors.Is(err, goredis.Nil) {
			return err
		}
	}
	return nil
}

// serve sends batches until the engine is closed.
func (w *wire) serve() {
	var batch []*call
	for {
		select {
		case first := <-w.asked:
			batch = w.gather(batch[:0], first)
			w.send(batch)
		case <-w.stop:
			return // callers that still wait see stop too
		}
	}
}

// gather takes first and what else is there, without waiting for more.
func (w *wire) gather(batch []*call, first *call) []*call {
	runtime.Gosched() // callers that were just answered ask again first
	for c := first; ; {
		if c.taken.CompareAndSwap(false, true) {
			batch = append(batch, c)
		}
		if len(batch) == batchMax {
			return batch
		}
		select {
		case c = <-w.asked:
		default:
			return batch
		}
	}
}

func (w *wire) send(batch []*call) {
	ctx := context.Background() // what is sent is waited for, as long as the connection allows
	p := w.rdb.Pipeline()
	for _, c := range batch {
		for _, cmd := range c.cmds {
			_ = p.Process(ctx, cmd) // queues it
		}
	}
	_, _ = p.Exec(ctx) // each command has its own error
	for _, c := range batch {
		close(c.done)
	}
}

func (w *wire) close() {
	close(w.stop)
	w.done.Wait()
}
