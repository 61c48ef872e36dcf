package sim_test

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// bug is one way in which real shops went wrong. All of them did so without an error in their logs.
type bug int

const (
	sound        bug = iota
	lockless         // nothing keeps a read and its write together
	linesAlone       // two lines of one SKU are each held against the same stock
	blindLock        // the lock is taken, but what was read before it counts
	cancelTwice      // a cancellation gives the units back twice
	latePayment      // a payment confirms a hold that has expired
	noMemory         // an operation that is sent again takes effect again
	neverExpires     // an expiry says done and leaves the hold
	vanishing        // an expiry ends the hold and forgets to give its units back
	leakyRefusal     // units are taken line by line, and an order refused at its last line keeps those of the first
	phantomSales     // some sales are answered before they are written, and never are
)

// shop is an engine as plain as one can be, under a lock for each SKU. Its bug is what is wrong with it.
type shop struct {
	env     engines.Env
	bug     bug
	stock   []engines.Stock
	orders  map[engines.OrderID]*purchase
	replies map[engines.OpID]engines.Reply
	sales   int
}

type purchase struct {
	state    engines.GrantState
	deadline time.Duration
	lines    []engines.Line
}

// planted describes a shop with a bug.
func planted(name string, b bug) engines.Spec {
	return engines.Spec{
		Name: "planted/" + name, PromisesNoOversell: true, Virtual: true, Versions: true,
		Open: func(_ context.Context, s engines.Setup) (engines.Engine, error) {
			return &shop{env: s.Env, bug: b}, nil
		},
	}
}

func (s *shop) Reset(_ context.Context, opening []int64) error {
	s.orders, s.replies = map[engines.OrderID]*purchase{}, map[engines.OpID]engines.Reply{}
	for sku, n := range opening {
		s.stock = append(s.stock, engines.Stock{SKU: engines.SKU(sku), Available: n})
	}
	return nil
}

func (s *shop) Do(ctx context.Context, op engines.Op) (engines.Reply, error) {
	if first, seen := s.replies[op.ID]; seen && s.bug != noMemory {
		return first, s.env.Step(ctx)
	}
	lines := s.linesOf(&op)
	keys := keysOf(lines)
	seen := s.look(keys)
	if s.bug != lockless {
		for _, k := range keys {
			if err := s.env.Lock(ctx, k, time.Hour); err != nil {
				return engines.Reply{}, err
			}
			defer s.env.Unlock(k)
		}
	}
	if err := s.env.Step(ctx); err != nil {
		return engines.Reply{}, err
	}
	if s.bug != blindLock {
		seen = s.look(keys)
	}
	reply := engines.Reply{Outcome: s.decide(&op, lines, seen)}
	if err := s.env.Step(ctx, keys...); err != nil {
		return engines.Reply{}, err
	}
	if reply.Outcome == engines.Done {
		reply.Versions = s.apply(&op, lines, seen)
	}
	s.replies[op.ID] = reply
	return reply, nil
}

// linesOf are the lines that op is about, in SKU order, summed by SKU unless that is the bug.
func (s *shop) linesOf(op *engines.Op) []engines.Line {
	if p := s.orders[op.Order]; !op.Kind.NamesLines() && p != nil {
		return p.lines
	}
	lines := slices.Clone(op.Lines)
	slices.SortFunc(lines, func(a, b engines.Line) int { return cmp.Compare(a.SKU, b.SKU) })
	if s.bug == linesAlone {
		return lines
	}
	return summed(lines)
}

func summed(lines []engines.Line) (sums []engines.Line) {
	for _, l := range lines {
		if n := len(sums); n > 0 && sums[n-1].SKU == l.SKU {
			sums[n-1].Qty += l.Qty
		} else {
			sums = append(sums, l)
		}
	}
	return sums
}

// keysOf are the lines' SKUs, each once, in the order in which they are locked.
func keysOf(lines []engines.Line) (keys []engines.Key) {
	for _, l := range lines {
		keys = append(keys, engines.Key(l.SKU))
	}
	return slices.Compact(keys)
}

// look reads what is available.
func (s *shop) look(keys []engines.Key) map[engines.SKU]int64 {
	seen := map[engines.SKU]int64{}
	for _, k := range keys {
		seen[engines.SKU(k)] = s.stock[k].Available
	}
	return seen
}

// decide is the outcome of op, by what was seen.
func (s *shop) decide(op *engines.Op, lines []engines.Line, seen map[engines.SKU]int64) engines.Outcome {
	p := s.orders[op.Order]
	switch {
	case !op.Kind.NamesOrder():
		return engines.Done
	case op.Kind.TakesStock():
		if p != nil && s.bug != noMemory {
			return engines.Conflict
		}
		return s.decideTake(lines, seen)
	case p == nil:
		return engines.NotFound
	case op.Kind == engines.Cancel || op.Kind == engines.Ship:
		return doneIf(p.state == engines.Committed, engines.NotFound)
	case op.Kind == engines.Confirm && s.bug == latePayment:
		return doneIf(p.state == engines.Held || p.state == engines.Lapsed, engines.NotFound)
	case op.Kind == engines.Confirm && (p.state == engines.Lapsed || op.At >= p.deadline):
		return engines.Expired
	case op.Kind == engines.Expire && op.At < p.deadline:
		return engines.NotFound
	}
	return doneIf(p.state == engines.Held, engines.NotFound)
}

func doneIf(ok bool, otherwise engines.Outcome) engines.Outcome {
	if ok {
		return engines.Done
	}
	return otherwise
}

func (s *shop) decideTake(lines []engines.Line, seen map[engines.SKU]int64) engines.Outcome {
	for i, l := range lines {
		if seen[l.SKU] >= int64(l.Qty) {
			continue
		}
		if s.bug == leakyRefusal {
			for _, before := range lines[:i] {
				s.change(before.SKU, seen[before.SKU]-int64(before.Qty))
			}
		}
		return engines.SoldOut
	}
	return engines.Done
}

// apply carries op out on what was seen, and returns the versions that it made.
func (s *shop) apply(op *engines.Op, lines []engines.Line, seen map[engines.SKU]int64) (made []engines.Version) {
	if s.sales++; s.bug == phantomSales && op.Kind == engines.Sell && s.sales%20 == 0 {
		return nil
	}
	if op.Kind == engines.Expire && s.bug == neverExpires {
		return nil
	}
	for _, l := range lines {
		if gain := s.move(op, l); gain != 0 {
			seen[l.SKU] += gain
			made = append(made, s.change(l.SKU, seen[l.SKU]))
		}
	}
	if op.Kind.TakesStock() {
		s.orders[op.Order] = &purchase{deadline: op.At + op.HoldFor, lines: lines}
	}
	if p := s.orders[op.Order]; p != nil {
		p.state = becomes[op.Kind]
	}
	return made
}

var becomes = map[engines.Kind]engines.GrantState{
	engines.Reserve: engines.Held, engines.Sell: engines.Committed, engines.Confirm: engines.Committed,
	engines.Release: engines.Released, engines.Expire: engines.Lapsed, engines.Cancel: engines.Cancelled, engines.Ship: engines.Shipped,
}

// move books a line's units from one column to another, and returns what is available from then on more than before.
func (s *shop) move(op *engines.Op, l engines.Line) (gain int64) {
	at, n := &s.stock[l.SKU], int64(l.Qty)
	switch op.Kind {
	case engines.Reserve:
		at.Held += n
		return -n
	case engines.Sell:
		at.Committed += n
		return -n
	case engines.Confirm:
		if s.orders[op.Order].state == engines.Held {
			at.Held -= n
		}
		at.Committed += n
		return 0
	case engines.Release, engines.Expire:
		if op.Kind == engines.Expire && s.bug == vanishing {
			return 0
		}
		at.Held -= n
	case engines.Cancel:
		at.Committed -= n
		if s.bug == cancelTwice {
			return 2 * n
		}
	case engines.Ship:
		at.Committed -= n
		at.Shipped += n
		return 0
	}
	return n
}

func (s *shop) change(sku engines.SKU, to int64) engines.Version {
	at := &s.stock[sku]
	at.Available = to
	at.Seq++
	return engines.Version{SKU: sku, Seq: at.Seq, After: to}
}

func (s *shop) Books(context.Context) (engines.Books, error) {
	return engines.Books{
		Stock: func(yield func(engines.Stock, error) bool) {
			for _, at := range s.stock {
				if !yield(at, nil) {
					return
				}
			}
		},
		Grants:  s.grants(),
		Outcome: func(id engines.OpID) (engines.Outcome, error) { return s.replies[id].Outcome, nil },
	}, nil
}

func (s *shop) grants() iter.Seq2[engines.Grant, error] {
	return func(yield func(engines.Grant, error) bool) {
		for _, id := range slices.Sorted(maps.Keys(s.orders)) {
			p := s.orders[id]
			g := engines.Grant{Order: id, State: p.state}
			if p.state.Open() {
				g.Lines = summed(p.lines)
			}
			if !yield(g, nil) {
				return
			}
		}
	}
}

func (s *shop) Close() error { return nil }
