package backoffice

import (
	"math/bits"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// sources is how many systems can promise; scenarios.Sources names them.
const sources = 9

// House is what really lies on the shelf, whatever any engine believes, and what was promised from it. Lines name a SKU once.
type House struct {
	shelves []shelf
	dearer  [sources]uint16 // by channel: the set of those whose promises go before its own
}

// shelf is what there is of one SKU, in units.
type shelf struct {
	units int64
	open  [sources]int32 // promised and not picked, by channel
}

// NewHouse opens with these units of each SKU. The rule, scenarios.LatestFirst or LowestPenalty, says who is cancelled when there is less
// than was promised; penalty is what a cancellation costs at a channel.
func NewHouse(opening []int64, rule string, penalty func(engines.Channel) float64) *House {
	h := &House{shelves: make([]shelf, len(opening))}
	for sku, n := range opening {
		h.shelves[sku].units = n
	}
	if rule != scenarios.LowestPenalty {
		return h
	}
	for own := range engines.Channel(sources) {
		for other := range engines.Channel(sources) {
			if penalty(other) > penalty(own) {
				h.dearer[own] |= 1 << other
			}
		}
	}
	return h
}

// Shelf is how many units of a SKU lie there, as somebody who counts them finds.
func (h *House) Shelf(sku engines.SKU) int64 { return h.shelves[sku].units }

// Arrive puts units on the shelf: a receipt, or a return that can be sold again.
func (h *House) Arrive(sku engines.SKU, units int64) { h.shelves[sku].units += units }

// Leave takes units that no order asked for: a sale at the till, shrinkage. It returns how many there were to take.
func (h *House) Leave(sku engines.SKU, units int64) int64 {
	s := &h.shelves[sku]
	taken := min(units, s.units)
	s.units -= taken
	return taken
}

// Promise opens a promise: it is to be picked later.
func (h *House) Promise(ch engines.Channel, lines []engines.Line) {
	for _, l := range lines {
		h.shelves[l.SKU].open[ch] += l.Qty
	}
}

// Withdraw closes an open promise that was not picked: its buyer cancelled, or it was moved to the waitlist.
func (h *House) Withdraw(ch engines.Channel, lines []engines.Line) {
	for _, l := range lines {
		h.shelves[l.SKU].open[ch] -= l.Qty
	}
}

// Pick closes an open promise that is due. Its units leave the shelf, all or none: false means that fulfilment found it short, and that it
// is to be cancelled.
//
// By LatestFirst that is so if the shelf has too few. By LowestPenalty it is also so if what would be left doesn't cover the open
// promises of channels where a cancellation costs more: then cancelling this order saves one of theirs.
func (h *House) Pick(ch engines.Channel, lines []engines.Line) bool {
	found := h.finds(ch, lines)
	for _, l := range lines {
		s := &h.shelves[l.SKU]
		s.open[ch] -= l.Qty
		if found {
			s.units -= int64(l.Qty)
		}
	}
	return found
}

func (h *House) finds(ch engines.Channel, lines []engines.Line) bool {
	dearer := h.dearer[ch]
	for _, l := range lines {
		s := &h.shelves[l.SKU]
		if left := s.units - int64(l.Qty); left < 0 || dearer != 0 && left < s.owed(dearer) {
			return false
		}
	}
	return true
}

// owed are the open promises of a set of channels.
func (s *shelf) owed(set uint16) (units int64) {
	for ; set != 0; set &= set - 1 {
		units += int64(s.open[bits.TrailingZeros16(set)%sources])
	}
	return units
}
