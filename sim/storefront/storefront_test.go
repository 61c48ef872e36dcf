package storefront

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doorbuster/doorbuster/engines"
)

const amazon, shopify = engines.Channel(0), engines.Channel(3)

func book(units ...int64) *Book {
	return New(Config{Opening: units, Channels: 9, Hot: []engines.SKU{0}, Day: time.Hour, Interval: time.Minute})
}

func of(sku engines.SKU, qty int32) []engines.Line { return []engines.Line{{SKU: sku, Qty: qty}} }

func TestPromisesBeyondWhatIsThereAreCounted(t *testing.T) {
	b := book(5)
	for order := range engines.OrderID(4) {
		b.Asked(0, order+1, amazon, of(0, 2))
		b.Promised(0, order+1, amazon, of(0, 2), true)
		b.Promised(0, order+1, amazon, of(0, 2), true) // the import, which is no second promise
	}
	if got := b.Totals(); got.Promised != 4 || got.Oversold != 3 || got.OrdersOversold != 2 || got.Peak != 3 || got.OversoldByLoss != 0 {
		t.Errorf("4 promises of 2 units from 5: %+v; want 4 promised, 3 units oversold in 2 orders", got)
	}
}

func TestUnitsThatArriveBackPromises(t *testing.T) {
	b := book(1)
	b.Came(0, 0, 1)
	b.Promised(0, 1, amazon, of(0, 2), true)
	b.Cancelled(0, 1, amazon, of(0, 2), Buyer)
	b.Promised(0, 2, amazon, of(0, 2), true)
	if got := b.Totals(); got.Oversold != 0 || got.CancelledBuyer != 1 {
		t.Errorf("%+v: want nothing oversold, one cancelled by its buyer", got)
	}
}

// What went at the till, unseen, is a loss; the same promise with the loss known to all is the channel's own fault.
func TestWhatWentUnseenIsALoss(t *testing.T) {
	for _, told := range []bool{false, true} {
		b := book(3)
		b.Went(0, 0, 2)
		if told {
			b.Reported(0, 2)
		}
		b.Promised(0, 1, shopify, of(0, 2), true)
		want := int64(1)
		if told {
			want = 0
		}
		if got := b.Totals(); got.Oversold != 1 || got.OversoldByLoss != want {
			t.Errorf("told %v: %d oversold, %d of them by loss; want 1 and %d", told, got.Oversold, got.OversoldByLoss, want)
		}
	}
}

func TestADisplayRefusesFalselyOnlyWhatNobodyHas(t *testing.T) {
	b := book(2)
	b.Asked(0, 1, amazon, of(0, 1))
	b.Refused(0, 1, amazon, of(0, 1), Buffer)
	b.Held(of(0, 2), 1)
	b.Asked(0, 2, amazon, of(0, 1))
	b.Refused(0, 2, amazon, of(0, 1), Buffer)
	if got := b.Totals(); got.Refused != 2 || got.RefusedFalsely[Buffer] != 1 {
		t.Errorf("%+v: want 2 refused, the first of them falsely", got)
	}
	if left, stranded, _ := b.Close(); left != 2 || stranded != 1 {
		t.Errorf("%d left and %d stranded, want 2 and 1", left, stranded)
	}
}

func TestAPromiseThatIsPutOffIsOwedNoLonger(t *testing.T) {
	b := book(0)
	b.Asked(0, 1, amazon, of(0, 1))
	b.Promised(0, 1, amazon, of(0, 1), true)
	b.Waits(0, 1, amazon, of(0, 1), SoldOut)
	if got := b.Totals(); got.Promised != 0 || got.PutOff != 1 || got.Waiting != 1 || got.Oversold != 1 {
		t.Errorf("put off: %+v", got)
	}
	b.Came(0, 0, 1)
	b.Promised(0, 1, amazon, of(0, 1), true)
	if got := b.Totals(); got.Promised != 1 || got.Waiting != 0 || got.Waited != 1 || got.Oversold != 1 {
		t.Errorf("served after all: %+v", got)
	}
	b.Asked(0, 2, amazon, of(0, 1))
	b.Refused(0, 2, amazon, of(0, 1), SoldOut)
	b.Waits(0, 2, amazon, of(0, 1), SoldOut)
	b.InVain(0, 2, amazon)
	if got := b.Totals(); got.Refused != 1 || got.WaitedInVain != 0 || got.Waiting != 0 {
		t.Errorf("waited in vain without having paid: %+v", got)
	}
	b.Asked(0, 3, amazon, of(0, 1))
	b.Promised(0, 3, amazon, of(0, 1), true)
	b.Waits(0, 3, amazon, of(0, 1), SoldOut)
	b.InVain(0, 3, amazon)
	b.InVain(0, 3, amazon)
	if got := b.Totals(); got.Refused != 1 || got.WaitedInVain != 1 || got.Waiting != 0 || b.Channel(amazon).WaitedInVain != 1 {
		t.Errorf("waited in vain after a promise: %+v", got)
	}
}

func TestSeriesFollowTheHotSKUs(t *testing.T) {
	b := book(2, 9)
	b.Promised(30*time.Second, 1, amazon, of(0, 3), true)
	b.Promised(90*time.Second, 2, amazon, of(1, 3), true)
	s := b.Series(2 * time.Minute)
	if len(s.Promised) != 2 || s.Promised[0] != 1 || s.SupplyUnits[1] != 2 || s.PromisedUnits[1] != 3 || s.OversoldUnits[1] != 1 {
		t.Errorf("series %+v", s)
	}
}

// Whatever happens, each order is in one place, and nothing is oversold where no more is owed than is there.
func TestOrdersAreInOnePlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		supply := rapid.Int64Range(0, 10).Draw(t, "supply")
		b, n := book(supply), engines.OrderID(8)
		for id := range n {
			b.Asked(0, id+1, amazon, of(0, 1))
		}
		var everOwed int64
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			id := engines.OrderID(rapid.IntRange(1, int(n)).Draw(t, "order"))
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0, 1:
				b.Promised(0, id, amazon, of(0, 1), true)
			case 2:
				b.Refused(0, id, amazon, of(0, 1), SoldOut)
			case 3:
				b.Waits(0, id, amazon, of(0, 1), SoldOut)
			case 4:
				b.InVain(0, id, amazon)
			case 5:
				b.Cancelled(0, id, amazon, of(0, 1), Seller)
			case 6:
				b.Shipped(0, id)
			}
			everOwed = max(everOwed, b.skus[0].owed)
		}
		got := b.Totals()
		open := got.Asked - got.Refused - got.Waiting - got.WaitedInVain - got.Promised
		if open < 0 || open > int64(n) || b.skus[0].owed < 0 {
			t.Fatalf("%d orders are nowhere, %d units owed: %+v", open, b.skus[0].owed, got)
		}
		if (got.Oversold > 0) != (everOwed > supply) {
			t.Fatalf("%d oversold, of %d units at most %d were owed", got.Oversold, supply, everOwed)
		}
	})
}
