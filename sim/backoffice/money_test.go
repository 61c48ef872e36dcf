package backoffice

import (
	"math"
	"testing"

	"github.com/doorbuster/doorbuster/scenarios"
)

// TestBill works an account by hand. Of 20 orders found short 2 are saved; with the one that waited in vain, 19 are cancelled.
func TestBill(t *testing.T) {
	costs := scenarios.Costs{
		OrderValue: 80, Margin: 0.3, Refund: 4, Expedite: 15, ExpediteShare: 0.1,
		Penalty: map[string]float64{"amazon": 20}, Repurchase: 120, RepurchaseLoss: 0.4, UnitHolding: 0.5,
	}
	n := Counts{Days: 2, Orders: 1000, Refused: 5, Stranded: 8}
	n.Short[0], n.Short[3], n.Expired[0] = 10, 10, 1
	asRun := Account{
		Scale: 1, Cancelled: 19, Expedited: 2,
		Refunds: 76, Expedite: 30, Penalties: 200, Repurchase: 912, Refused: 120, Stranded: 4,
	}
	same(t, "as run", Bill(costs, n), asRun, 1342)

	costs.OrdersADayOfAShop = 2000 // 500 a day were run
	same(t, "of a larger shop", Bill(costs, n), Account{
		Scale: 4, Cancelled: 76, Expedited: 8,
		Refunds: 304, Expedite: 120, Penalties: 800, Repurchase: 3648, Refused: 480, Stranded: 16,
	}, 5368)

	same(t, "of no orders", Bill(costs, Counts{Days: 1, Refused: 5}), Account{Scale: 1, Refused: 120}, 120)
}

func same(t *testing.T, name string, got, want Account, total float64) {
	t.Helper()
	pairs := [...][2]float64{
		{got.Scale, want.Scale}, {got.Cancelled, want.Cancelled}, {got.Expedited, want.Expedited}, {got.Refunds, want.Refunds},
		{got.Expedite, want.Expedite}, {got.Penalties, want.Penalties}, {got.Repurchase, want.Repurchase}, {got.Refused, want.Refused},
		{got.Stranded, want.Stranded}, {got.Total(), total},
	}
	for _, p := range pairs {
		if math.Abs(p[0]-p[1]) > 1e-9 {
			t.Errorf("%s: %+v, %g in all; want %+v, %g", name, got, got.Total(), want, total)
			return
		}
	}
}
