package reports

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"github.com/doorbuster/doorbuster/sim/result"
)

// content is what a link of a page holds.
func content(t *testing.T, d download) []byte {
	t.Helper()
	_, encoded, ok := strings.Cut(string(d.Address), ";base64,")
	if !ok {
		t.Fatalf("%s is not in the page: %.60s", d.Name, d.Address)
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(d.Name, ".gz") {
		return raw
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if raw, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestPageCarriesItsResult(t *testing.T) {
	f := shopFixture(t, 1)
	all, err := downloads(f)
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	var back result.File
	if err := json.Unmarshal(content(t, all[1]), &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back.Runs[0].Series, f.Runs[0].Series) || back.Demand.ConfigHash != f.Demand.ConfigHash {
		t.Error("the result that the page carries is another one")
	}
	rows, err := csv.NewReader(bytes.NewReader(content(t, all[0]))).ReadAll()
	if err != nil || len(rows) != 1+len(f.Runs) {
		t.Fatalf("%d rows, %v: want a head and %d runs", len(rows), err, len(f.Runs))
	}
	if i := column(rows[0], "latency_ms.intended.p99"); i < 0 || rows[1][i] == "0" || rows[1][i] == "" {
		t.Errorf("no p99 in %v", rows[0])
	}
	if i := column(rows[0], "units.oversold.by_cause.display"); i < 0 || rows[1][i] != "5897" {
		t.Errorf("no oversold units by display in %v", rows[0])
	}
	if page := pageOf(t, f); !strings.Contains(page, `<a download="casestudy__test_data_.csv" href="data:text/csv;base64,`) {
		t.Error("the page has no link to it")
	}
}

func column(head []string, name string) int {
	for i, h := range head {
		if h == name {
			return i
		}
	}
	return -1
}

func TestPageOfALargeResultCarriesItsFigures(t *testing.T) {
	f := fourSeeds(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range f.Runs { // what can't be packed
		f.Runs[i].Series.P99MS = make([]float64, 1440)
		for j := range f.Runs[i].Series.P99MS {
			f.Runs[i].Series.P99MS[j] = rnd.Float64()
		}
	}
	all, err := downloads(f)
	if err != nil {
		t.Fatal(err)
	}
	var back result.File
	if err := json.Unmarshal(content(t, all[1]), &back); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(all[1].About, "without its series") || len(back.Runs) != 40 || back.Runs[3].Series.Asked != nil || back.Runs[3].Units != f.Runs[3].Units {
		t.Errorf("%q with %d runs", all[1].About, len(back.Runs))
	}
	if f.Runs[3].Series.Asked == nil {
		t.Error("what was left out of the page is gone from the result too")
	}
}

func TestNamesAreNoFormulas(t *testing.T) {
	f := fixture(t)
	f.Runs[0].Engine, f.Runs[1].Engine, f.Runs[2].Variant = "=HYPERLINK(1)", "@x", "+a,\"b\"\n"
	f.Runs[3].Shop.Money.Currency, f.Runs[3].Shop.Money.Total = "-$", -5
	var b bytes.Buffer
	if err := figuresCSV(&b, f); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if rows[1][0] != "'=HYPERLINK(1)" || rows[2][0] != "'@x" || rows[3][1] != "'+a,\"b\"\n" {
		t.Errorf("names are %q, %q and %q", rows[1][0], rows[2][0], rows[3][1])
	}
	if got := rows[4][column(rows[0], "money.total")]; got != "-5" {
		t.Errorf("a negative figure is written as %q", got)
	}
	if got := rows[4][column(rows[0], "money.currency")]; got != "'-$" {
		t.Errorf("the currency is %q", got)
	}
}

// TestABrowserSavesTheRawData clicks the links: the page's policy forbids it to load anything, and must not forbid that.
func TestABrowserSavesTheRawData(t *testing.T) {
	f := shortened(shopFixture(t, 1))
	b, dir := openPage(t, pageOf(t, f)), t.TempDir()
	done := make(chan string, 8)
	chromedp.ListenTarget(b.ctx, func(event any) {
		if e, ok := event.(*cdpbrowser.EventDownloadProgress); ok && e.State != cdpbrowser.DownloadProgressStateInProgress {
			done <- e.State.String()
		}
	})
	do(t, b, cdpbrowser.SetDownloadBehavior(cdpbrowser.SetDownloadBehaviorBehaviorAllow).WithDownloadPath(dir).WithEventsEnabled(true))
	want, err := downloads(f)
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range want {
		eval[bool](t, b, fmt.Sprintf("document.querySelectorAll('a[download]')[%d].click(), true", i))
		select {
		case state := <-done:
			if state != "completed" {
				t.Fatalf("%s: %s", d.Name, state)
			}
		case <-b.ctx.Done():
			t.Fatalf("%s was not saved", d.Name)
		}
		if saved, err := os.ReadFile(filepath.Join(dir, d.Name)); err != nil || len(saved) < 100 {
			t.Errorf("%s: %d bytes, %v", d.Name, len(saved), err)
		}
	}
}
