package gateway

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// keyHeader carries an operation's ID, as a decimal number: it has 64 bits, and a number in JSON is safe up to 53.
const keyHeader = "Idempotency-Key"

// operation is the body of POST /v1/operations. Fields that a caller must not leave out are pointers.
type operation struct {
	Kind      string          `json:"kind"`
	Order     engines.OrderID `json:"order,omitempty"`
	Channel   engines.Channel `json:"channel,omitempty"`
	To        engines.Channel `json:"to,omitempty"`
	Lines     []line          `json:"lines,omitempty"`
	AtNS      int64           `json:"at_ns,omitempty"`
	HoldForNS int64           `json:"hold_for_ns,omitempty"`
}

type line struct {
	SKU *engines.SKU `json:"sku"`
	Qty *int32       `json:"qty"`
}

// reply is the answer to an operation.
type reply struct {
	Outcome  string    `json:"outcome"`
	Versions []version `json:"versions"`
}

type version struct {
	SKU   engines.SKU     `json:"sku"`
	Pool  engines.Channel `json:"pool"`
	Seq   uint64          `json:"seq"`
	After int64           `json:"after"`
}

type stock struct {
	SKU       engines.SKU     `json:"sku"`
	Pool      engines.Channel `json:"pool"`
	Available int64           `json:"available"`
	Held      int64           `json:"held"`
	Committed int64           `json:"committed"`
	Shipped   int64           `json:"shipped"`
	Seq       uint64          `json:"seq"`
}

type grant struct {
	Order engines.OrderID `json:"order"`
	State string          `json:"state"`
	Lines []line          `json:"lines"`
}

// page is a part of a list. Next is where the rest begins; without it there is none.
type page[T any] struct {
	Items []T     `json:"items"`
	Next  *uint64 `json:"next,omitempty"`
}

type recorded struct {
	Outcome string `json:"outcome"`
}

type opening struct {
	Opening []int64 `json:"opening"`
}

type health struct {
	Status string `json:"status"`
	Engine string `json:"engine"`
	SKUs   int    `json:"skus"`
}

// names are the reverse of a String method, for values from first to last.
func names[T interface {
	~uint8
	fmt.Stringer
}](first, last T) map[string]T {
	all := map[string]T{}
	for v := first; v <= last; v++ {
		all[v.String()] = v
	}
	return all
}

var (
	kindNames    = names(engines.Reserve, engines.Expire)
	outcomeNames = names(engines.Unknown, engines.Conflict)
	stateNames   = names(engines.NoGrant, engines.Shipped)
)

// wireOperation is op as it is sent.
func wireOperation(op *engines.Op) operation {
	return operation{
		Kind: op.Kind.String(), Order: op.Order, Channel: op.Channel, To: op.To, Lines: wireLines(op.Lines),
		AtNS: int64(op.At), HoldForNS: int64(op.HoldFor),
	}
}

func wireLines(lines []engines.Line) []line {
	all := make([]line, len(lines))
	for i, l := range lines {
		all[i] = line{&l.SKU, &l.Qty}
	}
	return all
}

// op is the operation that was sent, whose content a catalog of so many SKUs allows. The error says what is wrong with it.
func (o *operation) op(id engines.OpID, skus int) (engines.Op, error) {
	kind, known := kindNames[o.Kind]
	switch {
	case !known:
		return engines.Op{}, fmt.Errorf("kind %q: expected one of %v", o.Kind, engines.Kinds())
	case o.AtNS < 0:
		return engines.Op{}, fmt.Errorf("at_ns %d: expected nanoseconds since the start of the day, 0 or more", o.AtNS)
	case o.HoldForNS < 0 || o.HoldForNS > math.MaxInt64-o.AtNS:
		return engines.Op{}, fmt.Errorf("hold_for_ns %d: expected 0 or more, ending before %v", o.HoldForNS, time.Duration(math.MaxInt64))
	}
	lines, err := plainLines(o.Lines)
	op := engines.Op{
		ID: id, Order: o.Order, Lines: lines, Kind: kind, Channel: o.Channel, To: o.To,
		At: time.Duration(o.AtNS), HoldFor: time.Duration(o.HoldForNS),
	}
	if err == nil {
		err = errors.Join(op.Check(skus), checkSums(lines))
	}
	return op, err
}

// plainLines are lines as an engine takes them: no field is missing.
func plainLines(lines []line) ([]engines.Line, error) {
	all := make([]engines.Line, len(lines))
	for i, l := range lines {
		if l.SKU == nil || l.Qty == nil {
			return nil, fmt.Errorf("lines[%d]: expected both sku and qty", i)
		}
		all[i] = engines.Line{SKU: *l.SKU, Qty: *l.Qty}
	}
	return all, nil
}

// checkSums refuses more units of one SKU than an engine can count in an operation.
func checkSums(lines []engines.Line) error {
	if len(lines) < 2 {
		return nil
	}
	units := make(map[engines.SKU]int64, len(lines))
	for i, l := range lines {
		units[l.SKU] += int64(l.Qty)
		if n := units[l.SKU]; n > math.MaxInt32 || n < math.MinInt32 {
			return fmt.Errorf("lines[%d]: %d units of SKU %d together: expected no more than 32 bits hold", i, n, l.SKU)
		}
	}
	return nil
}

func wireReply(r engines.Reply) reply {
	out := reply{Outcome: r.Outcome.String(), Versions: make([]version, len(r.Versions))}
	for i, v := range r.Versions {
		out.Versions[i] = version(v)
	}
	return out
}

// plain is the reply that was sent, its versions in room where that suffices.
func (r *reply) plain(room []engines.Version) (engines.Reply, error) {
	outcome, known := outcomeNames[r.Outcome]
	if !known {
		return engines.Reply{}, fmt.Errorf("outcome %q: expected one that an engine has", r.Outcome)
	}
	versions := room[:0]
	for _, v := range r.Versions {
		versions = append(versions, engines.Version(v))
	}
	return engines.Reply{Outcome: outcome, Versions: versions}, nil
}

func wireGrant(g engines.Grant) grant {
	return grant{Order: g.Order, State: g.State.String(), Lines: wireLines(g.Lines)}
}

func (g *grant) plain() (engines.Grant, error) {
	state, known := stateNames[g.State]
	if !known {
		return engines.Grant{}, fmt.Errorf("state %q of order %d: expected one that a grant has", g.State, g.Order)
	}
	lines, err := plainLines(g.Lines)
	if !state.Open() {
		lines = nil
	}
	return engines.Grant{Order: g.Order, State: state, Lines: lines}, err
}
