package backoffice

import (
	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// Counts are what a day left, as money sees it.
type Counts struct {
	Days     float64        // how many days were run
	Orders   int64          // promised
	Short    [sources]int64 // by channel: orders that fulfilment found short
	Expired  [sources]int64 // by channel: promised orders that were told to wait, in vain
	Refused  int64          // orders that were refused although their units were there
	Stranded int64          // units left over although buyers were refused
}

// Account is what that cost, item by item, in the scenario's currency.
type Account struct {
	Scale      float64 // of the shop that it is for ÷ the one that was run, by orders a day
	Cancelled  float64 // orders
	Expedited  float64 // orders that were found short and saved
	Refunds    float64
	Expedite   float64
	Penalties  float64
	Repurchase float64 // what disappointed customers won't buy in the next twelve months
	Refused    float64 // margin of orders that could have been served
	Stranded   float64
}

// Bill prices the counts. Of the orders that were found short a share is saved by expedited stock; the others are cancelled, as are those who waited in
// vain. Without a stated size of the shop, or without orders to compare it by, the account is of the day as it was run.
//
// A unit that is cancelled because nobody had it has no margin to lose. Stranded units cost what holding them costs: the margin they
// would have made is that of the orders refused.
func Bill(c scenarios.Costs, n Counts) Account {
	a := Account{Scale: 1}
	if c.OrdersADayOfAShop > 0 && n.Orders > 0 {
		a.Scale = c.OrdersADayOfAShop * n.Days / float64(n.Orders)
	}
	for ch := range engines.Channel(sources) {
		short := float64(n.Short[ch]) * a.Scale
		cancelled := short*(1-c.ExpediteShare) + float64(n.Expired[ch])*a.Scale
		a.Expedited += short * c.ExpediteShare
		a.Cancelled += cancelled
		a.Penalties += cancelled * c.Penalty[scenarios.Sources[ch]]
	}
	a.Refunds = a.Cancelled * c.Refund
	a.Expedite = a.Expedited * c.Expedite
	a.Repurchase = a.Cancelled * c.Repurchase * c.RepurchaseLoss
	a.Refused = float64(n.Refused) * a.Scale * c.OrderValue * c.Margin
	a.Stranded = float64(n.Stranded) * a.Scale * c.UnitHolding
	return a
}

// Total is the sum of all items.
func (a Account) Total() float64 {
	return a.Refunds + a.Expedite + a.Penalties + a.Repurchase + a.Refused + a.Stranded
}
