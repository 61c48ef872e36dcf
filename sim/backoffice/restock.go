package backoffice

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

const day = 24 * time.Hour

// salesMemory is what mean daily sales are averaged over: a day's spike counts as a seventh or so.
const salesMemory = 7 * day

// PurchaseOrder is what the supplier was asked for.
type PurchaseOrder struct {
	SKU       engines.SKU
	Units     int64
	ArrivesAt time.Duration
}

// Restock orders from the supplier when projected stock, which is what there is and what is on order, has come down to the reorder point.
type Restock struct {
	rule   scenarios.Restock
	seed   uint64
	supply []supply // by SKU
	orders []PurchaseOrder
}

// supply is what is known of one SKU.
type supply struct {
	sales  velocity
	placed uint32          // purchase orders so far
	open   []PurchaseOrder // those that have not arrived
}

// NewRestock begins with the mean daily sales of each SKU, in units, as the shop knows them from the weeks before.
func NewRestock(rule scenarios.Restock, seed uint64, daily []float64) *Restock {
	r := &Restock{rule: rule, seed: seed, supply: make([]supply, len(daily))}
	for sku, units := range daily {
		r.supply[sku].sales.perS = units / day.Seconds()
	}
	return r
}

// ReorderPoint is mean daily sales × lead time × (1 + safety), in units, rounded up.
func ReorderPoint(daily float64, lead time.Duration, safety float64) int64 {
	const noise = 1e-9 // of floating point: 84.000000001 units are 84
	return int64(math.Ceil(daily*float64(lead)/float64(day)*(1+safety) - noise))
}

// Sold notes a sale.
func (r *Restock) Sold(at time.Duration, sku engines.SKU, units int32) {
	r.supply[sku].sales.add(at, float64(units), salesMemory)
}

// Review looks through all SKUs, of which position gives the units that are there and not promised, and orders what is needed: as many
// times the usual quantity as lift projected stock above the reorder point. A SKU that doesn't sell isn't ordered. What it returns is good
// until the next review; each order is to be followed by Arrived.
func (r *Restock) Review(at time.Duration, position func(engines.SKU) int64) []PurchaseOrder {
	r.orders = r.orders[:0]
	for i := range r.supply {
		sku := engines.SKU(i)
		daily := r.supply[i].sales.now(at, salesMemory) * day.Seconds()
		usual := int64(math.Ceil(daily * float64(r.rule.CoverFor) / float64(day)))
		beyond := ReorderPoint(daily, r.rule.LeadTime, r.rule.Safety) - position(sku) - r.OnOrder(sku)
		if usual <= 0 || beyond < 0 {
			continue
		}
		r.place(PurchaseOrder{sku, usual * (beyond/usual + 1), at + r.leadTime(sku)})
	}
	return r.orders
}

func (r *Restock) place(p PurchaseOrder) {
	s := &r.supply[p.SKU]
	s.placed++
	s.open = append(s.open, p)
	r.orders = append(r.orders, p)
}

// leadTime is log-normal with the rule's mean, and the same for the n-th order of a SKU whatever else is ordered.
func (r *Restock) leadTime(sku engines.SKU) time.Duration {
	s := r.rule.LeadSigma
	z := rand.New(rand.NewPCG(r.seed, uint64(sku)<<32|uint64(r.supply[sku].placed))).NormFloat64()
	return time.Duration(float64(r.rule.LeadTime) * math.Exp(s*z-s*s/2))
}

// Arrived closes a purchase order: its units are there.
func (r *Restock) Arrived(p PurchaseOrder) {
	s := &r.supply[p.SKU]
	if i := slices.Index(s.open, p); i >= 0 {
		s.open = slices.Delete(s.open, i, i+1)
	}
}

// OnOrder is how many units of a SKU the supplier was asked for and has not delivered.
func (r *Restock) OnOrder(sku engines.SKU) (units int64) {
	for _, p := range r.supply[sku].open {
		units += p.Units
	}
	return units
}

// AvailableIn is how long it takes until more of a SKU arrives; false: nothing is on order.
func (r *Restock) AvailableIn(at time.Duration, sku engines.SKU) (time.Duration, bool) {
	open := r.supply[sku].open
	if len(open) == 0 {
		return 0, false
	}
	next := open[0].ArrivesAt
	for _, p := range open[1:] {
		next = min(next, p.ArrivesAt)
	}
	return max(0, next-at), true
}
