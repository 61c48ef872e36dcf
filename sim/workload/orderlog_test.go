package workload

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

var ownColumns = Columns{Time: "placed", Order: "order", SKU: "item", Quantity: "units"}

func ownLog(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/orders.csv")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func readLog(t testing.TB, text string) (*Log, error) {
	t.Helper()
	return ReadLog("log.csv", strings.NewReader(text), ownColumns, false)
}

func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// lines counts the order lines of the orders that were, or were not, returns.
func (l *Log) lines(returns bool) (orders, lines int) {
	for _, o := range l.Orders {
		if o.Return == returns {
			orders++
			lines += len(o.Lines)
		}
	}
	return orders, lines
}

func TestReadLog(t *testing.T) {
	for name, data := range map[string][]byte{"plain": ownLog(t), "gzip": zipped(t, ownLog(t))} {
		l, err := ReadLog(name, bytes.NewReader(data), ownColumns, false)
		if err != nil {
			t.Fatal(err)
		}
		orders, lines := l.lines(false)
		returned, returnedLines := l.lines(true)
		got := []int{l.Rows, l.BadCount, orders, lines, returned, returnedLines, len(l.SKUs)}
		if want := []int{62, 7, 27, 52, 2, 3, 8}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: rows, bad, orders, lines, returns, their lines, SKUs: got %v, want %v", name, got, want)
		}
		if l.Span() != 48*time.Hour {
			t.Errorf("%s: span %v, want 48h", name, l.Span())
		}
	}
}

func TestReadLogGroupsRowsOfAnOrder(t *testing.T) {
	l, err := readLog(t, `placed,order,item,units
2024-11-02 10:00:00,A2,mug,1
2024-11-02 09:00:00,A1,hat,2
2024-11-02 10:05:00,A2,hat,3
2024-11-02 10:05:00,A2,mug,4
2024-11-02 11:00:00,A2,mug,-1
2024-11-02 12:00:00,C9,mug,5
`)
	if err != nil {
		t.Fatal(err)
	}
	mug, hat := engines.SKU(0), engines.SKU(1)
	want := []LogOrder{
		{At: 9 * time.Hour, Lines: []engines.Line{{SKU: hat, Qty: 2}}},
		{At: 10 * time.Hour, Lines: []engines.Line{{SKU: mug, Qty: 1}, {SKU: hat, Qty: 3}, {SKU: mug, Qty: 4}}},
		{At: 11 * time.Hour, Lines: []engines.Line{{SKU: mug, Qty: 1}}, Return: true},
		{At: 12 * time.Hour, Lines: []engines.Line{{SKU: mug, Qty: 5}}, Return: true},
	}
	if !reflect.DeepEqual(l.Orders, want) {
		t.Errorf("got %v\nwant %v", l.Orders, want)
	}
	if !reflect.DeepEqual(l.SKUs, []string{"mug", "hat"}) {
		t.Errorf("SKUs: got %v", l.SKUs)
	}
}

func TestReadLogWhoseOrdersAllStartWithC(t *testing.T) {
	l, err := readLog(t, "placed,order,item,units\n2024-11-02 10:00,C1,mug,1\n2024-11-02 10:01,C2,mug,-1\n")
	if err != nil {
		t.Fatal(err)
	}
	if l.Orders[0].Return || !l.Orders[1].Return {
		t.Errorf("got %v, want the second alone to be a return", l.Orders)
	}
}

func TestReadLogDescribesBadRows(t *testing.T) {
	l, err := readLog(t, string(ownLog(t)))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []BadRow{
		{7, "quantity 0: expected units sold"}, {13, `time "02.11.2024 9 o'clock": expected`}, {20, "no SKU"},
		{35, `quantity "two": expected a whole number`}, {49, "quantity 2000000: expected at most 1000000"},
		{56, "no order number"}, {63, "2 fields: expected at least 5"},
	} {
		if got := l.Bad[i]; got.Line != want.Line || !strings.HasPrefix(got.Reason, want.Reason) {
			t.Errorf("bad row %d: got %v, want %v", i, got, want)
		}
	}
}

func TestReadLogKeepsTheFirstTenBadRows(t *testing.T) {
	l, err := readLog(t, "placed,order,item,units\n2024-11-02 10:00,1,mug,1\n"+strings.Repeat("x\n", 25))
	if err != nil {
		t.Fatal(err)
	}
	if l.BadCount != 25 || len(l.Bad) != 10 || l.Rows != 26 {
		t.Errorf("got %d bad, %d kept, %d rows, want 25, 10, 26", l.BadCount, len(l.Bad), l.Rows)
	}
}

func TestReadLogRowsThatAreNotCSV(t *testing.T) {
	l, err := readLog(t, "placed,order,item,units\n2024-11-02 10:00,1,mug,1\n2024-11-02 10:00,1,m\"ug,1\n2024-11-02 10:01,2,mug,1\n")
	if err != nil {
		t.Fatal(err)
	}
	if l.BadCount != 1 || l.Bad[0].Line != 3 || len(l.Orders) != 2 {
		t.Errorf("got bad %v and orders %v, want line 3 bad and two orders", l.Bad, l.Orders)
	}
}

func TestReadLogStrict(t *testing.T) {
	_, err := ReadLog("orders.csv", bytes.NewReader(ownLog(t)), ownColumns, true)
	if err == nil || !strings.HasPrefix(err.Error(), "orders.csv:7: quantity 0: expected") {
		t.Errorf("got %v, want the first bad row, line 7", err)
	}
	good := "placed,order,item,units\n2024-11-02 10:00,1,mug,1\n"
	if _, err := ReadLog("good.csv", strings.NewReader(good), ownColumns, true); err != nil {
		t.Errorf("a log without bad rows: %v", err)
	}
}

func TestReadLogTimes(t *testing.T) {
	want := time.Date(2011, 11, 30, 8, 26, 0, 0, time.UTC)
	for _, text := range []string{
		"2011-11-30T08:26:00Z", "2011-11-30T09:26:00+01:00", "2011-11-30 08:26:00", "2011-11-30T08:26:00",
		"2011-11-30 08:26", "11/30/2011 8:26", "1322641560",
	} {
		l, err := readLog(t, "placed,order,item,units\n"+text+",1,mug,1\n")
		if err != nil || !l.First.Equal(want) {
			t.Errorf("%s: got %v, %v", text, l, err)
		}
	}
	for _, text := range []string{"", "30/11/2011 8:26", "12", "2011", "0001-01-01 00:00:00", "99999999999999"} {
		if l, err := readLog(t, "placed,order,item,units\n"+text+",1,mug,1\n"); err == nil {
			t.Errorf("%q: accepted as %v", text, l.First)
		}
	}
}

func TestReadLogQuantities(t *testing.T) {
	for text, want := range map[string]int32{"1": 1, "-3": 3, " 80995 ": 80995, "1000000": 1_000_000} {
		l, err := readLog(t, "placed,order,item,units\n2024-11-02 10:00,1,mug,"+text+"\n")
		if err != nil || l.Orders[0].Lines[0].Qty != want {
			t.Errorf("%q: got %v, %v, want %d", text, l, err, want)
		}
	}
	for _, text := range []string{"0", "1.5", "", "1000001", "-1000001", "9223372036854775808", "NaN"} {
		if _, err := readLog(t, "placed,order,item,units\n2024-11-02 10:00,1,mug,"+text+"\n"); err == nil {
			t.Errorf("%q: accepted", text)
		}
	}
}

func TestReadLogErrors(t *testing.T) {
	whole := zipped(t, ownLog(t))
	damaged := bytes.Clone(whole)
	damaged[len(damaged)-8] ^= 0xff // the first byte of the checksum
	for name, c := range map[string]struct{ data, want string }{
		"empty":         {"", "log.csv: empty: expected a header row"},
		"no column":     {"placed,order,itme,units\n", `log.csv:1: no column "item" for sku: did you mean "itme"? The header has placed, order, itme, units`},
		"header alone":  {"placed,order,item,units\n", "log.csv: no usable row in 0"},
		"bad rows only": {"placed,order,item,units\n1,2\n", "log.csv: no usable row in 1: expected order lines after the header; the first bad one is log.csv:2: 2 fields"},
		"truncated":     {string(whole[:len(whole)-20]), "the gzip data ends early: the file is truncated"},
		"a stub":        {string(whole[:5]), "log.csv: the gzip data ends early: the file is truncated"},
		"damaged":       {string(damaged), "log.csv: after 62 rows: the gzip data is damaged"},
		"not gzip":      {"\x1f\x8bplain text", "log.csv: the gzip data"},
	} {
		if _, err := readLog(t, c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

type failing struct{ io.Reader }

var errDisk = errors.New("disk on fire")

func (f failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = errDisk
	}
	return n, err
}

func TestReadLogPassesReadErrorsOn(t *testing.T) {
	if _, err := ReadLog("log.csv", failing{bytes.NewReader(ownLog(t))}, ownColumns, false); !errors.Is(err, errDisk) {
		t.Errorf("got %v, want %v", err, errDisk)
	}
}

func TestReadLogWithByteOrderMark(t *testing.T) {
	if _, err := readLog(t, "\ufeffplaced,order,item,units\n2024-11-02 10:00,1,mug,1\n"); err != nil {
		t.Error(err)
	}
}

func TestParseColumns(t *testing.T) {
	got, err := ParseColumns("sku=StockCode, time=InvoiceDate,quantity=Quantity,order=InvoiceNo")
	if want := (Columns{"InvoiceDate", "InvoiceNo", "StockCode", "Quantity"}); err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for text, want := range map[string]string{
		"":                              `"": expected time=NAME`,
		"time":                          `"time": expected time=NAME`,
		"time=":                         `"time=": expected time=NAME`,
		"tiem=a":                        `"tiem" is not known: did you mean "time"? Valid: time, order, sku, quantity`,
		"time=a,time=b":                 `time is named twice: "a" and "b"`,
		"time=a,order=b,sku=c":          "quantity is missing",
		"time=a,order=b,sku=c,qty=d":    `"qty" is not known: did you mean`,
		"order=b,sku=c,quantity=d,=abc": `"" is not known`,
	} {
		if _, err := ParseColumns(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func realLog(t *testing.T) *Log {
	t.Helper()
	folder := os.Getenv("DOORBUSTER_DATA")
	if folder == "" {
		t.Skip("NOT RUN on a real order log: set DOORBUSTER_DATA to a folder that holds online-retail-2011-11.csv.gz " +
			"(UCI Online Retail, rows of 2011-11-01 to 2011-12-09)")
	}
	f, err := os.Open(filepath.Join(folder, "online-retail-2011-11.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l, err := ReadLog("online-retail", f, Columns{"InvoiceDate", "InvoiceNo", "StockCode", "Quantity"}, false)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestRealLog(t *testing.T) {
	l := realLog(t)
	sales, lines := l.lines(false)
	returns, returned := l.lines(true)
	if l.Rows != 110236 || lines+returned+l.BadCount != l.Rows {
		t.Errorf("%d sold and %d returned and %d bad lines of %d rows: want all of 110236", lines, returned, l.BadCount, l.Rows)
	}
	// Counted apart from this reader: 3,723 order numbers have a positive quantity, 1,603 rows a negative one.
	if sales != 3723 || returned != 1603 || returns == 0 {
		t.Errorf("%d orders, %d returns of %d lines: want 3723 orders and 1603 returned lines", sales, returns, returned)
	}
	largest := int32(0)
	for i, o := range l.Orders {
		if o.At < 0 || o.At >= l.Span() || i > 0 && o.At < l.Orders[i-1].At {
			t.Fatalf("order %d at %v is out of order or outside the span of %v", i, o.At, l.Span())
		}
		for _, line := range o.Lines {
			largest = max(largest, line.Qty)
		}
	}
	if largest != 80995 {
		t.Errorf("largest line %d: want the real 80995 to be kept", largest)
	}
}

// TestDemandProfileIsAsMeasured holds the profile blackfriday to what it says of its hours 8 to 16.
func TestDemandProfileIsAsMeasured(t *testing.T) {
	l := realLog(t)
	perHour := make([]float64, 24)
	for _, o := range l.Orders {
		if !o.Return {
			perHour[int(o.At.Hours())%24]++
		}
	}
	for _, name := range []string{"blackfriday", "steady"} {
		sc, err := scenarios.Load(name, []string{"memory/naive"}, []string{"engines=[all]", "control=naive"})
		if err != nil {
			t.Fatal(err)
		}
		for h := 8; h <= 16; h++ {
			if mean := (perHour[h-1] + perHour[h] + perHour[h+1]) / 3; math.Abs(sc.Demand.Hourly[h]-mean) > 0.5 {
				t.Errorf("%s: hour %d has weight %g, measured %.1f", name, h, sc.Demand.Hourly[h], mean)
			}
		}
	}
}

func FuzzReadLog(f *testing.F) {
	f.Add(ownLog(f), false)
	f.Add(zipped(f, ownLog(f)), true)
	f.Add([]byte("placed,order,item,units\n2024-11-02 10:00,C1,mug,-1\n1322641560,1,\"a\nb\",1\n"), false)
	f.Add([]byte("\x1f\x8b\x08"), false)
	f.Fuzz(func(t *testing.T, data []byte, strict bool) {
		l, err := ReadLog("log.csv", bytes.NewReader(data), ownColumns, strict)
		if (l == nil) == (err == nil) {
			t.Fatalf("got %v and %v, want one of them", l, err)
		}
		if err != nil {
			return
		}
		_, sold := l.lines(false)
		_, returned := l.lines(true)
		if sold+returned+l.BadCount != l.Rows {
			t.Fatalf("%d sold, %d returned, %d bad of %d rows", sold, returned, l.BadCount, l.Rows)
		}
		for _, o := range l.Orders {
			if o.At < 0 || o.At >= l.Span() || len(o.Lines) == 0 {
				t.Fatalf("order %+v in a span of %v", o, l.Span())
			}
		}
	})
}
