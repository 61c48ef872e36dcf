package audit

import (
	"fmt"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// Example is the story of one promise that could not be kept.
type Example struct {
	Order   engines.OrderID
	SKU     engines.SKU
	Channel engines.Channel
	At      time.Duration
	Story   []string
}

const maxExamples = 5

// example keeps the first few promises beyond stock.
func (o *oversold) example(e *ledger.Entry, line engines.Line, n int64) {
	if len(o.examples) == maxExamples {
		return
	}
	f := o.ledger.SKU(line.SKU)
	o.examples = append(o.examples, Example{
		Order: e.Op.Order, SKU: line.SKU, Channel: e.Op.Channel, At: e.End,
		Story: []string{
			fmt.Sprintf("Supply by then, opening stock and everything that was asked to arrive: %d units.", f.Supply),
			fmt.Sprintf("Promised by then and not asked to be cancelled: %d units; held unpaid: %d.", f.Promised-int64(line.Qty), f.Held),
			fmt.Sprintf("%s: order %d asks to %s %d units.", clock(e.Start), e.Op.Order, e.Op.Kind, line.Qty),
			fmt.Sprintf("%s: the engine answers %s after %v: %d units are promised now, %d beyond supply; this promise added %d of them.",
				clock(e.End), e.Reply.Outcome, (e.End - e.Start).Round(time.Microsecond), f.Promised, f.Excess(), n),
		},
	})
}

// ended says of each example what had become of its order at close; short are those that the seller has to cancel.
func (o *oversold) ended(short map[uint32]bool) []Example {
	for i := range o.examples {
		e := &o.examples[i]
		order := o.ledger.Order(e.Order)
		text := fmt.Sprintf("At the close the order was %s.", order.Stage())
		switch {
		case short[uint32(e.Order)]:
			text = fmt.Sprintf("At the close the order was %s, and there is no unit for it: the seller has to cancel.", order.Stage())
		case order.CancelAsked():
			text = "By the close its customer had asked to cancel."
		}
		e.Story = append(e.Story, text)
	}
	return o.examples
}

// clock writes a time of the run as 09:59:27.949, after the first day as day 2 09:59:27.949.
func clock(at time.Duration) string {
	ms := at.Round(time.Millisecond).Milliseconds()
	text := fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3_600_000%24, ms/60_000%60, ms/1000%60, ms%1000)
	if days := ms / 86_400_000; days > 0 {
		text = fmt.Sprintf("day %d %s", days+1, text)
	}
	return text
}
