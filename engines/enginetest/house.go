package enginetest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// House is an open engine with stock, in its world.
type House struct {
	TB
	Spec    engines.Spec
	engine  engines.Engine
	begin   func(engines.OpID)
	AtOnce  func(n int, f func(i int)) // runs f(0) … f(n-1) at once and waits for all
	now     func() time.Duration
	cancels bool // the world looks at contexts

	mu    sync.Mutex
	feeds uint64
}

func (h *House) close() {
	h.Helper()
	if err := h.engine.Close(); err != nil {
		h.Errorf("close: %v", err)
	}
}

// try sends op and hands on what comes back.
func (h *House) try(ctx context.Context, op engines.Op) (engines.Reply, error) {
	h.begin(op.ID)
	return h.engine.Do(ctx, op)
}

// Do sends op; an error fails the test.
func (h *House) Do(op engines.Op) engines.Reply {
	h.Helper()
	r, err := h.try(context.Background(), op)
	if err != nil {
		h.Errorf("%s of order %d: %v", op.Kind, op.Order, err)
	}
	return r
}

// want sends op and says whether it had the outcome; another fails the test.
func (h *House) want(o engines.Outcome, op engines.Op) engines.Reply {
	h.Helper()
	r := h.Do(op)
	if r.Outcome != o {
		h.Errorf("%s of order %d with %v at %v: %v, want %v", op.Kind, op.Order, op.Lines, op.At, r.Outcome, o)
	}
	return r
}

// feedOp is the next operation of a source without orders.
func (h *House) feedOp(kind engines.Kind, lines ...engines.Line) engines.Op {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.feeds++
	return engines.Op{ID: engines.FeedOp(6, h.feeds), Kind: kind, Channel: 6, Lines: lines}
}

// orderOp is an order's operation of one kind. Channels take turns by order.
func orderOp(kind engines.Kind, order engines.OrderID, lines ...engines.Line) engines.Op {
	return engines.Op{
		ID: engines.OrderOp(order, kind), Kind: kind, Order: order, Lines: lines,
		Channel: engines.Channel(order % engines.OrderID(len(shares))),
	}
}

const holdFor = 15 * time.Minute

func reserve(order engines.OrderID, lines ...engines.Line) engines.Op {
	op := orderOp(engines.Reserve, order, lines...)
	op.HoldFor = holdFor
	return op
}

func at(d time.Duration, op engines.Op) engines.Op { op.At = d; return op }

func line(sku engines.SKU, qty int32) engines.Line { return engines.Line{SKU: sku, Qty: qty} }

// position is a SKU's stock over all its pools.
type position struct{ available, held, committed, shipped int64 }

func (h *House) books() engines.Books {
	h.Helper()
	b, err := h.engine.Books(context.Background())
	if err != nil {
		h.Errorf("books: %v", err)
	}
	return b
}

// stock is the position of every SKU.
func (h *House) stock() map[engines.SKU]position {
	h.Helper()
	sum := map[engines.SKU]position{}
	for s, err := range h.books().Stock {
		if err != nil {
			h.Errorf("books: stock: %v", err)
			break
		}
		p := sum[s.SKU]
		sum[s.SKU] = position{p.available + s.Available, p.held + s.Held, p.committed + s.Committed, p.shipped + s.Shipped}
	}
	return sum
}

// wantStock compares one SKU's position.
func (h *House) wantStock(sku engines.SKU, want position) {
	h.Helper()
	if got := h.stock()[sku]; got != want {
		h.Errorf("SKU %d stands at %+v, want %+v", sku, got, want)
	}
}

// grants are those of every order, with lines of their own.
func (h *House) grants() map[engines.OrderID]engines.Grant {
	h.Helper()
	all := map[engines.OrderID]engines.Grant{}
	for g, err := range h.books().Grants {
		if err != nil {
			h.Errorf("books: grants: %v", err)
			break
		}
		if _, twice := all[g.Order]; twice {
			h.Errorf("books: two grants of order %d", g.Order)
		}
		g.Lines = slices.Clone(g.Lines)
		all[g.Order] = g
	}
	return all
}

// unchanged says that stock and grants are what they were.
func (h *House) unchanged(what string, stock map[engines.SKU]position, grants map[engines.OrderID]engines.Grant) {
	h.Helper()
	if now := h.stock(); !maps.Equal(now, stock) {
		h.Errorf("%s changed the stock from %+v to %+v", what, stock, now)
	}
	same := func(a, b engines.Grant) bool { return a.State == b.State && slices.Equal(a.Lines, b.Lines) }
	if now := h.grants(); !maps.EqualFunc(now, grants, same) {
		h.Errorf("%s changed the grants from %+v to %+v", what, grants, now)
	}
}
