package audit

import (
	"cmp"
	"fmt"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// conservation compares, for each SKU at the end, what came in with what the backend still has or has shipped, and what it counts as
// held or committed with the orders that hold it: units that no open order holds have vanished.
type conservation struct{}

func (*conservation) about() about {
	return about{
		name: "conservation", limit: "0 SKUs out of balance", safety: true,
		notSeen: "Oversells: the books of an engine that promises a unit twice may balance. While the run lasts nothing is compared.",
	}
}

func (*conservation) judge(c *closing) finding {
	if c.stockE != nil {
		return unknown("The books could not be read: %v.", c.stockE)
	}
	if err := cmp.Or(c.boundE, c.grantsE); err != nil {
		return unknown("The books could not be read: %v.", err)
	}
	f := finding{
		verdict: Pass, evidence: int64(len(c.stock)), firstAt: -1,
		detail: fmt.Sprintf("Of each of %d SKUs, what came in is still there or was shipped.", len(c.stock)),
	}
	wrong := 0
	for sku, s := range c.stock {
		in, have := c.ledger.SKU(engines.SKU(sku)), s.Available+s.Held+s.Committed+s.Shipped
		var detail string
		switch b := c.bound[sku]; {
		case have < in.Sure || have > in.Supply:
			detail = imbalance(c.name(engines.SKU(sku)), in, s, have)
		case b.Held != s.Held || b.Committed != s.Committed:
			detail = fmt.Sprintf("%s: the books count %d units held and %d committed; the open orders hold %d and %d.",
				c.name(engines.SKU(sku)), s.Held, s.Committed, b.Held, b.Committed)
		default:
			continue
		}
		if wrong++; wrong == 1 {
			f.verdict, f.detail = Fail, detail
		}
	}
	f.actual = fmt.Sprintf("%d out of balance", wrong)
	return f
}

func imbalance(sku string, in *ledger.Facts, s engines.Stock, have int64) string {
	came := fmt.Sprint(in.Supply)
	if in.Sure != in.Supply {
		came = fmt.Sprintf("%d to %d", in.Sure, in.Supply)
	}
	return fmt.Sprintf("%s: %s units came in; the books have %d: %d available, %d held, %d committed, %d shipped.",
		sku, came, have, s.Available, s.Held, s.Committed, s.Shipped)
}
