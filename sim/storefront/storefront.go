// Package storefront keeps what customers were told, whoever told them: the engine, or a channel that promised on the
// number it displayed. It holds that against what really was in the house.
//
// The ledger judges an engine by its answers. Where channels promise by themselves most oversells are nobody's answer: they are
// made between systems. This is the book that counts them. It belongs to runs in which every answer arrives; a promise
// that may have been made is not in it.
package storefront

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// Config is what a book has to know before the day begins.
type Config struct {
	Opening  []int64       // units of each SKU
	Channels int           // how many sources move stock
	Hot      []engines.SKU // SKUs whose supply and promises are kept as a series
	Day      time.Duration // planned length; what comes later is kept too
	Interval time.Duration // of the series; above 0
}

// Why says why an order was refused.
type Why uint8

// The reasons of a refusal.
const (
	SoldOut   Why = iota // by the engine
	Contended            // by the engine
	NoDisplay            // the channel displayed too few, with nothing held back
	Buffer               // the channel's buffer held the units back
	Share                // the channel's share of stock was used up
	reasons
)

// Who says who ended an order.
type Who uint8

// Who ends orders.
const (
	Buyer   Who = iota
	Seller      // fulfilment found it short
	Payment     // the hold ended unpaid
)

// position is what is true of one SKU, in units. What has shipped stays on both sides.
type position struct {
	there    int64 // sellable units that came, less those that went another way
	owed     int64 // promised, and neither cancelled nor put off
	held     int64 // set aside for those who have not paid
	unseen   int64 // went another way, and the engine was not told yet
	unbooked int64 // promised on a display, and the engine was not told yet
	peak     int64 // most that was owed beyond what was there
	over     int64 // oversold
	missed   int64 // refused by a display although they were there
}

// Book is the book of one run. It is not safe for concurrent use; times don't decrease.
type Book struct {
	skus     []position
	hot      []bool
	stages   stages
	totals   Totals
	channels []ChannelCount
	series   series
}

// Totals count a whole run. An order is in one of Promised, Refused, Waiting, WaitedInVain and Unpaid, or still open.
type Totals struct {
	Asked, Promised, Refused int64 // orders
	Waited                   int64 // orders that were ever told to wait
	Waiting                  int64 // that wait still
	WaitedInVain             int64 // until their deadline, with the order paid
	PutOff                   int64 // orders that were promised and then told to wait
	Unpaid                   int64
	CancelledBuyer           int64
	CancelledSeller          int64
	OrdersOversold           int64 // promised when a unit of theirs was not there

	RefusedBy      [reasons]int64 // refusals
	RefusedFalsely [reasons]int64 // orders refused by a display, although the units were there and nobody had them

	UnitsAsked, UnitsPromised int64
	Oversold                  int64 // units promised beyond what was there
	OversoldByLoss            int64 // of those: units that went another way; those that an engine promised at fault are among them
	Peak                      int64 // most units of one SKU owed beyond what was there
}

// ChannelCount is what became of one channel's orders.
type ChannelCount struct {
	Asked, Promised, Refused      int64
	PromisedUnits                 int64
	CancelledSeller, WaitedInVain int64
}

// New returns the book of a day that has not begun.
func New(c Config) *Book {
	b := &Book{
		skus: make([]position, len(c.Opening)), hot: make([]bool, len(c.Opening)),
		channels: make([]ChannelCount, c.Channels), series: newSeries(c.Day, c.Interval),
	}
	for _, s := range c.Hot {
		b.hot[s] = true
	}
	for sku, units := range c.Opening {
		b.Came(0, engines.SKU(sku), units)
	}
	return b
}

// Came is for units that arrive: a receipt, a sellable return.
func (b *Book) Came(at time.Duration, sku engines.SKU, units int64) {
	b.reach(at)
	b.skus[sku].there += units
	if b.hot[sku] {
		b.series.there += units
	}
}

// Went is for units that leave without an order, before the engine is told: at the till, or lost.
func (b *Book) Went(at time.Duration, sku engines.SKU, units int64) {
	b.Came(at, sku, -units)
	b.skus[sku].unseen += units
}

// Reported says that the engine has been told of so many units that went.
func (b *Book) Reported(sku engines.SKU, units int64) {
	p := &b.skus[sku]
	p.unseen = max(0, p.unseen-units)
}

// Held is for units that are set aside, or with a negative sign no longer are.
func (b *Book) Held(lines []engines.Line, sign int64) {
	for _, l := range lines {
		b.skus[l.SKU].held += sign * int64(l.Qty)
	}
}

// Asked is a customer who asks for an order. Asking again, as a client does whose connection broke, counts once.
func (b *Book) Asked(at time.Duration, order engines.OrderID, ch engines.Channel, lines []engines.Line) {
	b.reach(at)
	s := b.stages.at(order)
	if *s != none {
		return
	}
	*s = asked
	b.totals.Asked++
	b.channels[ch].Asked++
	b.series.asked++
	for _, l := range lines {
		b.totals.UnitsAsked += int64(l.Qty)
	}
}

// Promised is an order that its customer was told is accepted, by its channel on what it displayed or by the engine. Saying so again changes
// nothing.
func (b *Book) Promised(at time.Duration, order engines.OrderID, ch engines.Channel, lines []engines.Line, onDisplay bool) {
	b.reach(at)
	s, next := b.stages.at(order), promised
	if onDisplay {
		next = accepted
	}
	switch *s {
	case accepted:
		b.book(order, lines, next)
		return
	case promised, shipped, ended:
		return
	case waiting, hoping:
		b.totals.Waiting--
	case refused: // they were told otherwise before
		b.totals.Refused--
		b.channels[ch].Refused--
	}
	*s = next
	b.totals.Promised++
	b.channels[ch].Promised++
	b.series.promised++
	before := b.totals.Oversold
	for _, l := range lines {
		b.owe(l, onDisplay)
		b.channels[ch].PromisedUnits += int64(l.Qty)
		b.totals.UnitsPromised += int64(l.Qty)
	}
	if b.totals.Oversold > before {
		b.totals.OrdersOversold++
	}
}

// book takes an order that a display promised for one that the engine knows of.
func (b *Book) book(order engines.OrderID, lines []engines.Line, next stage) {
	if s := b.stages.at(order); *s == accepted && next != accepted {
		*s = next
		for _, l := range lines {
			b.skus[l.SKU].unbooked -= int64(l.Qty)
		}
	}
}

// owe counts by how much one line raises what is owed beyond what is there. A display is excused by what went unseen. What the engine promised
// it had when it was held: so it is the fault of the displays whose promises it doesn't know of, or a loss. If the engine
// is at fault the audit tells.
func (b *Book) owe(l engines.Line, onDisplay bool) {
	p, qty := &b.skus[l.SKU], int64(l.Qty)
	p.owed += qty
	if b.hot[l.SKU] {
		b.series.owed += qty
	}
	over := p.owed - p.there
	p.peak = max(p.peak, over)
	b.totals.Peak = max(b.totals.Peak, over)
	n := raisedBy(over, qty)
	p.over += n
	b.totals.Oversold += n
	b.series.oversold += n
	if onDisplay {
		p.unbooked += qty
		b.totals.OversoldByLoss += n - raisedBy(over-p.unseen, qty)
	} else {
		b.totals.OversoldByLoss += raisedBy(over-p.unbooked, qty)
	}
}

// raisedBy is by how much the positive part of a figure rose when units were added that made it now.
func raisedBy(now, units int64) int64 { return max(0, now) - max(0, now-units) }

func (b *Book) release(lines []engines.Line) {
	for _, l := range lines {
		b.skus[l.SKU].owed -= int64(l.Qty)
		if b.hot[l.SKU] {
			b.series.owed -= int64(l.Qty)
		}
	}
}

// Refused is an order that its customer was told is not to be had.
func (b *Book) Refused(at time.Duration, order engines.OrderID, ch engines.Channel, lines []engines.Line, why Why) {
	b.reach(at)
	s := b.stages.at(order)
	if *s != asked {
		return
	}
	*s = refused
	b.totals.Refused++
	b.totals.RefusedBy[why]++
	b.channels[ch].Refused++
	if why == Contended {
		b.series.otherRefused++
	} else {
		b.series.soldOut++
	}
	if why >= NoDisplay && b.free(lines) {
		b.totals.RefusedFalsely[why]++
		for _, l := range lines {
			b.skus[l.SKU].missed += int64(l.Qty)
		}
	}
}

// free says whether every line is there, and neither owed nor held.
func (b *Book) free(lines []engines.Line) bool {
	for _, l := range lines {
		if p := &b.skus[l.SKU]; p.there-p.owed-p.held < int64(l.Qty) {
			return false
		}
	}
	return true
}

// Waits is an order whose customer is told to wait, refused or promised before.
func (b *Book) Waits(at time.Duration, order engines.OrderID, ch engines.Channel, lines []engines.Line, why Why) {
	b.reach(at)
	s, next := b.stages.at(order), hoping
	switch *s {
	case accepted, promised:
		b.book(order, lines, promised)
		next = waiting
		b.totals.PutOff++
		b.totals.Promised--
		b.channels[ch].Promised--
		b.release(lines)
		for _, l := range lines {
			b.totals.UnitsPromised -= int64(l.Qty)
			b.channels[ch].PromisedUnits -= int64(l.Qty)
		}
	case refused:
		b.totals.Refused--
		b.totals.RefusedBy[why]--
		b.channels[ch].Refused--
	case asked:
	default:
		return
	}
	*s = next
	b.totals.Waited++
	b.totals.Waiting++
	b.series.pending++
}

// InVain is an order whose customer waited until the deadline. Whoever was promised it before has paid, and is cancelled; the others are
// refused, as they were to begin with.
func (b *Book) InVain(at time.Duration, order engines.OrderID, ch engines.Channel) {
	b.reach(at)
	switch s := b.stages.at(order); *s {
	case waiting:
		*s = ended
		b.totals.WaitedInVain++
		b.channels[ch].WaitedInVain++
		b.series.cancelled++
	case hoping:
		*s = refused
		b.totals.Refused++
		b.totals.RefusedBy[SoldOut]++
		b.channels[ch].Refused++
	default:
		return
	}
	b.totals.Waiting--
}

// Cancelled ends an order.
func (b *Book) Cancelled(at time.Duration, order engines.OrderID, ch engines.Channel, lines []engines.Line, who Who) {
	b.reach(at)
	b.book(order, lines, promised)
	s := b.stages.at(order)
	switch {
	case who == Payment && *s == asked:
		b.totals.Unpaid++
	case who == Buyer && *s == promised:
		b.totals.CancelledBuyer++
		b.release(lines)
	case who == Seller && *s == promised:
		b.totals.CancelledSeller++
		b.channels[ch].CancelledSeller++
		b.series.cancelled++
		b.release(lines)
	default:
		return
	}
	*s = ended
}

// Shipped is an order that has left the house.
func (b *Book) Shipped(at time.Duration, order engines.OrderID) {
	b.reach(at)
	if s := b.stages.at(order); *s == promised {
		*s = shipped
	}
}

// Totals are the counts so far.
func (b *Book) Totals() Totals { return b.totals }

// Channel is the count of one channel.
func (b *Book) Channel(c engines.Channel) ChannelCount { return b.channels[c] }

// Oversold is the units of one SKU that were promised beyond what was there.
func (b *Book) Oversold(s engines.SKU) int64 { return b.skus[s].over }

// Close sums what is left: units that nobody was promised, those of them that a display refused to somebody, and units that customers keep.
func (b *Book) Close() (left, stranded, sold int64) {
	for i := range b.skus {
		p := &b.skus[i]
		unsold := max(0, p.there-p.owed)
		left += unsold
		stranded += min(unsold, p.missed)
		sold += min(p.owed, p.there)
	}
	return left, stranded, sold
}
