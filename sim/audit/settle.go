package audit

import (
	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// doubt is what lost answers leave open of one SKU, in units.
type doubt struct {
	made, open int64 // promises that were made, as the books say; that may have been
	absent     int64 // arrivals that backed promises while the run lasted, and may not have been
}

// settle asks the books which promises with a lost answer were made. One that was made raises both ends of the range,
// as if it had been told at close; one that never was lowers the upper end; one that can't be settled stays in it.
func (o *oversold) settle(c *closing) {
	o.doubts = map[engines.SKU]*doubt{}
	for _, d := range c.ledger.Doubts() {
		if !d.Kind.NamesOrder() {
			o.settleArrival(c, d)
			continue
		}
		switch c.ledger.Order(d.Order).Stage() {
		case ledger.MaybePromised, ledger.Cancelled: // the others were settled by sending the operation again, or by the hold's end
			o.settleOne(c, d)
		}
	}
	for sku := range o.skus {
		o.boundMax(engines.SKU(sku))
	}
}

func (o *oversold) settleOne(c *closing, d ledger.Doubt) {
	got, err := c.outcome(d.ID)
	if err == nil && got != engines.Done {
		return // it never was
	}
	sure := err == nil && !c.ledger.Order(d.Order).CancelAsked()
	raised := false
	for _, line := range d.Lines {
		in := o.doubt(line.SKU)
		if sure {
			in.made += int64(line.Qty)
			raised = o.madeAfterAll(d, line, in.made) || raised
		} else {
			in.open += int64(line.Qty)
		}
	}
	if sure {
		o.judged++
	}
	if raised {
		o.orders++
	}
}

func (o *oversold) doubt(sku engines.SKU) *doubt {
	if o.doubts[sku] == nil {
		o.doubts[sku] = &doubt{}
	}
	return o.doubts[sku]
}

func (o *oversold) settleArrival(c *closing, d ledger.Doubt) {
	if got, err := c.outcome(d.ID); err == nil && got == engines.Done {
		return
	}
	for _, line := range d.Lines {
		o.doubt(line.SKU).absent += max(0, int64(line.Qty))
	}
}

func (o *oversold) madeAfterAll(d ledger.Doubt, line engines.Line, made int64) bool {
	f, s := o.ledger.SKU(line.SKU), &o.skus[line.SKU]
	n := raisedBy(f.Promised+made-f.Supply, int64(line.Qty))
	if n == 0 {
		return false
	}
	s.min += n
	o.blame(s, n)
	o.remember(d.Order, d.Channel, line.SKU, n)
	return true
}

// boundMax lowers a SKU's maximum as far as is certain: nobody knows when a lost promise was made, so it is taken as
// made from the beginning.
func (o *oversold) boundMax(sku engines.SKU) {
	s, d := &o.skus[sku], o.doubts[sku]
	if d == nil {
		s.max = s.min
		return
	}
	f := o.ledger.SKU(sku)
	over := max(o.peaks[sku]+d.absent, f.Promised-f.Supply) + d.made + d.open
	if over <= 0 {
		s.max = s.min
	}
	s.max = max(s.max, s.min)
	if d.absent > 0 {
		s.max = max(s.max, s.min+over)
	}
	o.peaks[sku] = max(o.peaks[sku], f.Promised+d.made-f.Supply)
}

// sellerCancels finds the orders that fulfilment would find short: of each SKU's promises beyond stock, the latest that
// make up what is still unbacked at close. Units that a loss left unbacked belong to no such promise; each counts as an
// order of its own, and of no number.
func (o *oversold) sellerCancels(c *closing) (short map[uint32]bool) {
	short = map[uint32]bool{}
	c.out.SellerOversoldBy = make([]int64, c.ledger.Channels())
	for sku := range o.skus {
		s, f := &o.skus[sku], o.ledger.SKU(engines.SKU(sku))
		left := f.Promised - f.Supply
		if d := o.doubts[engines.SKU(sku)]; d != nil {
			left += d.made
		}
		for at := s.last; at > 0 && left > 0; at = o.raises[at-1].before {
			r := &o.raises[at-1]
			if o.ledger.Order(engines.OrderID(r.order)).CancelAsked() {
				continue
			}
			left -= int64(r.units)
			if !short[r.order] {
				short[r.order] = true
				c.out.SellerOversoldBy[r.channel]++
			}
		}
		c.out.SellerOversold += max(0, left)
	}
	c.out.SellerOversold += int64(len(short))
	return short
}
