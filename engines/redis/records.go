package redis

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/doorbuster/doorbuster/engines"
)

// order is an order's record: state|deadline|sku,pool,qty;… and the state alone once it binds no units.
type order struct {
	raw      string // as it was read; empty if there is none
	state    engines.GrantState
	deadline int64 // nanoseconds of the day
	lines    []key
}

func parseOrder(raw string) (o order, err error) {
	o.raw = raw
	if raw == "" {
		return o, nil
	}
	state, rest, _ := strings.Cut(raw, "|")
	deadline, rest, _ := strings.Cut(rest, "|")
	if len(state) != 1 || state < "1" || state > "6" {
		return o, fmt.Errorf("the record of an order is %q: want state|deadline|lines", raw)
	}
	if o.state = engines.GrantState(state[0] - '0'); !o.state.Open() {
		return o, nil
	}
	if o.deadline, err = strconv.ParseInt(deadline, 10, 64); err != nil {
		return o, fmt.Errorf("the record of an order is %q: its deadline: %w", raw, err)
	}
	err = eachRow(rest, func(n []int64) {
		o.lines = append(o.lines, key{sku: engines.SKU(n[0]), pool: engines.Channel(n[1]), qty: n[2], delta: n[2]})
	}, 3)
	return o, err
}

// record is the order with its state changed to s.
func (o *order) record(s engines.GrantState) string {
	text := []byte{'0' + byte(s)}
	if !s.Open() {
		return string(text)
	}
	text = append(text, '|')
	text = strconv.AppendInt(text, o.deadline, 10)
	text = append(text, '|')
	for _, k := range o.lines {
		text = append(appendPlace(text, k), strconv.FormatInt(k.qty, 10)...)
		text = append(text, ';')
	}
	return string(text)
}

// place is how a stock key begins in records and in what scripts are told.
func place(k key) string { return string(appendPlace(nil, k)) }

func appendPlace(text []byte, k key) []byte {
	text = strconv.AppendUint(text, uint64(k.sku), 10)
	text = append(text, ',')
	text = strconv.AppendUint(text, uint64(k.pool), 10)
	return append(text, ',')
}

// reply is the record of an operation: fingerprint|outcome|sku,pool,seq,after;…
type reply struct {
	print    string
	outcome  engines.Outcome
	versions string
}

func parseReply(raw string) (r reply, err error) {
	var outcome string
	r.print, outcome, _ = strings.Cut(raw, "|")
	if len(outcome) < 2 {
		return r, fmt.Errorf("the record of an operation is %q: want fingerprint|outcome|versions", raw)
	}
	r.outcome = engines.Outcome(outcome[0] - '0')
	r.versions = outcome[2:]
	return r, nil
}

// add appends the reply's versions to out.
func (r reply) add(out []engines.Version) ([]engines.Version, error) {
	err := eachRow(r.versions, func(n []int64) {
		out = append(out, engines.Version{SKU: engines.SKU(n[0]), Pool: engines.Channel(n[1]), Seq: uint64(n[2]), After: n[3]})
	}, 4)
	return out, err
}

// eachRow calls f with the numbers of each row of text, as many as columns.
func eachRow(text string, f func(n []int64), columns int) error {
	var n [4]int64
	for text != "" {
		var row string
		row, text, _ = strings.Cut(text, ";")
		for i := range columns {
			var cell string
			var err error
			cell, row, _ = strings.Cut(row, ",")
			if n[i], err = strconv.ParseInt(cell, 10, 64); err != nil {
				return fmt.Errorf("a record has %q where %d numbers should be: %w", cell, columns, err)
			}
		}
		f(n[:columns])
	}
	return nil
}
