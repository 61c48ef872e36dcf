package result

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"
)

// segmented is one part of a wall run, with so many samples a kind of latency.
func segmented(t failer, share string, samples ...int64) Run {
	t.Helper()
	r := sampleRun("postgres/queue", nil)
	r.Mode, r.Segment, r.Wall = Wall, share, WallDay{DurationS: 10, Scale: 0.1, SKUs: 5, DemandShare: 1, InFlightLimit: 100, PeakPerS: 50}
	r.Units = Units{Opening: 100, Received: 5, Supply: 105, Asked: 60, Promised: 40, Stranded: 3}
	r.Orders = Orders{Asked: 50, Promised: 40, Refused: 10, RefusedFalsely: 2, RefusedBy: map[string]int64{"sold out": 10}, Cancelled: Cancelled{SellerOversold: 1}}
	r.Series = Series{IntervalS: 1, Asked: []int64{20, 30}, OperationsPerS: []float64{20, 30}, P99MS: []float64{4, 8}}
	r.Load = Load{Planned: 50, Started: 49, Dropped: 1, LagMSP99: 0.4, PeakPerS: 30}
	h := histogramOf(t, samples)
	text := encoded(t, h)
	for _, to := range []*string{&r.Histograms.IntendedServed, &r.Histograms.ServiceServed, &r.Histograms.IntendedRefused, &r.Histograms.ServiceRefused} {
		*to = text
	}
	for _, to := range []*Percentiles{&r.LatencyMS.Intended, &r.LatencyMS.Service, &r.RefusedMS.Intended, &r.RefusedMS.Service} {
		*to = percentilesOf(h)
	}
	return r
}

func histogramOf(t failer, samples []int64) *hdrhistogram.Histogram {
	t.Helper()
	h := hdrhistogram.New(1, 3_600_000_000, 3)
	for _, us := range samples {
		if err := h.RecordValue(us); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func encoded(t failer, h *hdrhistogram.Histogram) string {
	t.Helper()
	text, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func fileOf(runs ...Run) *File {
	return &File{Schema: SchemaName, Scenario: "sample", Complete: true, Card: Card{Commit: "a1"}, Demand: Demand{Scale: 0.1, ConfigHash: "abc"}, Runs: runs}
}

func parts(files ...*File) (all []Part) {
	for i, f := range files {
		all = append(all, Part{fmt.Sprintf("part%d.json", i+1), f})
	}
	return all
}

// Merging the parts of a run equals having had one histogram for all of its samples, however they were dealt out.
func TestMergedHistogramIsThatOfAllSamples(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 3).Draw(t, "segments")
		samples := rapid.SliceOf(rapid.Int64Range(1, 3_600_000_000)).Draw(t, "samples")
		dealt := make([][]int64, n)
		for _, us := range samples {
			to := rapid.IntRange(0, n-1).Draw(t, "to")
			dealt[to] = append(dealt[to], us)
		}
		var files []*File
		for i := range n {
			files = append(files, fileOf(segmented(t, fmt.Sprintf("%d/%d:%d/%d", i, n, i+1, n), dealt[i]...)))
		}
		rand.New(rand.NewPCG(uint64(n), 1)).Shuffle(n, func(i, j int) { files[i], files[j] = files[j], files[i] })
		merged, err := Merge(parts(files...))
		if err != nil {
			t.Fatal(err)
		}
		all := histogramOf(t, samples)
		r := &merged.Runs[0]
		for _, got := range []string{r.Histograms.IntendedServed, r.Histograms.ServiceServed, r.Histograms.IntendedRefused, r.Histograms.ServiceRefused} {
			if h, err := hdrhistogram.Decode([]byte(got)); err != nil || !h.Equals(all) {
				t.Fatalf("the merged histogram is another than that of all samples (%v)", err)
			}
		}
		if want := percentilesOf(all); r.LatencyMS.Intended != want || r.RefusedMS.Service != want {
			t.Fatalf("percentiles %+v, want %+v", r.LatencyMS.Intended, want)
		}
	})
}

// failer is what helpers need of a test or a property.
type failer interface {
	Helper()
	Fatal(args ...any)
}

func TestSegmentsBecomeOneRun(t *testing.T) {
	a, b := segmented(t, "0:1/3", 1000, 2000), segmented(t, "1/3:1", 9000)
	a.Checks = []Check{{Name: "oversold", Promised: true, Verdict: Pass, Evidence: 4}, {Name: "versions", Verdict: NotChecked}, {Name: "once", Verdict: Pass}}
	b.Checks = []Check{{Name: "oversold", Promised: true, Verdict: Pass, Evidence: 5}, {Name: "versions", Verdict: NotChecked}, {Name: "once", Verdict: Fail, Actual: "1 twice"}}
	b.Units.Oversold, b.Series.Asked = Oversold{Min: 2, Max: 2, ByCause: ByCause{Engine: 2}}, []int64{1, 2, 3}
	f, err := Merge(parts(fileOf(b), fileOf(a)))
	if err != nil {
		t.Fatal(err)
	}
	r := f.Runs[0]
	if len(f.Runs) != 1 || !f.Complete || !r.Complete || r.Segment != "" {
		t.Fatalf("%d runs, complete %v, segment %q", len(f.Runs), f.Complete, r.Segment)
	}
	want := Units{Opening: 100, Received: 10, Supply: 110, Asked: 120, Promised: 80, Stranded: 3, Oversold: Oversold{Min: 2, Max: 80, ByCause: ByCause{Engine: 2}}}
	if r.Units != want {
		t.Errorf("units %+v\nwant  %+v", r.Units, want)
	}
	if r.Orders.Asked != 100 || r.Orders.RefusedBy["sold out"] != 20 || r.Contention["retries"] != 14 || r.Channels[0].Asked != 20 || r.Hot[0].Asked != 100 {
		t.Errorf("counts were not added: %+v %v %+v %+v", r.Orders, r.Contention, r.Channels, r.Hot)
	}
	if r.Rates.Conversion != 0.8 || r.Rates.Cancellation != 2.0/80 || r.Rates.FillRate != 78.0/120 {
		t.Errorf("rates were not worked out again: %+v", r.Rates)
	}
	if !slices.Equal(r.Series.Asked, []int64{21, 32, 3}) || !slices.Equal(r.Series.P99MS, []float64{4, 8, 0}) || r.Load.PeakPerS != 60 || r.Load.Dropped != 2 || r.Load.LagMSP99 != 0.4 {
		t.Errorf("series %+v, load %+v", r.Series, r.Load)
	}
	if r.LatencyMS.Intended.Count != 3 || r.LatencyMS.Intended.Max < 8.9 {
		t.Errorf("latency %+v", r.LatencyMS.Intended)
	}
	var verdicts []string
	for _, c := range r.Checks {
		verdicts = append(verdicts, c.Name+" "+c.Verdict)
	}
	if got := strings.Join(verdicts, ", "); got != "oversold unknown, versions not_checked, once fail" || r.Verdict != Unknown {
		t.Errorf("checks %s; verdict %s", got, r.Verdict)
	}
	if a.Orders.RefusedBy["sold out"] != 10 || a.Contention["retries"] != 7 || a.Hot[0].Asked != 50 {
		t.Error("Merge changed a part")
	}
}

func TestWhatIsMissingMakesTheWholeIncomplete(t *testing.T) {
	cut := segmented(t, "1/2:1", 5)
	cut.Complete, cut.Valid, cut.Invalid = false, false, []string{"It did not run to its end."}
	for name, c := range map[string]struct {
		files []*File
		want  string
	}{
		"a hole":     {[]*File{fileOf(segmented(t, "1/4", 5)), fileOf(segmented(t, "1/2:3/4", 5))}, "Segments of the demand are missing: 1/4:1/2, 3/4:1."},
		"one alone":  {[]*File{fileOf(segmented(t, "1/3:2/3", 5))}, "missing: 0:1/3, 2/3:1"},
		"a part cut": {[]*File{fileOf(segmented(t, "0:1/2", 5)), fileOf(cut)}, "Segment 1/2:1: It did not run to its end."},
	} {
		f, err := Merge(parts(c.files...))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		r := f.Runs[0]
		if f.Complete || r.Complete || r.Valid || r.Verdict != Unknown || !strings.Contains(strings.Join(r.Invalid, " "), c.want) {
			t.Errorf("%s: complete %v %v, valid %v, verdict %s, invalid %q", name, f.Complete, r.Complete, r.Valid, r.Verdict, r.Invalid)
		}
	}
}

func TestShardsAreJoined(t *testing.T) {
	control := sampleRun("memory/naive", func(r *Run) { r.IsControl = true })
	asked := sampleRun("memory/naive", nil)
	f, err := Merge(parts(
		fileOf(sampleRun("memory/queue", nil), control),
		fileOf(sampleRun("memory/quota", nil), control),
		fileOf(sampleRun("memory/queue", func(r *Run) { r.Seed = 2 }), asked)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range f.Runs {
		names = append(names, fmt.Sprint(r.Engine, r.Seed, r.IsControl))
	}
	if want := []string{"memory/queue1 false", "memory/naive1 false", "memory/quota1 false", "memory/queue2 false"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	if !reflect.DeepEqual(f.Runs[1], asked) {
		t.Error("a run that somebody asked for gave way to a control")
	}
}

func TestMergeRefuses(t *testing.T) {
	whole, other := fileOf(sampleRun("memory/queue", nil)), fileOf(sampleRun("memory/quota", nil))
	other.Demand.ConfigHash = "xyz"
	second := func() Run { return segmented(t, "1/2:1", 5) }
	moreStock, lost, damaged, longer, shop := second(), second(), second(), second(), second()
	shop.Shop.Modelled = true
	moreStock.Units.Opening = 7
	lost.Histograms.ServiceRefused = ""
	damaged.Histograms.IntendedServed = encoded(t, histogramOf(t, []int64{1, 2, 3}))
	longer.Wall.DurationS = 60
	half := fileOf(segmented(t, "0:1/2", 5))
	for name, c := range map[string]struct {
		files []*File
		want  string
	}{
		"nothing":         {nil, "nothing to merge"},
		"the same twice":  {[]*File{whole, whole}, "memory/queue virtual seed 1 is in part1.json and in part2.json, and is no segment"},
		"another demand":  {[]*File{whole, other}, "they differ in configuration: abc and xyz"},
		"overlap":         {[]*File{half, fileOf(segmented(t, "1/4:3/4", 5))}, "segment 0:1/2 of part1.json and segment 1/4:3/4 of part2.json overlap"},
		"whole and part":  {[]*File{half, fileOf(segmented(t, "", 5))}, "is a whole run in part2.json and a segment elsewhere"},
		"no segment":      {[]*File{fileOf(segmented(t, "2/4:1/4", 5))}, `segment "2/4:1/4": expected FROM:TO`},
		"words":           {[]*File{fileOf(segmented(t, "first half", 5))}, `segment "first half": expected FROM:TO`},
		"other stock":     {[]*File{half, fileOf(moreStock)}, "opened with 7 units, another with 100"},
		"no histogram":    {[]*File{half, fileOf(lost)}, "histograms.service_refused: is empty, and there were 1 samples"},
		"wrong histogram": {[]*File{half, fileOf(damaged)}, "holds 3 samples, and its percentiles are of 1"},
		"a shop":          {[]*File{half, fileOf(shop)}, "segment 1/2:1 in part2.json has a shop around its engine"},
		"another wall":    {[]*File{half, fileOf(longer)}, "duration of wall runs in s: 10 and 60"},
	} {
		if _, err := Merge(parts(c.files...)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// A count that is added to the format must be merged too: this fails for a kind of field that Merge can't add.
func TestEveryCountIsAdded(t *testing.T) {
	for _, v := range []any{Orders{}, Funnel{}, ByCause{}} {
		to := reflect.New(reflect.TypeOf(v)).Elem()
		from := reflect.New(reflect.TypeOf(v)).Elem()
		fill(from)
		fill(to)
		addAll(to, from)
		eachInt(to, func(n int64) {
			if n != 2 {
				t.Errorf("%T: 1 and 1 gave %d", v, n)
			}
		})
	}
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]int64{"x": 1}))
	case reflect.Int64:
		v.SetInt(1)
	}
}

func eachInt(v reflect.Value, do func(int64)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			eachInt(v.Field(i), do)
		}
	case reflect.Map:
		do(v.MapIndex(reflect.ValueOf("x")).Int())
	case reflect.Int64:
		do(v.Int())
	}
}
