package reports

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"

	"github.com/doorbuster/doorbuster/reports/compare"
	"github.com/doorbuster/doorbuster/sim/result"
)

// seeds is ten runs of one engine whose latencies are those of ours times a factor.
func seeds(t *testing.T, factor float64) *result.File {
	t.Helper()
	base := fixture(t)
	base.Scenario = "black friday/-x"
	run := base.Runs[4]
	base.Runs = nil
	rnd := rand.New(rand.NewPCG(21, 21))
	for seed := range uint64(10) {
		r := run
		r.Seed = seed + 1
		for _, p := range []*float64{&r.LatencyMS.Intended.P50, &r.LatencyMS.Intended.P99, &r.LatencyMS.Intended.P999} {
			*p *= factor * (1 + 0.02*rnd.Float64())
		}
		base.Runs = append(base.Runs, r)
	}
	return base
}

// read is what Go's own reader makes of our lines: the values by name and unit, and the units' metadata.
func readBenchfmt(t *testing.T, f *result.File) (values map[string]map[string][]float64, meta map[string]string) {
	t.Helper()
	var b bytes.Buffer
	if err := Benchfmt(&b, f); err != nil {
		t.Fatal(err)
	}
	values, meta = map[string]map[string][]float64{}, map[string]string{}
	reader := benchfmt.NewReader(&b, "ours")
	for reader.Scan() {
		switch r := reader.Result().(type) {
		case *benchfmt.Result:
			name := string(r.Name.Full())
			if values[name] == nil {
				values[name] = map[string][]float64{}
			}
			for _, v := range r.Values {
				values[name][v.Unit] = append(values[name][v.Unit], v.Value)
			}
		case *benchfmt.UnitMetadata:
			meta[r.Unit+" "+r.Key] = r.Value
		case *benchfmt.SyntaxError:
			t.Error(r)
		}
	}
	if err := reader.Err(); err != nil {
		t.Fatal(err)
	}
	return values, meta
}

func TestGoReadsOurBenchfmt(t *testing.T) {
	f := seeds(t, 1)
	f.Runs[0].Valid = false
	f.Runs[1].Verdict = result.Unknown
	f.Runs[2].Complete = false
	f.Runs[3].IsControl = true
	f.Runs[4].LatencyMS.Intended = result.Percentiles{}
	values, meta := readBenchfmt(t, f)
	const name = "Black_friday__x/backend=memory/strategy=conditional/mode=virtual"
	if len(values) != 1 || len(values[name]["oversold-units"]) != 6 || len(values[name]["p99-sec"]) != 5 {
		t.Errorf("values %v", values)
	}
	if got, want := values[name]["p50-sec"][0], f.Runs[5].LatencyMS.Intended.P50/1000; got < want*0.999999 || got > want*1.000001 {
		t.Errorf("p50 is %v, want %v", got, want)
	}
	if meta["oversold-units better"] != "lower" || meta["oversold-units assume"] != "exact" || meta["fill-rate better"] != "higher" || meta["p99-sec assume"] != "nothing" {
		t.Errorf("metadata %v", meta)
	}
}

// Our verdict goes the way that benchstat's own package says.
func TestBenchstatAgreesInDirection(t *testing.T) {
	old := seeds(t, 1)
	before, meta := readBenchfmt(t, old)
	for _, factor := range []float64{0.7, 0.95, 1, 1.05, 1.4} {
		new := seeds(t, factor)
		after, _ := readBenchfmt(t, new)
		c, err := compare.Compare(compare.Side{File: old}, compare.Side{File: new}, compare.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for name := range before {
			for unit, figure := range map[string]string{"p50-sec": "p50", "p99-sec": "p99", "p999-sec": "p999", "fill-rate": "fill_rate"} {
				theirs := benchstatSays(before[name][unit], after[name][unit], meta[unit+" better"])
				i := slices.IndexFunc(c.Pairs[0].Figures, func(f compare.Figure) bool { return f.Name == figure })
				if ours := c.Pairs[0].Figures[i].Verdict; ours != theirs {
					t.Errorf("factor %v, %s: we say %s, benchstat %s", factor, figure, ours, theirs)
				}
			}
		}
	}
}

func benchstatSays(old, new []float64, better string) string {
	thresholds := &benchmath.DefaultThresholds
	a, b := benchmath.NewSample(slices.Clone(old), thresholds), benchmath.NewSample(slices.Clone(new), thresholds)
	found := benchmath.AssumeNothing.Compare(a, b)
	from, to := benchmath.AssumeNothing.Summary(a, 0.95).Center, benchmath.AssumeNothing.Summary(b, 0.95).Center
	switch {
	case found.P > found.Alpha || from == to:
		return compare.None
	case to > from == (better == "higher"):
		return compare.Better
	}
	return compare.Worse
}

func TestHGRM(t *testing.T) {
	f := fixture(t)
	var b strings.Builder
	if err := HGRM(&b, &f.Runs[0]); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{" Value\tPercentile\tTotalCount\t1/(1-Percentile)\n", "1.000000        60000          inf\n", "#[Max     ="} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	b.Reset()
	if err := HGRM(&b, &result.Run{}); err != nil || !strings.Contains(b.String(), "Total count    =            0") {
		t.Errorf("a run that served nothing: %v\n%s", err, b.String())
	}
	broken := result.Run{Engine: "memory/queue", Seed: 3, Histograms: result.Histograms{IntendedServed: "AAAA"}}
	if err := HGRM(&b, &broken); err == nil || !strings.Contains(err.Error(), "memory/queue seed 3: histograms.intended_served") {
		t.Errorf("got %v", err)
	}
	r := result.Run{Engine: "redis+postgres/pre", Variant: "../x", Mode: "wall", Seed: 7}
	if got := HGRMName(&r); got != "redis+postgres-pre-..-x-wall-seed7.hgrm" {
		t.Errorf("got %s", got)
	}
}
