package audit

import (
	"fmt"

	"github.com/doorbuster/doorbuster/engines"
)

// pools checks that the pools of a SKU together offer no more than there is.
type pools struct{ on bool }

func (*pools) about() about {
	return about{
		name: "pools", limit: "0 SKUs whose pools exceed supply", safety: true,
		notSeen: "How stock is divided between pools, and what the pools held before the end.",
	}
}

func (p *pools) judge(c *closing) finding {
	if !p.on {
		return notChecked("The engine has no pools.")
	}
	if c.stockE != nil {
		return unknown("The books could not be read: %v.", c.stockE)
	}
	f := finding{
		verdict: Pass, evidence: int64(len(c.keys)), firstAt: -1,
		detail: fmt.Sprintf("%d pools together offer no more than there is.", len(c.keys)),
	}
	wrong := 0
	fail := func(format string, args ...any) {
		if wrong++; wrong == 1 {
			f.verdict, f.detail = Fail, fmt.Sprintf(format, args...)
		}
	}
	for _, k := range c.keys {
		if k.Available < 0 {
			fail("%s: pool %d offers %d units.", c.name(k.SKU), k.Pool, k.Available)
		}
	}
	for sku, s := range c.stock {
		if left := c.ledger.SKU(engines.SKU(sku)).Supply - s.Held - s.Committed - s.Shipped; s.Available > left {
			fail("%s: its pools offer %d units; %d are there.", c.name(engines.SKU(sku)), s.Available, left)
		}
	}
	f.actual = fmt.Sprint(wrong)
	return f
}
