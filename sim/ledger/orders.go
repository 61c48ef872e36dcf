package ledger

import (
	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/internal/hugepage"
)

// Stage is how far an order has come, as its caller was told.
type Stage uint8

// The stages of an order.
const (
	Unasked       Stage = iota
	Asking              // its Reserve or Sell is under way
	Holding             // Reserve answered Done
	Stalled             // held; Confirm was answered Contended, and may be tried again
	Late                // it had a hold, and an answer said that the hold is over
	MaybeHeld           // the answer to Reserve was lost
	MaybePromised       // the answer to Sell or Confirm was lost
	Promised            // Sell or Confirm answered Done
	Refused             // Reserve or Sell answered that nothing happened
	Released            // Release answered Done
	Lapsed              // Expire answered Done
	Cancelled           // Cancel answered Done
	Shipped             // Ship answered Done
	stages
)

var stageNames = [stages]string{
	"never asked for", "asked for", "held", "held, its payment turned away", "held too long", "perhaps held", "perhaps promised",
	"promised", "refused", "released", "expired", "cancelled", "shipped",
}

// String says the stage in words that follow "the order was".
func (s Stage) String() string {
	if s < stages {
		return stageNames[s]
	}
	return "invalid"
}

// Order is what the ledger keeps of one order: a stage and four flags, in a byte.
type Order uint8

const (
	stageMask Order = 0x0f
	binned    Order = 0x10 // counted as refused, unknown or unpaid: an order counts once
	cancelled Order = 0x20 // its cancellation was asked for, and not refused since
	doubtful  Order = 0x40 // an answer about it was lost
	inHeld    Order = 0x80 // its units are in Facts.Held
)

// Stage is how far the order has come.
func (o Order) Stage() Stage { return Stage(o & stageMask) }

// CancelAsked says whether the order's cancellation was asked for, and not refused since.
func (o Order) CancelAsked() bool { return o&cancelled != 0 }

// Doubtful says whether an answer about the order was lost.
func (o Order) Doubtful() bool { return o&doubtful != 0 }

// MaybePromised says whether the order's units are in Facts.Maybe.
func (o Order) MaybePromised() bool { return o.Stage() == MaybePromised && !o.CancelAsked() }

// Binding says whether the customer was told yes and has not asked to cancel.
func (o Order) Binding() bool {
	return (o.Stage() == Promised || o.Stage() == Shipped) && !o.CancelAsked()
}

func (o *Order) enter(s Stage) { *o = *o&^stageMask | Order(s) }

const pageBits = 16 // orders on a page: 65,536

// orders keeps a byte for each order, on pages that are made when their first order comes.
type orders struct {
	pages []*[1 << pageBits]Order
}

// at is where the order is kept.
func (p *orders) at(id engines.OrderID) *Order {
	page := p.page(int(id >> pageBits))
	if page == nil {
		page = p.grow(int(id >> pageBits))
	}
	return &page[id&(1<<pageBits-1)]
}

// page is nil if none of its orders has come.
func (p *orders) page(at int) *[1 << pageBits]Order {
	if uint(at) < uint(len(p.pages)) {
		return p.pages[at]
	}
	return nil
}

func (p *orders) grow(at int) *[1 << pageBits]Order {
	for at >= len(p.pages) {
		p.pages = append(p.pages, nil)
	}
	p.pages[at] = hugepage.New[[1 << pageBits]Order]()
	return p.pages[at]
}

// Order is what is known of an order; the zero Order if it was never asked for.
func (l *Ledger) Order(id engines.OrderID) Order {
	if page := l.orders.page(int(id >> pageBits)); page != nil {
		return page[id&(1<<pageBits-1)]
	}
	return 0
}

// Orders yields every order that was asked for, by its number.
func (l *Ledger) Orders(yield func(engines.OrderID, Order) bool) {
	for i, page := range l.orders.pages {
		if page == nil {
			continue
		}
		for j, o := range page {
			if o != 0 && !yield(engines.OrderID(i)<<pageBits|engines.OrderID(j), o) {
				return
			}
		}
	}
}
