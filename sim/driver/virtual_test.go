package driver_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// A shop with everything that shoppers can do.
var busy = []string{
	"skus=20", "demand.hot.skus=2", "demand.basket_lines=[5, 3, 2]", "demand.line_units=[8, 1]", "demand.arrivals_per_day=4000",
	"channels.amazon.share=0.5", "channels.shopify.share=0.5", "stock.cover=0.8", "stock.hot_cover=0.4", "stock.ship_after=20s", "stock.returns=0.1",
	"shopper.cancel_share=0.05", "shopper.resend_share=0.05", "storage.distribution=exponential", "storage.row_write=500us",
}

// takes writes down what an engine is asked to take, by whom and when, and how often it says yes.
func takes(t *testing.T, spec engines.Spec, set ...string) (log string, granted int) {
	t.Helper()
	var text strings.Builder
	pass(t, parse(t, append(busy, set...)...), spec, witness{
		asked: func(e *ledger.Entry) {
			if e.Op.Kind.TakesStock() {
				fmt.Fprintln(&text, e.Start, e.Op.Kind, e.Op.Order, e.Op.Channel, e.Op.Lines)
			}
		},
		answered: func(e *ledger.Entry) {
			if e.Op.Kind.TakesStock() && e.Reply.Outcome == engines.Done {
				granted++
			}
		},
	})
	return text.String(), granted
}

// refuser is an engine that gives nothing.
type refuser struct{ engines.Engine }

func (refuser) Do(_ context.Context, op engines.Op) (engines.Reply, error) {
	if op.Kind.TakesStock() {
		return engines.Reply{Outcome: engines.SoldOut}, nil
	}
	return engines.Reply{Outcome: engines.Done}, nil
}

// What is asked of an engine, when, for whom and for what, doesn't depend on what it or another one answers.
func TestEveryEngineIsAskedTheSame(t *testing.T) {
	stingy := strategy(t, "conditional")
	open := stingy.Open
	stingy.Name = "memory/refuser"
	stingy.Open = func(ctx context.Context, s engines.Setup) (engines.Engine, error) {
		e, err := open(ctx, s)
		return refuser{e}, err
	}
	for _, policy := range []string{"holds.policy=cart", "holds.policy=checkout"} {
		want, granted := takes(t, stingy, policy)
		if granted != 0 || strings.Count(want, "\n") < 2000 {
			t.Fatalf("%s: %d orders granted of %d by the engine that refuses", policy, granted, strings.Count(want, "\n"))
		}
		for _, spec := range catalog.All() {
			if !spec.Virtual {
				continue
			}
			got, granted := takes(t, spec, policy)
			if got != want {
				t.Errorf("%s: %s is asked for other orders than an engine that refuses everything", policy, spec.Name)
			}
			if granted == 0 {
				t.Errorf("%s: %s granted nothing", policy, spec.Name)
			}
		}
	}
}

// When the last hold has ended, none is left: what nobody paid for is back on sale.
func TestHoldsThatExpireGiveTheirUnitsBack(t *testing.T) {
	for _, policy := range []string{"cart", "checkout"} {
		done := map[engines.Kind]int64{}
		v := pass(t, parse(t, append(busy, "holds.policy="+policy)...), strategy(t, "conditional"), witness{answered: func(e *ledger.Entry) {
			if e.Reply.Outcome == engines.Done && !e.Resend {
				done[e.Op.Kind]++
			}
		}})
		books, err := v.Books()
		if err != nil {
			t.Fatal(err)
		}
		for s, err := range books.Stock {
			if err != nil || s.Held != 0 || s.Committed != 0 {
				t.Errorf("%s: after the day SKU %d has %d units held and %d committed (%v)", policy, s.SKU, s.Held, s.Committed, err)
			}
		}
		states := map[engines.GrantState]int64{}
		for g, err := range books.Grants {
			if err != nil {
				t.Fatal(err)
			}
			states[g.State]++
		}
		if n := done[engines.Expire]; n == 0 || states[engines.Lapsed] != n {
			t.Errorf("%s: %d holds expired, the books have %d", policy, n, states[engines.Lapsed])
		}
		if n := done[engines.Release]; n == 0 || states[engines.Released] != n {
			t.Errorf("%s: %d holds were given back, the books have %d", policy, n, states[engines.Released])
		}
		if ended := done[engines.Expire] + done[engines.Release] + done[engines.Confirm]; ended != done[engines.Reserve] {
			t.Errorf("%s: of %d holds %d ended", policy, done[engines.Reserve], ended)
		}
	}
}

// reluctant is an engine that takes its time and lets nothing leave the house.
type reluctant struct {
	engines.Engine
	env engines.Env
}

func (e reluctant) Do(ctx context.Context, op engines.Op) (engines.Reply, error) {
	if err := e.env.Sleep(ctx, 3*time.Second); err != nil {
		return engines.Reply{}, err
	}
	if op.Kind == engines.Ship {
		return engines.Reply{Outcome: engines.Contended}, nil
	}
	return e.Engine.Do(ctx, op)
}

// Who is turned away has waited for a connection as long as the scenario says, also when the back office asks for the tenth time.
func TestConnectionIsWaitedForAsLongAsStated(t *testing.T) {
	slow := strategy(t, "conditional")
	open := slow.Open
	slow.Open = func(ctx context.Context, s engines.Setup) (engines.Engine, error) {
		e, err := open(ctx, s)
		return reluctant{e, s.Env}, err
	}
	turnedAway, tries := 0, 0
	sc := parse(t, "demand.arrivals_per_day=40", "storage.pool=1", "storage.pool_wait=10s", "stock.ship_after=1s")
	pass(t, sc, slow, witness{answered: func(e *ledger.Entry) {
		if e.Op.Kind == engines.Ship {
			tries++
		}
		if e.Start < e.End { // it was let in
			return
		}
		if turnedAway++; e.End-e.Intended != 10*time.Second || e.Reply.Outcome != engines.Contended {
			t.Errorf("at %v a %s was turned away after %v as %s", e.End, e.Op.Kind, e.End-e.Intended, e.Reply.Outcome)
		}
	}})
	if turnedAway < 20 || tries < 100 {
		t.Errorf("%d turned away, %d attempts to ship: this tests too little", turnedAway, tries)
	}
}
