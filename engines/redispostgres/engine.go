// Package redispostgres is the seckill pattern: Redis decides, and Postgres remembers.
//
// An order is taken from the stock in Redis by one script, which also writes it to a journal, a Redis stream. The customer has the answer
// then. One worker copies the journal to Postgres, in the order in which operations took effect, and removes an entry only after the commit;
// what it copies twice, Postgres knows by its ID. The books are those of Postgres, once the journal has been copied.
//
// # What it promises
//
// No unit is sold twice, and every order that was promised gets to Postgres, whatever dies in between: the worker, the connection, or
// Postgres; the journal waits. The decrement and the journal's entry are in one script, so there is no moment between the two in which a
// crash loses one of them.
//
// # What it doesn't
//
// Redis answers before the write is safe. With appendfsync everysec a power cut can take the last second of decrements and
// of the journal with it: units are sold again that Postgres knows to be sold, until Reconcile has run; orders of that second that had not been
// copied are in neither store, and nobody can find them but the customers. With appendfsync always neither happens. Postgres is
// behind by what the journal holds, so a page that reads Postgres shows orders late.
//
// # Reconciliation
//
// Reconcile compares every order of the two stores while nothing is in flight, and takes the store that is behind to where the other is. Books does
// so by itself after an error of either store, or if Postgres decided otherwise than Redis.
//   - An order that Postgres lacks is written there.
//   - A sale that Redis forgot is taken from its stock again. If its units have been sold to others meanwhile, that can't be
//     mended: such orders are in Repair.Unbacked.
//   - A hold that Redis forgot is released in Postgres: it is no promise, and its deadline is not known there.
//   - If the stores then still differ in what is available, as after a lost receipt, the one that has more is corrected down to the other.
//     That strands units rather than selling what isn't there.
//
// One process works on a store at a time: the writer of postgres/queue refuses another.
package redispostgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/postgres"
	"github.com/doorbuster/doorbuster/engines/redis"
)

// Specs lists the one engine.
func Specs(r redis.Server, p postgres.Server) []engines.Spec {
	return []engines.Spec{{
		Name: "redis+postgres/predecrement",
		About: "Takes units from Redis in one script that also journals the order, and copies the journal to Postgres; " +
			"promises while Redis keeps what it acknowledged (appendfsync always), else up to its last second may be sold again.",
		PromisesNoOversell: true, Versions: true,
		Open: func(ctx context.Context, setup engines.Setup) (engines.Engine, error) { return open(ctx, r, p, setup) },
	}}
}

// engine is both stores, and the worker between them.
type engine struct {
	front *redis.Journaled
	back  engines.Engine
	batch int // entries copied at once
	count func(engines.Counter, int)

	stop    chan struct{}
	closing sync.Once
	done    sync.WaitGroup

	mu      sync.Mutex // held while a batch is copied, and by Reset
	resets  atomic.Int64
	suspect atomic.Bool // something went wrong since the stores were last compared
	trouble atomic.Pointer[error]
}

func open(ctx context.Context, r redis.Server, p postgres.Server, setup engines.Setup) (*engine, error) {
	back, err := openBack(ctx, p, setup)
	if err != nil {
		return nil, err
	}
	front, err := redis.OpenJournaled(ctx, r, setup)
	if err != nil {
		return nil, errors.Join(err, back.Close())
	}
	e := &engine{front: front, back: back, batch: setup.Tuning.OrDefaults().BatchMax, count: setup.Count, stop: make(chan struct{})}
	if e.count == nil {
		e.count = func(engines.Counter, int) {}
	}
	return e, nil
}

// openBack opens the strategy of Postgres that commits many operations at once, by one writer.
func openBack(ctx context.Context, p postgres.Server, setup engines.Setup) (engines.Engine, error) {
	setup.Count = nil // what customers wait for is in Redis
	for _, spec := range postgres.Specs(p) {
		if spec.Strategy() == "queue" {
			return spec.Open(ctx, setup)
		}
	}
	return nil, errors.New("redis+postgres: postgres has no queue")
}

// Reset implements engines.Engine. Nothing may be in flight; what has not been copied is forgotten too.
func (e *engine) Reset(ctx context.Context, opening []int64) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.front.Reset(ctx, opening); err != nil {
		return err
	}
	if err := e.back.Reset(ctx, opening); err != nil {
		return err
	}
	e.suspect.Store(false)
	if e.resets.Add(1) == 1 {
		e.done.Go(e.work)
	}
	return nil
}

// Do implements engines.Engine. The answer is that of Redis.
func (e *engine) Do(ctx context.Context, op engines.Op) (engines.Reply, error) {
	r, err := e.front.Do(ctx, op)
	if err != nil && ctx.Err() == nil {
		e.suspect.Store(true)
	}
	return r, err
}

// settleWait bounds how long Books waits for the journal to be copied.
const settleWait = time.Minute

// Books implements engines.Engine: those of Postgres, after the journal has been copied. What Redis refused, only Redis knows.
func (e *engine) Books(ctx context.Context) (engines.Books, error) {
	if err := e.settled(ctx); err != nil {
		return engines.Books{}, err
	}
	if e.suspect.Load() {
		if _, err := e.Reconcile(ctx); err != nil {
			return engines.Books{}, err
		}
	}
	front, err := e.front.Books(ctx)
	if err != nil {
		return engines.Books{}, err
	}
	back, err := e.back.Books(ctx)
	if err != nil {
		return engines.Books{}, err
	}
	written := back.Outcome
	back.Outcome = func(id engines.OpID) (engines.Outcome, error) {
		if o, err := front.Outcome(id); err != nil || o != engines.Unknown {
			return o, err
		}
		return written(id)
	}
	return back, nil
}

// settled waits until the journal has been copied.
func (e *engine) settled(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settleWait)
	defer cancel()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for {
		left, err := e.front.Behind(ctx)
		if err != nil {
			return fmt.Errorf("redis+postgres: %w", err)
		}
		if left == 0 {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return e.stuck(left)
		}
	}
}

func (e *engine) stuck(left int64) error {
	err := fmt.Errorf("redis+postgres: %d operations of the journal are not in Postgres after %v", left, settleWait)
	if why := e.trouble.Load(); why != nil {
		err = fmt.Errorf("%w; the worker's last error: %w", err, *why)
	}
	return err
}

// Close implements engines.Engine. What has not been copied stays in the journal.
func (e *engine) Close() (err error) {
	e.closing.Do(func() {
		close(e.stop)
		err = e.front.Close()
		e.done.Wait()
		err = errors.Join(err, e.back.Close())
	})
	return err
}
