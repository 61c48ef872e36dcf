package driver

import (
	"slices"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/backoffice"
	"github.com/doorbuster/doorbuster/sim/storefront"
	"github.com/doorbuster/doorbuster/sim/vtime"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// till lets a customer in the store take a unit off the shelf, of what the last shopper with a basket wants too. No system knows before the till
// reports.
func (v *day) till(p *workload.Plan) {
	s := v.store
	if s == nil || s.sc.Floor.TillShare == 0 {
		return
	}
	if p.Asks {
		s.wanted, s.baskets = p.Lines[0].SKU, true
	}
	if !s.baskets || s.chance(p.Shopper, tillStream) >= s.sc.Floor.TillShare {
		return
	}
	sku := s.wanted
	if s.house.Leave(sku, 1) == 0 {
		return
	}
	s.TillUnits++
	s.Book.Went(v.today(), sku, 1)
	s.tilled = append(s.tilled, sku)
}

// noteLines is how many SKUs one message names.
const noteLines = 50

// reportTill sends what the till sold, or counts of what it sold of.
func (v *day) reportTill() {
	s := v.store
	slices.Sort(s.tilled)
	if s.sc.Floor.TillPush == "delta" {
		v.send(pos, engines.Adjust, sales(s.tilled))
	} else {
		v.send(pos, engines.Count, v.shelf(slices.Compact(s.tilled)))
	}
	s.tilled = s.tilled[:0]
}

// sales are single units, sorted by SKU, as negative lines.
func sales(skus []engines.SKU) (lines []engines.Line) {
	for _, sku := range skus {
		if n := len(lines); n > 0 && lines[n-1].SKU == sku {
			lines[n-1].Qty--
		} else {
			lines = append(lines, engines.Line{SKU: sku, Qty: -1})
		}
	}
	return lines
}

// countFloor counts everything on the shelf. The snapshot is sent later, and overwrites what happened meanwhile.
func (v *day) countFloor() {
	s := v.store
	all := make([]engines.SKU, len(s.position))
	for i := range all {
		all[i] = engines.SKU(i)
	}
	s.counts.Push(v.shelf(all))
	v.clock.At(v.real(v.today()+s.sc.Floor.CountDelay), vtime.Event{Kind: countComes})
}

func (v *day) shelf(skus []engines.SKU) []engines.Line {
	lines := make([]engines.Line, 0, len(skus))
	for _, sku := range skus {
		lines = append(lines, engines.Line{SKU: sku, Qty: int32(v.store.house.Shelf(sku))})
	}
	return lines
}

// send sends lines in notes.
func (v *day) send(from engines.Channel, kind engines.Kind, lines []engines.Line) {
	for note := range slices.Chunk(lines, noteLines) {
		v.tell(from, kind, note)
	}
}

// pick takes an order off the shelf, or finds it short: then it is cancelled, and what was thought to be there is counted.
func (v *day) pick(c *call) {
	s, op := v.store, &c.entry.Op
	if s == nil || s.house.Pick(op.Channel, c.entry.Lines) {
		return
	}
	s.Short++
	s.Book.Cancelled(v.today(), op.Order, op.Channel, c.entry.Lines, storefront.Seller)
	op.Kind, op.ID = engines.Cancel, engines.OrderOp(op.Order, engines.Cancel)
	c.short = true
}

// recount corrects the stock of what was found short: somebody has just looked.
func (v *day) recount(lines []engines.Line) {
	var skus []engines.SKU
	for _, l := range lines {
		skus = append(skus, l.SKU)
	}
	v.send(oms, engines.Count, v.shelf(skus))
}

// reviewStock orders what has fallen to its reorder point.
func (v *day) reviewStock() {
	s := v.store
	for _, p := range s.restock.Review(v.today(), func(sku engines.SKU) int64 { return s.position[sku] }) {
		s.Purchases++
		s.purchases = append(s.purchases, p)
		v.clock.At(v.real(p.ArrivesAt), vtime.Event{Kind: purchaseComes, A: uint32(len(s.purchases) - 1)})
	}
}

func (v *day) purchaseComes(p backoffice.PurchaseOrder) {
	v.store.restock.Arrived(p)
	lines := []engines.Line{{SKU: p.SKU, Qty: int32(p.Units)}}
	v.came(lines)
	v.tell(wms, engines.Receive, lines)
}
