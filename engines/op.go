package engines

import (
	"fmt"
	"time"
)

// SKU is an index into the scenario's catalog of articles, from 0.
type SKU uint32

// OrderID numbers orders densely from 1; 0 means that an operation belongs to no order.
type OrderID uint64

// MaxOrderID is the largest order an engine needs to accept.
const MaxOrderID OrderID = 1<<32 - 1

// Channel is one of the sources that move stock, as an index into the scenario's list of sources.
type Channel uint8

// Key is a stock key: the smallest thing that storage writes by itself. It is a SKU, or one SKU's pool
// where an engine partitions stock. Keys are dense from 0.
type Key uint32

// OpID identifies one operation. Sending it again, with the same content, has no further effect.
type OpID uint64

const feedBit OpID = 1 << 63

// OrderOp is the ID of an order's operation of one kind: an order does each kind at most once.
func OrderOp(order OrderID, kind Kind) OpID { return OpID(order)<<4 | OpID(kind) }

// FeedOp is the ID of the operation number seq (below 2^55) of a source that moves stock without an order.
func FeedOp(source Channel, seq uint64) OpID { return feedBit | OpID(source)<<55 | OpID(seq) }

// Kind says what an operation does.
type Kind uint8

// The kinds of operation. Those that name lines carry them in Op.Lines; the others take them from the order's grant.
const (
	Reserve  Kind = iota + 1 // set lines aside for Order, until At + HoldFor
	Confirm                  // the hold of Order is paid: held → committed
	Release                  // the hold of Order is given up before its end
	Sell                     // reserve and confirm at once
	Cancel                   // Order was committed and not yet shipped: its units come back
	Ship                     // Order leaves the house
	Receive                  // lines arrive from a supplier
	Return                   // lines come back from customers, inspected and sellable
	Count                    // an absolute count: Qty units of each SKU are on hand now
	Adjust                   // a signed correction; Qty may be negative
	Transfer                 // lines move from the pool of Channel to the pool of To
	Expire                   // the hold of Order ends, if At has reached its deadline
	kinds
)

// Kinds lists every kind, in order.
func Kinds() []Kind {
	all := make([]Kind, 0, kinds-1)
	for k := Reserve; k < kinds; k++ {
		all = append(all, k)
	}
	return all
}

var kindNames = [kinds]string{
	"none", "reserve", "confirm", "release", "sell", "cancel", "ship",
	"receive", "return", "count", "adjust", "transfer", "expire",
}

// String is the kind's name in lower case.
func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// trait is what kinds can have in common.
type trait uint8

const (
	takesStock trait = 1 << iota
	namesOrder
	namesLines
)

// traits are those of each kind. Every Kind has an entry, so that no bounds are checked: operations are asked for these most of all.
var traits = [1 << 8]trait{
	Reserve: takesStock | namesOrder | namesLines, Sell: takesStock | namesOrder | namesLines,
	Confirm: namesOrder, Release: namesOrder, Cancel: namesOrder, Ship: namesOrder, Expire: namesOrder,
	Receive: namesLines, Return: namesLines, Count: namesLines, Adjust: namesLines, Transfer: namesLines,
}

// TakesStock says whether the kind needs units that are available.
func (k Kind) TakesStock() bool { return traits[k]&takesStock != 0 }

// NamesOrder says whether the kind belongs to an order.
func (k Kind) NamesOrder() bool { return traits[k]&namesOrder != 0 }

// NamesLines says whether the kind carries lines of its own. The others act on the lines of the order's grant.
func (k Kind) NamesLines() bool { return traits[k]&namesLines != 0 }

// Line is a quantity of one SKU, in units.
type Line struct {
	SKU SKU
	Qty int32
}

// Op is one operation, as data: one recorder, one fault wrapper and one gateway serve every kind.
type Op struct {
	ID       OpID
	Order    OrderID
	Lines    []Line        // borrowed until Do returns; whoever keeps them copies them
	Versions []Version     // the caller's room for Reply.Versions; may be nil
	At       time.Duration // the caller's clock: since the start of the day
	HoldFor  time.Duration // Reserve: how long the hold lasts, from At
	Kind     Kind
	Channel  Channel
	To       Channel // Transfer: the pool that gains
}

// Check returns what is wrong with op's content, or nil. Every engine calls it before it touches anything.
func (op *Op) Check(skus int) error {
	has := traits[op.Kind]
	if has == 0 {
		return fmt.Errorf("operation %d: unknown kind %d", op.ID, op.Kind)
	}
	if has&namesOrder != 0 != (op.Order != 0) || op.Order > MaxOrderID {
		return fmt.Errorf("operation %d: %s of order %d: want an order from 1 to %d exactly where the kind belongs to one",
			op.ID, op.Kind, op.Order, MaxOrderID)
	}
	if has&namesLines == 0 {
		if len(op.Lines) != 0 {
			return fmt.Errorf("operation %d: %s has %d lines: want none, the order has them", op.ID, op.Kind, len(op.Lines))
		}
		return nil
	}
	if len(op.Lines) == 0 {
		return fmt.Errorf("operation %d: %s without lines", op.ID, op.Kind)
	}
	for _, l := range op.Lines {
		if int64(l.SKU) >= int64(skus) {
			return fmt.Errorf("operation %d: unknown SKU %d: the catalog has %d", op.ID, l.SKU, skus)
		}
		if l.Qty < 0 && op.Kind != Adjust || l.Qty == 0 && op.Kind != Count {
			return fmt.Errorf("operation %d: %s of %d units of SKU %d", op.ID, op.Kind, l.Qty, l.SKU)
		}
	}
	return nil
}

// Outcome is what the caller of an operation may believe.
type Outcome uint8

// The outcomes. Unknown is the zero value: an operation whose answer was lost may or may not have happened.
const (
	Unknown   Outcome = iota
	Done              // it took effect
	SoldOut           // not enough units available; nothing happened
	Contended         // gave up among too many others; nothing happened, and there may be stock
	Expired           // the hold's time was over; nothing happened
	NotFound          // no grant in a state that the operation applies to; nothing happened
	Conflict          // the same ID was used with other content; nothing happened
	outcomes
)

var outcomeNames = [outcomes]string{"unknown", "done", "sold out", "contended", "expired", "not found", "conflict"}

// String is the outcome's name in lower case.
func (o Outcome) String() string {
	if o < outcomes {
		return outcomeNames[o]
	}
	return fmt.Sprintf("outcome(%d)", uint8(o))
}

// Version is the state that one operation gave one stock key: the key's sequence number and its stock after.
type Version struct {
	SKU   SKU
	Pool  Channel // 0 where the engine keeps one stock a SKU
	Seq   uint64  // 1, 2, 3 … for each key
	After int64   // available units of the key after this operation
}

// Reply is an engine's answer.
type Reply struct {
	Outcome  Outcome
	Versions []Version // in Op.Versions' room where that suffices; one for each stock key that changed
}
