package storefront

import "github.com/doorbuster/doorbuster/engines"

// stage is how far an order has come, as its customer was told: a byte an order.
type stage uint8

const (
	none stage = iota
	asked
	accepted // promised on a display; the engine has not booked it
	promised
	refused
	waiting // promised before: they have paid
	hoping  // refused before: they have not
	ended   // cancelled, unpaid, or waited in vain
	shipped
)

const pageBits = 16

// stages keeps a byte for each order, on pages that are made when their first order comes.
type stages struct{ pages []*[1 << pageBits]stage }

func (p *stages) at(id engines.OrderID) *stage {
	page := int(id >> pageBits)
	for page >= len(p.pages) {
		p.pages = append(p.pages, nil)
	}
	if p.pages[page] == nil {
		p.pages[page] = new([1 << pageBits]stage)
	}
	return &p.pages[page][id&(1<<pageBits-1)]
}
