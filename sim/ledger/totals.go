package ledger

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// Totals are the counts of the whole run. An order is in one of Promised, Refused, Unknown and CancelledPayment, or still open.
type Totals struct {
	Asked            int64 // orders
	Promised         int64 // orders, cancelled or not
	Refused          int64 // orders
	Unknown          int64 // orders: the answer was lost, and nothing has settled it since
	CancelledBuyer   int64 // orders promised and then cancelled by the buyer
	CancelledPayment int64 // orders whose hold ended unpaid

	RefusedBy [16]int64 // orders, by engines.Outcome

	UnitsAsked    int64
	UnitsPromised int64 // cancelled or not
	Opening       int64 // units
	Received      int64 // units
	Returned      int64 // units
	Adjusted      int64 // units; negative if more was lost than found

	Operations int64 // calls, those sent again included
	Resends    int64 // calls sent again
	Events     int64 // line movements: one SKU in one operation that took effect; transfers are not counted

	UnknownLatency int64 // operations of customers without a latency: their answer was lost
}

// Supply is opening + received + returned ± adjusted, in units.
func (t Totals) Supply() int64 { return t.Opening + t.Received + t.Returned + t.Adjusted }

// KindCount says how often a kind of operation was asked for, and how often it took effect. Resends aren't counted.
type KindCount struct{ Asked, Done int64 }

// ChannelCount is what became of one channel's orders.
type ChannelCount struct {
	Asked, Promised, Refused int64 // orders
	PromisedUnits            int64
}

// Totals are the counts so far.
func (l *Ledger) Totals() Totals { return l.totals }

// Kind is the count of one kind of operation.
func (l *Ledger) Kind(k engines.Kind) KindCount { return l.kinds[k] }

// Channel is the count of one channel.
func (l *Ledger) Channel(c engines.Channel) ChannelCount { return l.channels[c] }

// Channels is how many channels there are.
func (l *Ledger) Channels() int { return len(l.channels) }

// SKUs is how many articles there are.
func (l *Ledger) SKUs() int { return len(l.facts) }

// SKU is what is known of one SKU: to read, not to change.
func (l *Ledger) SKU(s engines.SKU) *Facts { return &l.facts[s] }

// SoldOutAt is when the SKU was first refused as sold out; -1: never.
func (l *Ledger) SoldOutAt(s engines.SKU) time.Duration { return l.soldOut[s] }

// Doubts are the operations that move promises or supply and whose answers were lost. Some may have been settled since,
// by sending them again.
func (l *Ledger) Doubts() []Doubt { return l.doubts }

// unknown counts an order whose answer was lost, once.
func (l *Ledger) unknown(o *Order) {
	*o |= doubtful
	if *o&binned == 0 {
		*o |= binned
		l.totals.Unknown++
	}
}

// recall moves the order on, and out of the unknown if that is where it was counted.
func (l *Ledger) recall(o *Order, next Stage) {
	if was := o.Stage(); *o&binned != 0 && (was == MaybeHeld || was == MaybePromised) {
		*o &^= binned
		l.totals.Unknown--
	}
	o.enter(next)
}

func (l *Ledger) refused(from engines.Channel, o *Order, why engines.Outcome) {
	if *o&binned != 0 {
		return
	}
	*o |= binned
	l.totals.Refused++
	l.totals.RefusedBy[why]++
	l.channels[from].Refused++
	if why == engines.SoldOut {
		l.series.soldOut++
	} else {
		l.series.otherRefused++
	}
}

func (l *Ledger) unpaid(o *Order) {
	if *o&binned == 0 {
		*o |= binned
		l.totals.CancelledPayment++
	}
}
