package workload

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// logRow is one usable row. Its strings share memory with the whole row.
type logRow struct {
	at       time.Time
	order    string
	sku      string
	quantity int32 // not 0
}

// logRows reads the rows of an order log one by one.
type logRows struct {
	csv    *csv.Reader
	places []int // of time, order, sku, quantity
	layout string
}

// newLogRows reads the header.
func newLogRows(name string, r io.Reader, cols Columns) (*logRows, error) {
	c := csv.NewReader(r)
	c.FieldsPerRecord = -1 // a row of another length is a bad row, not the end of the file
	c.ReuseRecord = true
	header, err := c.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%s: empty: expected a header row and order lines", name)
	case err != nil:
		return nil, fmt.Errorf("%s: the header row: %w", name, unpackError(err))
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	places, err := cols.find(header)
	if err != nil {
		return nil, fmt.Errorf("%s:1: %w", name, err)
	}
	return &logRows{csv: c, places: places}, nil
}

// Error prints the row's line and what is wrong with it.
func (b *BadRow) Error() string { return fmt.Sprintf("%d: %s", b.Line, b.Reason) }

// next is the next row. The error is io.EOF, a *BadRow after which reading goes on, or what ends it.
func (l *logRows) next() (logRow, error) {
	record, err := l.csv.Read()
	var malformed *csv.ParseError
	if errors.As(err, &malformed) {
		return logRow{}, &BadRow{malformed.StartLine, malformed.Err.Error()}
	}
	if err != nil {
		return logRow{}, err
	}
	line, _ := l.csv.FieldPos(0)
	if need := slices.Max(l.places) + 1; len(record) < need {
		return logRow{}, &BadRow{line, fmt.Sprintf("%d fields: expected at least %d", len(record), need)}
	}
	row, err := l.parse(record)
	if err != nil {
		return logRow{}, &BadRow{line, err.Error()}
	}
	return row, nil
}

func (l *logRows) parse(record []string) (logRow, error) {
	text := func(role int) string { return strings.TrimSpace(record[l.places[role]]) }
	at, err := l.time(text(0))
	if err != nil {
		return logRow{}, err
	}
	row := logRow{at: at, order: text(1), sku: text(2)}
	if row.order == "" {
		return logRow{}, errors.New("no order number")
	}
	if row.sku == "" {
		return logRow{}, errors.New("no SKU")
	}
	row.quantity, err = logQuantity(text(3))
	return row, err
}

// maxLogQuantity is the largest quantity taken as meant. Real logs have lines of 80,995.
const maxLogQuantity = 1_000_000

func logQuantity(text string) (int32, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return 0, fmt.Errorf("quantity %q: expected a whole number", text)
	case n == 0:
		return 0, errors.New("quantity 0: expected units sold, or below 0 units that come back")
	case n > maxLogQuantity || n < -maxLogQuantity:
		return 0, fmt.Errorf("quantity %d: expected at most %d", n, maxLogQuantity)
	}
	return int32(n), nil
}

// unixSeconds stands for a layout that time.Parse doesn't know.
const unixSeconds = "unix seconds"

var logLayouts = []string{
	time.DateTime, time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04", "1/2/2006 15:04", unixSeconds,
}

// Years outside are not an order's, but another column's.
const (
	firstLogYear = 1990
	lastLogYear  = 2100
)

// time reads a time in one of the layouts, the last one that fitted first.
func (l *logRows) time(text string) (time.Time, error) {
	at, err := parseLogTime(l.layout, text)
	for i := 0; err != nil && i < len(logLayouts); i++ {
		if at, err = parseLogTime(logLayouts[i], text); err == nil {
			l.layout = logLayouts[i]
		}
	}
	if err != nil {
		return at, fmt.Errorf("time %q: expected it as 2006-01-02 15:04:05, 1/2/2006 15:04 (month first), RFC 3339 or Unix seconds", text)
	}
	if y := at.Year(); y < firstLogYear || y > lastLogYear {
		return at, fmt.Errorf("time %q is in the year %d: expected %d to %d", text, y, firstLogYear, lastLogYear)
	}
	return at, nil
}

func parseLogTime(layout, text string) (time.Time, error) {
	if layout == unixSeconds {
		n, err := strconv.ParseInt(text, 10, 64)
		return time.Unix(n, 0).UTC(), err
	}
	return time.Parse(layout, text)
}
