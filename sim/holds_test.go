package sim_test

import (
	"testing"

	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
)

// Stock may be held from the cart on, from checkout on, or not at all. A safe engine is safe with each.
func TestHoldPolicies(t *testing.T) {
	asked := map[string]int64{}
	for _, policy := range []string{"cart", "checkout", "payment"} {
		f := run(t, sim.Options{Scenario: flashSale(t, "holds.policy="+policy), Engines: memory(t, "conditional")})
		r := of(t, f, "memory/conditional")
		if !r.Valid || r.Verdict != result.Pass || r.Orders.Promised == 0 || f.Demand.HoldPolicy != policy {
			t.Errorf("%s: valid %v, verdict %s, %d orders promised, policy %s", policy, r.Valid, r.Verdict, r.Orders.Promised, f.Demand.HoldPolicy)
		}
		holds, want := check(t, r, "holds"), result.Pass
		if policy == "payment" {
			want = result.NotChecked // there are none
		}
		if holds.Verdict != want || (holds.Evidence > 0) != (policy != "payment") {
			t.Errorf("%s: %s with %d holds that ended: %s", policy, holds.Verdict, holds.Evidence, holds.Detail)
		}
		if backlog := r.Units.Supply - r.Units.LeftAtClose; backlog <= 0 || r.Units.HeldBeyondPeak > 0 {
			t.Errorf("%s: %d units left the stock, held beyond it %d", policy, backlog, r.Units.HeldBeyondPeak)
		}
		asked[policy] = r.Orders.Asked
	}
	// The earlier stock is held, the more shoppers ask for it who leave in the end.
	if !(asked["cart"] > asked["checkout"] && asked["checkout"] > asked["payment"] && asked["payment"] > 0) {
		t.Errorf("orders asked for: %v", asked)
	}
}

// Who buys without a hold is promised what is there; who holds from the cart on keeps others from it for a while.
func TestHoldsAtTheCartRefuseMore(t *testing.T) {
	unsold := func(policy string) int64 {
		f := run(t, sim.Options{Scenario: flashSale(t, "holds={policy: "+policy+", for: 5m}"), Engines: memory(t, "conditional")})
		return of(t, f, "memory/conditional").Orders.FalseBy["held_then_unsold"]
	}
	if cart, payment := unsold("cart"), unsold("payment"); cart == 0 || payment != 0 {
		t.Errorf("refused for holds that nobody paid: %d at the cart, %d at payment; want some, none", cart, payment)
	}
}

// A second tab holds units that nobody will pay. The engine promises no less for it.
func TestSecondTabsHoldUnitsForNobody(t *testing.T) {
	day := func(share string) *result.Run {
		f := run(t, sim.Options{Scenario: flashSale(t, "shopper.second_tab="+share), Engines: memory(t, "conditional")})
		return of(t, f, "memory/conditional")
	}
	one, two := day("0"), day("0.5")
	if two.Verdict != result.Pass || two.Orders.Asked <= one.Orders.Asked {
		t.Errorf("verdict %s, %d orders asked for, with one tab each %d", two.Verdict, two.Orders.Asked, one.Orders.Asked)
	}
	if two.Orders.Cancelled.Payment <= one.Orders.Cancelled.Payment {
		t.Errorf("%d holds ended unpaid, with one tab each %d: want more", two.Orders.Cancelled.Payment, one.Orders.Cancelled.Payment)
	}
}
