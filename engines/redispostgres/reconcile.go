package redispostgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/redis"
)

// Repair is what a reconciliation found and mended.
type Repair struct {
	Written   int               // orders that Postgres lacked, or had left behind
	Restored  int               // orders that Redis had forgotten, or had left behind
	Released  int               // holds that Redis had forgotten: released in Postgres
	Corrected int64             // units by which the store that had more was corrected
	Unbacked  []engines.OrderID // sold, but one of the stores has no units left for them: what Redis forgot, and what it sold again
	Differ    []engines.OrderID // in states of which neither leads to the other
}

// Reconciler is an engine of two stores.
type Reconciler interface {
	// Reconcile mends what a crash lost in one of the stores. Nothing may be in flight.
	Reconcile(ctx context.Context) (Repair, error)
}

var _ Reconciler = (*engine)(nil)

// sides are an order in both stores.
type sides struct{ front, back redis.Hold }

// Reconcile implements Reconciler.
func (e *engine) Reconcile(ctx context.Context) (r Repair, err error) {
	if err := e.settled(ctx); err != nil {
		return r, err
	}
	e.suspect.Store(false)
	defer func() {
		if err != nil {
			e.suspect.Store(true)
			err = fmt.Errorf("redis+postgres: reconcile: %w", err)
		}
	}()
	orders, err := e.both(ctx)
	if err != nil {
		return r, err
	}
	for _, id := range orders.differing() {
		if err := e.mend(ctx, &r, id, *orders[id]); err != nil {
			return r, err
		}
	}
	return r, e.correct(ctx, &r)
}

type pairs map[engines.OrderID]*sides

// both reads the orders of both stores.
func (e *engine) both(ctx context.Context) (pairs, error) {
	all := pairs{}
	at := func(id engines.OrderID) *sides {
		if all[id] == nil {
			all[id] = &sides{}
		}
		return all[id]
	}
	for h, err := range e.front.Holds(ctx) {
		if err != nil {
			return nil, err
		}
		at(h.Order).front = h
	}
	books, err := e.back.Books(ctx)
	if err != nil {
		return nil, err
	}
	for g, err := range books.Grants {
		if err != nil {
			return nil, err
		}
		g.Lines = slices.Clone(g.Lines)
		at(g.Order).back = redis.Hold{Grant: g}
	}
	return all, nil
}

// differing are the orders whose states differ, in order.
func (p pairs) differing() (ids []engines.OrderID) {
	for id, s := range p {
		if s.front.State != s.back.State {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// mend takes the store that is behind to where the other is.
func (e *engine) mend(ctx context.Context, r *Repair, id engines.OrderID, s sides) error {
	switch {
	case s.front.State == engines.NoGrant && s.back.State == engines.Held:
		r.Released++
		return e.lead(ctx, e.back.Do, id, []engines.Kind{engines.Release}, s.back)
	case path(s.front.State, s.back.State) != nil:
		return r.mended(&r.Restored, id, e.lead(ctx, e.front.Mend, id, path(s.front.State, s.back.State), s.back))
	case path(s.back.State, s.front.State) != nil:
		return r.mended(&r.Written, id, e.lead(ctx, e.back.Do, id, path(s.back.State, s.front.State), s.front))
	case s.front.State == engines.NoGrant || s.back.State == engines.NoGrant: // granted and closed in one, and never seen in the other
	default:
		r.Differ = append(r.Differ, id)
	}
	return nil
}

// mended counts an order that was mended, or keeps the one that couldn't be.
func (r *Repair) mended(n *int, id engines.OrderID, err error) error {
	if errors.Is(err, errRefused) {
		r.Unbacked = append(r.Unbacked, id)
		return nil
	}
	*n++
	return err
}

// path is what leads an order from one state to another; nil: nothing does, or nothing need.
func path(from, to engines.GrantState) []engines.Kind {
	switch from {
	case engines.NoGrant:
		switch to {
		case engines.Held:
			return []engines.Kind{engines.Reserve}
		case engines.Committed:
			return []engines.Kind{engines.Sell}
		}
	case engines.Held:
		for _, k := range []engines.Kind{engines.Confirm, engines.Release, engines.Expire} {
			if k.Becomes() == to {
				return []engines.Kind{k}
			}
		}
		if rest := path(engines.Committed, to); rest != nil {
			return append([]engines.Kind{engines.Confirm}, rest...)
		}
	case engines.Committed:
		for _, k := range []engines.Kind{engines.Cancel, engines.Ship} {
			if k.Becomes() == to {
				return []engines.Kind{k}
			}
		}
	}
	return nil
}

// doer carries an operation out in one of the stores.
type doer func(context.Context, engines.Op) (engines.Reply, error)

var errRefused = errors.New("refused")

// lead carries out the kinds of path, with IDs that no caller has: a caller who sends its own again finds what became of the order.
func (e *engine) lead(ctx context.Context, do doer, id engines.OrderID, kinds []engines.Kind, like redis.Hold) error {
	for _, k := range kinds {
		op := engines.Op{ID: engines.OpID(rand.Uint64()), Kind: k, Order: id}
		switch k {
		case engines.Reserve:
			op.Lines, op.HoldFor = like.Lines, like.Deadline
		case engines.Sell:
			op.Lines = like.Lines
		case engines.Expire:
			op.At = math.MaxInt64
		}
		got, err := do(ctx, op)
		if err == nil && got.Outcome != engines.Done {
			err = fmt.Errorf("%s of order %d: %w: %v", k, id, errRefused, got.Outcome)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// correct takes units from the store that has more of a SKU available: what both know is there.
func (e *engine) correct(ctx context.Context, r *Repair) error {
	front, err := available(ctx, e.front)
	if err != nil {
		return err
	}
	back, err := available(ctx, e.back)
	if err != nil {
		return err
	}
	for sku := range min(len(front), len(back)) {
		more := front[sku] - back[sku]
		do := doer(e.front.Mend)
		if more < 0 {
			more, do = -more, e.back.Do
		}
		if more == 0 {
			continue
		}
		if more > math.MaxInt32 {
			return fmt.Errorf("SKU %d: Redis has %d units available and Postgres %d: too far apart", sku, front[sku], back[sku])
		}
		op := engines.Op{ID: engines.OpID(rand.Uint64()), Kind: engines.Adjust, Lines: []engines.Line{{SKU: engines.SKU(sku), Qty: int32(-more)}}}
		if _, err := do(ctx, op); err != nil {
			return err
		}
		r.Corrected += more
	}
	return nil
}

// available is what a store has of each SKU.
func available(ctx context.Context, e engines.Engine) (units []int64, err error) {
	books, err := e.Books(ctx)
	if err != nil {
		return nil, err
	}
	for s, err := range books.Stock {
		if err != nil {
			return nil, err
		}
		units = append(units, s.Available)
	}
	return units, nil
}
