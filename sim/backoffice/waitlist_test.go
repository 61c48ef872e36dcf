package backoffice

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

const patience = time.Hour

// TestTrials goes through a wait by hand.
func TestTrials(t *testing.T) {
	w := NewWaitlist(2, patience)
	both := []engines.Line{line(0, 1), line(1, 1)}
	w.Join(0, 1, cheap, both, 0)
	w.Join(time.Minute, 2, dear, both[:1], 0)
	w.Join(2*time.Minute, 3, dear, both[1:], 1)

	first, _ := w.Next(0)
	if first.Order != 1 || first.Channel != cheap || !slices.Equal(first.Lines, both) {
		t.Fatalf("first comes %+v, want order 1", first)
	}
	if again, ok := w.Next(0); ok {
		t.Errorf("order %d is tried while order 1 is", again.Order)
	}
	w.Failed(3*time.Minute, 1, 1) // SKU 0 was there, SKU 1 was not
	wantNext(t, w, 0, 2)
	wantNext(t, w, 1, 1) // and not 3, which joined later
	w.Failed(4*time.Minute, 1, 1)
	wantNext(t, w, 1, 1)
	if !w.Leave(1) || w.Leave(1) {
		t.Error("an order leaves once")
	}
	wantNext(t, w, 1, 3)
	if w.Len() != 2 {
		t.Errorf("%d wait, want 2", w.Len())
	}
}

func wantNext(t *testing.T, w *Waitlist, sku engines.SKU, want engines.OrderID) {
	t.Helper()
	if got, ok := w.Next(sku); !ok || got.Order != want {
		t.Errorf("order %d is next for SKU %d, want %d", got.Order, sku, want)
	}
}

// TestDeadlines: nobody waits past their deadline but who is being tried, and then only until the trial fails.
func TestDeadlines(t *testing.T) {
	w := NewWaitlist(1, patience)
	for i := range engines.OrderID(3) {
		w.Join(time.Duration(i)*time.Minute, i+1, cheap, []engines.Line{line(0, 1)}, 0)
	}
	w.Join(3*time.Minute, 1, dear, nil, 0) // waits already
	wantNext(t, w, 0, 1)
	if gone, ok := w.Expired(patience); ok {
		t.Errorf("order %d expires while order 1 is being tried and nobody else is due", gone.Order)
	}
	if gone, ok := w.Expired(patience + time.Minute); !ok || gone.Order != 2 {
		t.Errorf("order %d (%v) expires, want 2", gone.Order, ok)
	}
	if !w.Failed(patience+time.Minute, 1, 0) {
		t.Error("a trial that fails after the deadline doesn't end the wait")
	}
	if w.Failed(patience+time.Minute, 1, 0) {
		t.Error("a wait ends twice")
	}
	wantNext(t, w, 0, 3)
}

// list is a Waitlist, or one that is on trial.
type list interface {
	Join(time.Duration, engines.OrderID, engines.Channel, []engines.Line, engines.SKU)
	Next(engines.SKU) (Waiting, bool)
	Failed(time.Duration, engines.OrderID, engines.SKU) bool
	Leave(engines.OrderID) bool
	Expired(time.Duration) (Waiting, bool)
	Len() int
}

// model is the plainest waitlist: all who wait, in the order in which they joined.
type model []*modelPlace

type modelPlace struct {
	order  engines.OrderID
	sku    engines.SKU
	until  time.Duration
	trying bool
}

func (m model) find(order engines.OrderID) int {
	return slices.IndexFunc(m, func(p *modelPlace) bool { return p.order == order })
}

// next is who should be tried for a SKU, or 0.
func (m model) next(sku engines.SKU) (first engines.OrderID) {
	for _, p := range m {
		switch {
		case p.sku == sku && p.trying:
			return 0
		case p.sku == sku && first == 0:
			first = p.order
		}
	}
	return first
}

// expired is who should go now, or 0.
func (m model) expired(at time.Duration) engines.OrderID {
	for _, p := range m {
		if p.until <= at && !p.trying {
			return p.order
		}
	}
	return 0
}

const modelSKUs = 4

// agrees takes a list and the model through the same random events.
func agrees(w list, r *rand.Rand) error {
	var m model
	at, orders := time.Duration(0), engines.OrderID(0)
	gone := func(order engines.OrderID) { m = slices.Delete(m, m.find(order), m.find(order)+1) }
	for range 400 {
		at += time.Duration(r.IntN(3)) * time.Minute
		sku := engines.SKU(r.IntN(modelSKUs))
		switch k := r.IntN(10); {
		case k < 4:
			orders++
			w.Join(at, orders, cheap, []engines.Line{line(sku, 1)}, sku)
			m = append(m, &modelPlace{order: orders, sku: sku, until: at + patience})
		case k < 6:
			want := m.next(sku)
			if got, _ := w.Next(sku); got.Order != want {
				return fmt.Errorf("%v: order %d is next for SKU %d, want %d", at, got.Order, sku, want)
			}
			if want != 0 {
				m[m.find(want)].trying = true
			}
		case k < 8:
			i := slices.IndexFunc(m, func(p *modelPlace) bool { return p.trying })
			if i < 0 {
				continue
			}
			p := m[i]
			over := p.until <= at
			if w.Failed(at, p.order, sku) != over {
				return fmt.Errorf("%v: order %d, whose deadline is %v, fails: over %v", at, p.order, p.until, !over)
			}
			if p.trying, p.sku = false, sku; over {
				gone(p.order)
			}
		case k < 9 && len(m) > 0:
			order := m[r.IntN(len(m))].order
			if !w.Leave(order) {
				return fmt.Errorf("%v: order %d doesn't wait", at, order)
			}
			gone(order)
		default:
			if err := expire(w, m, at, gone); err != nil {
				return err
			}
		}
		if w.Len() != len(m) {
			return fmt.Errorf("%v: %d wait, want %d", at, w.Len(), len(m))
		}
	}
	return nil
}

// expire lets everybody go whose time has come.
func expire(w list, m model, at time.Duration, gone func(engines.OrderID)) error {
	m = slices.Clone(m)
	for {
		want := m.expired(at)
		if got, _ := w.Expired(at); got.Order != want {
			return fmt.Errorf("%v: order %d expires, want %d", at, got.Order, want)
		}
		if want == 0 {
			return nil
		}
		gone(want)
		m = slices.Delete(m, m.find(want), m.find(want)+1)
	}
}

// forgetful lets the wait of others expire only when they are asked for twice.
type forgetful struct {
	*Waitlist
	asked int
}

func (w *forgetful) Expired(at time.Duration) (Waiting, bool) {
	if w.asked++; w.asked%2 == 0 {
		return Waiting{}, false
	}
	return w.Waitlist.Expired(at)
}

// unfair puts whoever moves to another queue behind all others.
type unfair struct{ *Waitlist }

func (w unfair) Failed(at time.Duration, order engines.OrderID, short engines.SKU) bool {
	if i, waits := w.of[order]; waits && w.places[i].sku != short {
		w.joined++
		w.places[i].number = w.joined
	}
	return w.Waitlist.Failed(at, order, short)
}

// TestFirstComeFirstServed: in any history the list does what the model does, and lists with a flaw don't.
func TestFirstComeFirstServed(t *testing.T) {
	caught := map[string]int{}
	for seed := range uint64(300) {
		for name, w := range map[string]list{
			"": NewWaitlist(modelSKUs, patience), "forgetful": &forgetful{Waitlist: NewWaitlist(modelSKUs, patience)},
			"unfair": unfair{NewWaitlist(modelSKUs, patience)},
		} {
			err := agrees(w, rand.New(rand.NewPCG(seed, 2)))
			switch {
			case err == nil:
			case name == "":
				t.Fatalf("seed %d: %v", seed, err)
			default:
				caught[name]++
			}
		}
	}
	if caught["forgetful"] == 0 || caught["unfair"] == 0 {
		t.Errorf("flaws were caught in %v histories of 300", caught)
	}
}

// TestLongQueue: a queue into which many come over from another gives them back in the order of joining.
func TestLongQueue(t *testing.T) {
	const n = 5000
	w := NewWaitlist(2, patience)
	for i := range n {
		w.Join(0, engines.OrderID(i+1), cheap, nil, engines.SKU(i%2))
	}
	for {
		first, ok := w.Next(0)
		if !ok {
			break
		}
		w.Failed(0, first.Order, 1)
	}
	var got []engines.OrderID
	for {
		first, ok := w.Next(1)
		if !ok {
			break
		}
		got = append(got, first.Order)
		w.Leave(first.Order)
	}
	if len(got) != n || !slices.IsSortedFunc(got, cmp.Compare[engines.OrderID]) {
		t.Errorf("%d orders of %d come out, in the order of joining: %v", len(got), n, slices.IsSorted(got))
	}
}

// TestNothingStays: those who have left take no room.
func TestNothingStays(t *testing.T) {
	w := NewWaitlist(1, patience)
	lines := []engines.Line{line(0, 1)}
	cycle := func() {
		w.Join(0, 1, cheap, lines, 0)
		w.Join(0, 2, cheap, lines, 0)
		w.Next(0)
		w.Leave(1)
		w.Leave(2)
	}
	cycle()
	if n := testing.AllocsPerRun(1000, cycle); n != 0 || len(w.places) != 3 {
		t.Errorf("two orders at a time take %d places and %g allocations, want 2 and none", len(w.places)-1, n)
	}
}
