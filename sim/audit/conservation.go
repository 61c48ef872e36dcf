package audit

import (
	"fmt"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// conservation compares what came in with what the backend still has or has shipped, for each SKU, at the end.
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
	f := finding{
		verdict: Pass, evidence: int64(len(c.stock)), firstAt: -1,
		detail: fmt.Sprintf("Of each of %d SKUs, what came in is still there or was shipped.", len(c.stock)),
	}
	wrong := 0
	for sku, s := range c.stock {
		in, have := c.ledger.SKU(engines.SKU(sku)), s.Available+s.Held+s.Committed+s.Shipped
		if have >= in.Sure && have <= in.Supply {
			continue
		}
		if wrong++; wrong == 1 {
			f.verdict, f.detail = Fail, imbalance(engines.SKU(sku), in, s, have)
		}
	}
	f.actual = fmt.Sprintf("%d SKUs", wrong)
	return f
}

func imbalance(sku engines.SKU, in *ledger.Facts, s engines.Stock, have int64) string {
	came := fmt.Sprint(in.Supply)
	if in.Sure != in.Supply {
		came = fmt.Sprintf("%d to %d", in.Sure, in.Supply)
	}
	return fmt.Sprintf("SKU %d: %s units came in; the books have %d: %d available, %d held, %d committed, %d shipped.",
		sku, came, have, s.Available, s.Held, s.Committed, s.Shipped)
}
