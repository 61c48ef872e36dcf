package redispostgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/redis"
)

// pause is how long the worker waits after an error.
const pause = 100 * time.Millisecond

// work copies the journal until the engine is closed.
func (e *engine) work() {
	for {
		err := e.copyBatch(context.Background())
		if err != nil {
			e.trouble.Store(&err)
			e.suspect.Store(true)
		}
		if e.stopped(err != nil) {
			return
		}
	}
}

// stopped says whether the engine is closed, after a pause if there is cause.
func (e *engine) stopped(pausing bool) bool {
	if !pausing {
		select {
		case <-e.stop:
			return true
		default:
			return false
		}
	}
	select {
	case <-e.stop:
		return true
	case <-time.After(pause):
		return false
	}
}

func (e *engine) copyBatch(ctx context.Context) error {
	resets := e.resets.Load()
	entries, err := e.front.Read(ctx, e.batch)
	if err != nil || len(entries) == 0 {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.resets.Load() != resets {
		return nil // they are of a store that is no more
	}
	for rest := entries; len(rest) > 0; {
		n := together(rest)
		if err := e.write(ctx, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	e.count(engines.Batches, 1)
	e.count(engines.BatchedOps, len(entries))
	return e.front.Forget(ctx, entries)
}

// together is how many of the first entries can be written at once, without another outcome than one after the other: none of them needs what
// another of them does, be it to the same order or by giving back units.
func together(entries []redis.Entry) int {
	orders := map[engines.OrderID]bool{}
	gave := false
	for i, entry := range entries {
		op := entry.Op
		if op.Order == 0 {
			return max(i, 1) // a feed is written by itself
		}
		if orders[op.Order] || gave && op.Kind.TakesStock() {
			return i
		}
		orders[op.Order] = true
		gave = gave || !op.Kind.TakesStock()
	}
	return len(entries)
}

// write carries entries out in Postgres, at once. That Postgres decides otherwise is left to Reconcile.
func (e *engine) write(ctx context.Context, entries []redis.Entry) error {
	var all sync.WaitGroup
	errs := make([]error, len(entries))
	for i, entry := range entries {
		all.Go(func() {
			r, err := e.back.Do(ctx, entry.Op)
			if errs[i] = err; err == nil && r.Outcome != engines.Done {
				e.suspect.Store(true)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
