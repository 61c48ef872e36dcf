package workload

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// Log is a shop's real order log, read as demand: its own clock, its own popularity, its own baskets.
type Log struct {
	Name     string
	SKUs     []string   // by engines.SKU, in the order in which the log first names them
	Orders   []LogOrder // by time; orders of the same time in the order of the log
	Rows     int        // after the header
	BadCount int        // rows that were left out
	Bad      []BadRow   // the first of them
	First    time.Time  // earliest and latest usable row
	Last     time.Time
}

// LogOrder is one order, or one credit note.
type LogOrder struct {
	At     time.Duration  // of its first row, since the midnight before Log.First
	Lines  []engines.Line // one a row, quantities above 0; an SKU may stand in several
	Return bool           // the units come back
}

// BadRow is a row that is no order line.
type BadRow struct {
	Line   int    // in the file, from 1
	Reason string // what was found and what was expected
}

// keptBadRows is how many bad rows a log describes.
const keptBadRows = 10

// midnight is when the log's clock starts.
func (l *Log) midnight() time.Time {
	y, m, d := l.First.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, l.First.Location())
}

// Span is the length of the log in whole days, from the midnight before its first row. Every order's At is less.
func (l *Log) Span() time.Duration {
	const day = 24 * time.Hour
	return l.Last.Sub(l.midnight())/day*day + day
}

// ReadLog reads an order log in CSV with a header row, plain or in gzip, which it tells by the first bytes.
// Rows of one order number become one order. Credit notes, which have a negative quantity or an order number that
// starts with C where others don't, become returns. Rows that are no order lines are counted and left out; strict makes the
// first one an error. A log without a usable row is an error.
func ReadLog(name string, r io.Reader, cols Columns, strict bool) (*Log, error) {
	text, err := plain(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	rows, err := newLogRows(name, text, cols)
	if err != nil {
		return nil, err
	}
	g := grouping{log: &Log{Name: name}, strict: strict, skus: map[string]engines.SKU{}, orders: map[orderKey]int{}}
	for {
		row, err := rows.next()
		if errors.Is(err, io.EOF) {
			return g.finish()
		}
		if err = g.add(row, err); err != nil {
			return nil, err
		}
	}
}

// plain unpacks r if it is gzip.
func plain(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := b.Peek(2); string(magic) != "\x1f\x8b" { // a shorter file is not gzip, and is refused as CSV
		return b, nil
	}
	z, err := gzip.NewReader(b)
	return z, unpackError(err)
}

// unpackError says in words what is wrong with gzip data, and leaves other errors as they are.
func unpackError(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the gzip data ends early: the file is truncated")
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt):
		return errors.New("the gzip data is damaged")
	}
	return err
}

// grouping gathers rows into orders.
type grouping struct {
	log      *Log
	strict   bool
	skus     map[string]engines.SKU
	orders   map[orderKey]int // index in orders
	found    []foundOrder
	plainOne bool // some order number doesn't start with C
}

// orderKey keeps what an order sells and what it gives back apart.
type orderKey struct {
	number    string
	givesBack bool
}

type foundOrder struct {
	key   orderKey
	at    time.Time
	lines []engines.Line
}

// add takes in one row, or the error that reading it gave. It returns an error that ends the reading.
func (g *grouping) add(row logRow, err error) error {
	var bad *BadRow
	switch {
	case err == nil:
		g.log.Rows++
		g.line(row)
		return nil
	case !errors.As(err, &bad):
		return fmt.Errorf("%s: after %d rows: %w", g.log.Name, g.log.Rows, unpackError(err))
	case g.strict:
		return fmt.Errorf("%s:%w", g.log.Name, bad)
	}
	g.log.Rows++
	g.log.BadCount++
	if len(g.log.Bad) < keptBadRows {
		g.log.Bad = append(g.log.Bad, *bad)
	}
	return nil
}

func (g *grouping) line(row logRow) {
	l := g.log
	if l.First.IsZero() || row.at.Before(l.First) {
		l.First = row.at
	}
	if row.at.After(l.Last) {
		l.Last = row.at
	}
	key := orderKey{row.order, row.quantity < 0}
	i, known := g.orders[key]
	if !known {
		i = len(g.found)
		key.number = strings.Clone(key.number) // the row's text would keep its whole line alive
		g.orders[key] = i
		g.found = append(g.found, foundOrder{key: key, at: row.at})
		g.plainOne = g.plainOne || !strings.HasPrefix(key.number, "C")
	}
	g.found[i].lines = append(g.found[i].lines, engines.Line{SKU: g.sku(row.sku), Qty: max(row.quantity, -row.quantity)})
}

func (g *grouping) sku(name string) engines.SKU {
	s, known := g.skus[name]
	if !known {
		s = engines.SKU(len(g.log.SKUs))
		name = strings.Clone(name)
		g.skus[name] = s
		g.log.SKUs = append(g.log.SKUs, name)
	}
	return s
}

func (g *grouping) finish() (*Log, error) {
	l := g.log
	if len(g.found) == 0 {
		err := fmt.Errorf("%s: no usable row in %d: expected order lines after the header", l.Name, l.Rows)
		if len(l.Bad) > 0 {
			err = fmt.Errorf("%w; the first bad one is %s:%w", err, l.Name, &l.Bad[0])
		}
		return nil, err
	}
	slices.SortStableFunc(g.found, func(a, b foundOrder) int { return a.at.Compare(b.at) })
	start := l.midnight()
	for _, f := range g.found {
		// A shop may number all its orders with a C, so the letter alone says nothing unless other orders lack it.
		credit := f.key.givesBack || g.plainOne && strings.HasPrefix(f.key.number, "C")
		l.Orders = append(l.Orders, LogOrder{At: f.at.Sub(start), Lines: f.lines, Return: credit})
	}
	return l, nil
}
