package enginetest

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// toy is the suite's model behind a mutex: an engine without concurrency, and with at most one flaw.
type toy struct {
	mu   sync.Mutex
	m    *model
	skus int
	flaw flaw
}

// flaw spoils an operation before the model sees it, or its answer afterwards. It reports whether it has done the operation itself.
type flaw func(m *model, op *engines.Op) (engines.Outcome, bool)

func (e *toy) Reset(_ context.Context, opening []int64) error {
	e.m, e.skus = newModel(opening), len(opening)
	return nil
}

func (e *toy) Do(ctx context.Context, op engines.Op) (engines.Reply, error) {
	if err := ctx.Err(); err != nil {
		return engines.Reply{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.flaw != nil {
		if out, done := e.flaw(e.m, &op); done {
			return engines.Reply{Outcome: out}, nil
		}
	}
	if err := op.Check(e.skus); err != nil {
		return engines.Reply{}, err
	}
	for _, n := range unitsOf(op.Lines) {
		if n > 1<<31-1 {
			return engines.Reply{}, fmt.Errorf("%d units are too many", n)
		}
	}
	out := e.m.expect(op)
	e.m.apply(op, out)
	return engines.Reply{Outcome: out}, nil
}

func (e *toy) Books(context.Context) (engines.Books, error) {
	return engines.Books{Stock: e.stock(), Grants: e.grants(), Outcome: func(id engines.OpID) (engines.Outcome, error) {
		return e.m.replies[id].outcome, nil
	}}, nil
}

func (e *toy) stock() iter.Seq2[engines.Stock, error] {
	return func(yield func(engines.Stock, error) bool) {
		for sku, p := range e.m.stock {
			if !yield(engines.Stock{SKU: sku, Available: p.available, Held: p.held, Committed: p.committed, Shipped: p.shipped}, nil) {
				return
			}
		}
	}
}

func (e *toy) grants() iter.Seq2[engines.Grant, error] {
	return func(yield func(engines.Grant, error) bool) {
		for id, o := range e.m.orders {
			g := engines.Grant{Order: id, State: o.state}
			for _, sku := range slices.Sorted(maps.Keys(o.units)) {
				if o.state.Open() {
					g.Lines = append(g.Lines, line(sku, int32(o.units[sku])))
				}
			}
			if !yield(g, nil) {
				return
			}
		}
	}
}

func (e *toy) Close() error { return nil }

// inProcess is the world of an engine that needs none.
var inProcess = Goroutines(nil)

func toySpec(f flaw) engines.Spec {
	return engines.Spec{Name: "toy/model", PromisesNoOversell: true, Open: func(context.Context, engines.Setup) (engines.Engine, error) {
		return &toy{flaw: f}, nil
	}}
}

// flaws are engines' bugs that shops have had, and the concern that must catch each.
var flaws = map[string]struct {
	caught string
	flaw   flaw
}{
	"validates each line alone": {"two lines of one SKU", func(m *model, op *engines.Op) (engines.Outcome, bool) {
		if !op.Kind.TakesStock() || len(op.Lines) < 2 {
			return 0, false
		}
		for _, l := range op.Lines {
			if m.stock[l.SKU].available < int64(l.Qty) {
				return engines.SoldOut, true
			}
		}
		m.apply(*op, engines.Done)
		return engines.Done, true
	}},
	"gives back on a cancellation after shipping": {"cancel", func(m *model, op *engines.Op) (engines.Outcome, bool) {
		o := m.orders[op.Order]
		if op.Kind != engines.Cancel || o == nil || o.state != engines.Shipped {
			return 0, false
		}
		for sku, n := range o.units {
			m.stock[sku].available += n
		}
		return engines.Done, true
	}},
	"confirms holds that are over": {"late payment", func(m *model, op *engines.Op) (engines.Outcome, bool) {
		if op.Kind == engines.Confirm {
			op.At = 0
		}
		return 0, false
	}},
	"expires holds before their time": {"late payment", func(m *model, op *engines.Op) (engines.Outcome, bool) {
		if op.Kind == engines.Expire {
			op.At = time.Hour
		}
		return 0, false
	}},
	"forgets what it answered": {"same ID again", func(m *model, op *engines.Op) (engines.Outcome, bool) {
		clear(m.replies)
		return 0, false
	}},
	"applies a receipt as often as it comes": {"same ID at once", func(m *model, op *engines.Op) (engines.Outcome, bool) {
		if op.Kind == engines.Receive {
			delete(m.replies, op.ID)
		}
		return 0, false
	}},
	"knows an operation by its ID alone": {"same ID, other content", func(m *model, op *engines.Op) (engines.Outcome, bool) {
		r, seen := m.replies[op.ID]
		return r.outcome, seen
	}},
	"takes the lines that it can have": {"all or nothing", func(m *model, op *engines.Op) (engines.Outcome, bool) {
		if op.Kind.TakesStock() && op.Lines[0].Qty > 0 && int(op.Lines[0].SKU) < len(m.stock) && m.expect(*op) == engines.SoldOut {
			m.stock[op.Lines[0].SKU].available -= int64(op.Lines[0].Qty)
			return engines.SoldOut, true
		}
		return 0, false
	}},
	"ends a hold that was paid": {"hold ends once", func(m *model, op *engines.Op) (engines.Outcome, bool) {
		if o := m.orders[op.Order]; op.Kind == engines.Expire && o != nil && o.state == engines.Committed {
			o.state = engines.Lapsed
			return engines.Done, true
		}
		return 0, false
	}},
	"releases what was paid": {"hold lifecycle", func(m *model, op *engines.Op) (engines.Outcome, bool) {
		if o := m.orders[op.Order]; op.Kind == engines.Release && o != nil && o.state == engines.Committed {
			o.state = engines.Released
			return engines.Done, true
		}
		return 0, false
	}},
	"counts only what is free": {"count", func(m *model, op *engines.Op) (engines.Outcome, bool) {
		if op.Kind == engines.Count {
			for sku, n := range unitsOf(op.Lines) {
				m.stock[sku].available = n
			}
		}
		return engines.Done, op.Kind == engines.Count && op.Lines[0].Qty >= 0
	}},
	"lets no stock fall below zero": {"receive, return, adjust", func(m *model, op *engines.Op) (engines.Outcome, bool) {
		if op.Kind == engines.Adjust && op.Lines[0].Qty < -5 {
			return engines.SoldOut, true
		}
		return 0, false
	}},
	"loses the units of every fifth order": {"conservation", func(m *model, op *engines.Op) (engines.Outcome, bool) {
		if o := m.orders[op.Order]; op.Kind == engines.Release && op.Order%5 == 0 && o != nil {
			for sku, n := range o.units {
				m.stock[sku].available -= n
			}
		}
		return 0, false
	}},
	"sells without looking":           {"oversell", sellsBlindly},
	"sells without looking, serially": {"linearizable", sellsBlindly},
	"takes any input": {"bad input", func(m *model, op *engines.Op) (engines.Outcome, bool) {
		return engines.Done, op.Order > engines.MaxOrderID
	}},
	"moves stock between pools that it doesn't have": {"pools", func(m *model, op *engines.Op) (engines.Outcome, bool) {
		if op.Kind == engines.Transfer {
			m.stock[0].available += int64(op.Lines[0].Qty)
		}
		return 0, false
	}},
}

func sellsBlindly(m *model, op *engines.Op) (engines.Outcome, bool) {
	if _, seen := m.replies[op.ID]; seen || op.Kind != engines.Sell {
		return 0, false
	}
	m.apply(*op, engines.Done)
	return engines.Done, true
}

// TestFlaws shows every check failing: each flaw is caught by the concern that it belongs to.
func TestFlaws(t *testing.T) {
	checks := map[string]Concern{}
	for _, c := range Concerns() {
		checks[c.Name] = c
	}
	for name, f := range flaws {
		t.Run(name, func(t *testing.T) {
			var r Recorder
			checks[f.caught].Check(&r, toySpec(f.flaw), inProcess)
			if len(r.errors) == 0 {
				t.Errorf("%q lets it pass", f.caught)
			}
		})
	}
}

// TestSoundToy shows that the flaws, and not the toy, are what the checks find.
func TestSoundToy(t *testing.T) {
	Run(t, toySpec(nil), inProcess)
}

// TestModelFindsFlaws shows that random histories find a flaw as well, with nobody having thought of it.
func TestModelFindsFlaws(t *testing.T) {
	for _, name := range []string{"confirms holds that are over", "validates each line alone", "counts only what is free", "knows an operation by its ID alone"} {
		var r Recorder
		histories := 0
		for ; histories < 300 && len(r.errors) == 0; histories++ {
			Replay(&r, toySpec(flaws[name].flaw), inProcess, History().Example(histories))
		}
		if len(r.errors) == 0 {
			t.Errorf("%d histories let an engine pass that %s", histories, name)
		}
	}
}
