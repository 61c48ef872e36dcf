package enginetest

import (
	"maps"
	"slices"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// model is the suite's own idea of an inventory: one operation at a time, in maps.
type model struct {
	stock   map[engines.SKU]*position
	orders  map[engines.OrderID]*modelOrder
	replies map[engines.OpID]modelReply
}

type modelOrder struct {
	state    engines.GrantState
	deadline time.Duration
	units    map[engines.SKU]int64
}

type modelReply struct {
	op      engines.Op
	units   map[engines.SKU]int64
	outcome engines.Outcome
}

func newModel(opening []int64) *model {
	m := &model{
		stock:   map[engines.SKU]*position{},
		orders:  map[engines.OrderID]*modelOrder{},
		replies: map[engines.OpID]modelReply{},
	}
	for sku, n := range opening {
		m.stock[engines.SKU(sku)] = &position{available: n}
	}
	return m
}

func unitsOf(lines []engines.Line) map[engines.SKU]int64 {
	units := map[engines.SKU]int64{}
	for _, l := range lines {
		units[l.SKU] += int64(l.Qty)
	}
	return units
}

func (r modelReply) sameContent(op engines.Op) bool {
	return r.op.Kind == op.Kind && r.op.Order == op.Order && r.op.Channel == op.Channel && r.op.To == op.To &&
		r.op.HoldFor == op.HoldFor && maps.Equal(r.units, unitsOf(op.Lines))
}

// expect is the outcome that op should have now.
func (m *model) expect(op engines.Op) engines.Outcome {
	if r, seen := m.replies[op.ID]; seen {
		if !r.sameContent(op) {
			return engines.Conflict
		}
		return r.outcome
	}
	if !op.Kind.NamesOrder() {
		return engines.Done
	}
	return m.expectOrder(op)
}

func (m *model) expectOrder(op engines.Op) engines.Outcome {
	o := m.orders[op.Order]
	if op.Kind.TakesStock() {
		if o != nil {
			return engines.Conflict
		}
		for sku, n := range unitsOf(op.Lines) {
			if m.stock[sku].available < n {
				return engines.SoldOut
			}
		}
		return engines.Done
	}
	if o == nil {
		return engines.NotFound
	}
	switch op.Kind {
	case engines.Confirm:
		if o.state == engines.Lapsed || o.state == engines.Held && op.At >= o.deadline {
			return engines.Expired
		}
	case engines.Expire:
		if op.At < o.deadline {
			return engines.NotFound
		}
	case engines.Cancel, engines.Ship:
		if o.state == engines.Committed {
			return engines.Done
		}
		return engines.NotFound
	}
	if o.state == engines.Held {
		return engines.Done
	}
	return engines.NotFound
}

// apply lets op have the outcome that the engine gave it.
func (m *model) apply(op engines.Op, out engines.Outcome) {
	if _, seen := m.replies[op.ID]; seen {
		return
	}
	op.Lines = slices.Clone(op.Lines)
	m.replies[op.ID] = modelReply{op, unitsOf(op.Lines), out}
	if out != engines.Done {
		return
	}
	if op.Kind.NamesOrder() {
		m.applyOrder(op)
		return
	}
	for sku, n := range unitsOf(op.Lines) {
		p := m.stock[sku]
		switch op.Kind {
		case engines.Receive, engines.Return, engines.Adjust:
			p.available += n
		case engines.Count:
			p.available = n - p.held - p.committed
		}
	}
}

func (m *model) applyOrder(op engines.Op) {
	o := m.orders[op.Order]
	if op.Kind.TakesStock() {
		o = &modelOrder{deadline: op.At + op.HoldFor, units: unitsOf(op.Lines)}
		m.orders[op.Order] = o
	}
	for sku, n := range o.units {
		p := m.stock[sku]
		switch op.Kind {
		case engines.Reserve:
			p.available, p.held = p.available-n, p.held+n
		case engines.Sell:
			p.available, p.committed = p.available-n, p.committed+n
		case engines.Confirm:
			p.held, p.committed = p.held-n, p.committed+n
		case engines.Release, engines.Expire:
			p.available, p.held = p.available+n, p.held-n
		case engines.Cancel:
			p.available, p.committed = p.available+n, p.committed-n
		case engines.Ship:
			p.committed, p.shipped = p.committed-n, p.shipped+n
		}
	}
	o.state = map[engines.Kind]engines.GrantState{
		engines.Reserve: engines.Held, engines.Sell: engines.Committed, engines.Confirm: engines.Committed,
		engines.Release: engines.Released, engines.Expire: engines.Lapsed,
		engines.Cancel: engines.Cancelled, engines.Ship: engines.Shipped,
	}[op.Kind]
}

// compare holds the engine's books against the model.
func (m *model) compare(h *House) {
	h.Helper()
	for sku, got := range h.stock() {
		if want := *m.stock[sku]; got != want {
			h.Errorf("books: SKU %d stands at %+v, want %+v", sku, got, want)
		}
	}
	grants := h.grants()
	for id, o := range m.orders {
		g := grants[id]
		if g.State != o.state {
			h.Errorf("books: order %d is %v, want %v", id, g.State, o.state)
		}
		if o.state.Open() && !maps.Equal(unitsOf(g.Lines), o.units) || !o.state.Open() && g.Lines != nil {
			h.Errorf("books: order %d (%v) has lines %v, want those of %v while it is open", id, g.State, g.Lines, o.units)
		}
	}
	if len(grants) != len(m.orders) {
		h.Errorf("books: %d grants, want %d", len(grants), len(m.orders))
	}
	outcome := h.books().Outcome
	for id, r := range m.replies {
		if got, err := outcome(id); got != r.outcome || err != nil {
			h.Errorf("books: outcome of operation %d is %v (%v), want %v", id, got, err, r.outcome)
		}
	}
}
