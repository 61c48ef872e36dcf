package reports

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

// planted is a made-up sweep of a=0…3 and b=1m,5m,15m whose outcomes are what of says: orders of 10,000 refused falsely, and cancelled.
func planted(seeds int, of func(a, b int) (lost, cancelled int64)) *result.File {
	f := &result.File{Schema: result.SchemaName, Scenario: "planted", About: "Test data.", Complete: true,
		Sweep: result.Sweep{Points: 12, Axes: []result.Axis{{Key: "stock.a", Values: "0:3:1"}, {Key: "sync.b", Values: "15m,1m,5m"}, {Key: "c", Values: "x"}}}}
	for a := range 4 {
		for b, every := range []string{"15m", "1m", "5m"} {
			for seed := range seeds {
				lost, cancelled := of(a, []int{15, 1, 5}[b])
				r := result.Run{Engine: "memory/conditional", Mode: result.Virtual, Seed: uint64(seed + 1), PromisesNoOversell: true, Complete: true, Valid: true, Verdict: result.Pass,
					Settings: result.Settings{{Key: "stock.a", Value: fmt.Sprint(a)}, {Key: "sync.b", Value: every}, {Key: "c", Value: "x"}},
					Shop:     result.Shop{Modelled: true}, Checks: []result.Check{{Name: "oversold", Promised: true, Verdict: result.Pass, Replay: "doorbuster run planted --seed 1"}}}
				r.Orders = result.Orders{Asked: 10_000, Promised: 8000, RefusedFalsely: lost + int64(seed), Cancelled: result.Cancelled{SellerOversold: cancelled}}
				f.Runs = append(f.Runs, r)
			}
		}
	}
	return f
}

// tradeOff is a day on which more of a refuses more and cancels less, and b matters a little; a=3 is beaten by a=2.
func tradeOff(a, b int) (lost, cancelled int64) {
	lost = int64(a) * 40
	cancelled = []int64{200, 80, 20, 20}[a] + int64(b)
	return lost, cancelled
}

func at(t *testing.T, s *sweepResult, name string) *sweepPoint {
	t.Helper()
	for _, p := range append(slices.Clone(s.Points), s.LeftOut...) {
		if s.Name(p) == name {
			return p
		}
	}
	t.Fatalf("no point %s", name)
	return nil
}

func namesOf(s *sweepResult, points []*sweepPoint) []string {
	var all []string
	for _, p := range points {
		all = append(all, s.Name(p))
	}
	return all
}

func TestSweepFrontier(t *testing.T) {
	s := sweepOf(planted(1, tradeOff))
	want := []string{"stock.a=0, sync.b=1m", "stock.a=1, sync.b=1m", "stock.a=2, sync.b=1m"}
	if got := namesOf(s, s.Frontier); !slices.Equal(got, want) {
		t.Errorf("frontier %q, want %q", got, want)
	}
	for _, p := range s.Points { // by definition, without the order that frontier goes by
		beaten := slices.ContainsFunc(s.Points, func(q *sweepPoint) bool {
			return q.Lost.mean <= p.Lost.mean && q.Cancelled.mean <= p.Cancelled.mean && (q.Lost.mean < p.Lost.mean || q.Cancelled.mean < p.Cancelled.mean)
		})
		if on := slices.Contains(s.Frontier, p); on == beaten {
			t.Errorf("%s: on the frontier %v, beaten by another point %v", s.Name(p), on, beaten)
		}
	}
}

func TestSweepTornadoFindsTheKeyThatMatters(t *testing.T) {
	for _, tt := range []struct {
		name     string
		of       func(a, b int) (int64, int64)
		first    string
		low      string
		high     string
		change   float64 // of 10,000 orders
		secondIs float64
	}{
		{"a alone", func(a, _ int) (int64, int64) { return int64(a) * 100, 0 }, "stock.a", "0", "3", 300, 0},
		{"b alone", func(_, b int) (int64, int64) { return 0, int64(b) * 10 }, "sync.b", "1m", "15m", 140, 0},
		{"b more than a, downwards", func(a, b int) (int64, int64) { return int64(a), 900 - int64(b)*10 }, "sync.b", "1m", "15m", -140, 3},
		{"best in the middle", func(a, b int) (int64, int64) { return []int64{500, 100, 100, 500}[a], int64(b) }, "stock.a", "0", "3", 0, 14},
	} {
		s := sweepOf(planted(3, tt.of))
		all := s.sensitivities(wentWrong)
		if len(all) != 2 {
			t.Fatalf("%s: %d keys, want 2: c doesn't vary", tt.name, len(all))
		}
		one := all[0]
		if one.Key.Name != tt.first || one.Key.Values[one.Low] != tt.low || one.Key.Values[one.High] != tt.high {
			t.Errorf("%s: first is %s from %s to %s, want %s from %s to %s", tt.name, one.Key.Name, one.Key.Values[one.Low], one.Key.Values[one.High], tt.first, tt.low, tt.high)
		}
		if got := 10_000 * one.Change.mean; math.Abs(got-tt.change) > 1e-6 || one.Change.seeds != 3 {
			t.Errorf("%s: it changes %v of 10,000 over %d seeds, want %v over 3", tt.name, got, one.Change.seeds, tt.change)
		}
		if got := 10_000 * all[1].Change.mean; math.Abs(got-tt.secondIs) > 1e-6 {
			t.Errorf("%s: the second changes %v, want %v", tt.name, got, tt.secondIs)
		}
	}
}

func TestSweepKeysOfManyValuesAreClassed(t *testing.T) {
	k := sweepKey{Name: "z", rising: true}
	for i := range 100 {
		k.Values = append(k.Values, fmt.Sprint(i))
	}
	k.classify()
	if got := k.of("0") + ", " + k.of("55") + ", " + k.of("99"); got != "0 to 19, 40 to 59, 80 to 99" {
		t.Errorf("classes %s", got)
	}
	few := sweepKey{rising: true, Values: []string{"1", "2"}}
	few.classify()
	if few.of("1") != "1" {
		t.Errorf("1 of two values is in class %s", few.of("1"))
	}
}

func TestSweepRecommendsByOrdersGoneWrong(t *testing.T) {
	s := sweepOf(planted(3, tradeOff))
	if s.Best == nil || s.Name(s.Best) != "stock.a=2, sync.b=1m" {
		t.Fatalf("recommended %v", s.Headline())
	}
	// 80, 81 and 82 are refused and 21 cancelled: the mean is 102 of 10,000, and its interval by Student's t with two degrees of freedom ± 2.48.
	if a := s.Best.Aim; math.Abs(a.mean-0.0102) > 1e-9 || math.Abs(a.high-a.mean-0.000248) > 1e-6 {
		t.Errorf("it has %v [%v, %v]", a.mean, a.low, a.high)
	}
	if got := s.Why(); !strings.Contains(got, "Of 12\u00a0points it has the least orders gone wrong") || !strings.Contains(got, "1.02\u00a0% (95\u00a0%: 1.00\u00a0% to 1.04\u00a0%, over 3 seeds)") {
		t.Errorf("why: %s", got)
	}
	if got := s.Sure(); !strings.HasPrefix(got, "Seed by seed, every other point is worse") {
		t.Errorf("sure: %s", got)
	}
	if got := s.Cost(); !strings.Contains(got, "with stock.a=0, sync.b=1m the fewest orders are refused") || strings.Contains(got, "the fewest are promised") {
		t.Errorf("cost: %s", got)
	}
	if s.Again() != "doorbuster run planted --seed 1" {
		t.Errorf("again: %s", s.Again())
	}
}

func TestSweepRecommendsByMoneyWhereAllIsPriced(t *testing.T) {
	f := planted(2, tradeOff)
	for i := range f.Runs {
		r := &f.Runs[i]
		r.Shop.Money = result.Money{Currency: "EUR", Total: 1000 + float64(r.Orders.RefusedFalsely)*10 + float64(r.Orders.Cancelled.SellerOversold)}
	}
	s := sweepOf(f)
	if s.Best == nil || s.Name(s.Best) != "stock.a=0, sync.b=1m" || !strings.Contains(s.Why(), "the least cost of disappointed customers: EUR\u00a01\u202f206") {
		t.Errorf("%s %s", s.Headline(), s.Why())
	}
	f.Runs[0].Shop.Money.Currency = ""
	if s := sweepOf(f); s.Costed() {
		t.Error("one point has no price, and all are ranked by money")
	}
}

// TestSweepRanksOnlyWhatMayBe spoils the best point in every way in which one may be spoilt.
func TestSweepRanksOnlyWhatMayBe(t *testing.T) {
	const best = "stock.a=2, sync.b=1m"
	for _, tt := range []struct {
		name    string
		spoil   func(*result.Run)
		leftOut bool
	}{
		{"invalid", func(r *result.Run) { r.Valid, r.Invalid = false, []string{"The control did not oversell."} }, true},
		{"cut short", func(r *result.Run) { r.Complete, r.Error = false, "panicked" }, true},
		{"unknown", func(r *result.Run) { r.Verdict = result.Unknown }, true},
		{"broke its promise", func(r *result.Run) { r.Verdict, r.Checks[0].Verdict = result.Fail, result.Fail }, false},
		{"doesn't promise", func(r *result.Run) { r.PromisesNoOversell = false }, false},
		{"the engine oversold", func(r *result.Run) { r.Units.Oversold.ByCause.Engine = 1 }, false},
		{"its marketplaces ask the engine", func(r *result.Run) { r.Shop.Modelled, r.Channels = false, []result.Channel{{Kind: "marketplace"}} }, false},
	} {
		f := planted(1, tradeOff)
		for i := range f.Runs {
			if r := &f.Runs[i]; r.Settings[0].Value == "2" && r.Settings[1].Value == "1m" {
				tt.spoil(r)
			}
		}
		s := sweepOf(f)
		p := at(t, s, best)
		if s.Best == p || p.Unfit == "" && !tt.leftOut || slices.Contains(s.Frontier, p) || slices.Contains(s.LeftOut, p) != tt.leftOut {
			t.Errorf("%s: recommended %v, on the frontier %v, left out %v", tt.name, s.Best == p, slices.Contains(s.Frontier, p), slices.Contains(s.LeftOut, p))
		}
		if text := sweepText(t, f); !strings.Contains(text, "2 · 1m") {
			t.Errorf("%s: the point isn't shown:\n%s", tt.name, text)
		}
		if (tt.name == "broke its promise") != (len(s.Broken()) == 1) {
			t.Errorf("%s: broken %q", tt.name, s.Broken())
		}
	}
}

func sweepText(t *testing.T, f *result.File) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, f, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func sweepHTML(t *testing.T, f *result.File) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, []*result.File{f}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSweepOfOneSeedHasNoInterval(t *testing.T) {
	text := sweepText(t, planted(1, tradeOff))
	if !strings.Contains(text, "It ran with one seed, so there is no interval") || strings.Contains(text, "[") {
		t.Errorf("got\n%s", text)
	}
}

func TestWhatNeverCameUpMayStillDoSo(t *testing.T) {
	s := sweepOf(planted(2, func(a, _ int) (int64, int64) { return int64(a), 0 }))
	// Clopper and Pearson for 0 of 20,000: 1 − 0.025^(1/20000).
	if got := s.Points[0].Cancelled; got.mean != 0 || got.low != 0 || math.Abs(got.high-0.00018443) > 1e-8 {
		t.Errorf("none of 20,000 gives %v [%v, %v]", got.mean, got.low, got.high)
	}
}

func TestSweepSaysWhatChangesNothing(t *testing.T) {
	s := sweepOf(planted(2, func(a, _ int) (int64, int64) { return int64(a), 3 }))
	if got := s.Flat(); len(got) != 1 || !strings.HasPrefix(got[0], "sync.b changes nothing") {
		t.Errorf("flat: %q", got)
	}
	if got := sweepOf(planted(2, tradeOff)).Flat(); got != nil {
		t.Errorf("both keys change something, and it says %q", got)
	}
}

func TestSweepPage(t *testing.T) {
	f := planted(3, tradeOff)
	f.Complete = false
	f.Sweep.Points = 20
	for i := range 3 { // the seeds of one point
		f.Runs[i].Settings[1].Value = "<script>alert(1)</script>"
	}
	f.Warnings = []string{"A warning of the file."}
	if text := sweepText(t, f); !strings.Contains(text, "warning: A warning of the file.") {
		t.Errorf("the warning is not said:\n%s", text)
	}
	page := sweepHTML(t, f)
	for _, want := range []string{"Choose stock.a=2, sync.b=1m.", "Incomplete: 12 of 20", `id="frontier-1"`, "A warning of the file.", `id="tornado-1"`, "href=\"#sweep-1\"", "<circle", "stock.a=3"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page, "<script") {
		t.Error("a setting comes as markup")
	}
	empty := &result.File{Scenario: "none", Sweep: result.Sweep{Points: 3, Axes: f.Sweep.Axes}}
	if page := sweepHTML(t, empty); !strings.Contains(page, "No point was finished") {
		t.Error("a sweep without a finished point has no page")
	}
	if text := sweepText(t, empty); !strings.Contains(text, "No point was finished") {
		t.Errorf("and no text: %s", text)
	}
}

func TestSweepInOtherFormats(t *testing.T) {
	f := planted(1, tradeOff)
	var md, bench, junit bytes.Buffer
	if err := Markdown(&md, f); err != nil || !strings.Contains(md.String(), "**Choose stock.a=2, sync.b=1m.**") {
		t.Errorf("Markdown (%v): %s", err, md.String())
	}
	if err := Benchfmt(&bench, f); err != nil || strings.Count(bench.String(), "/stock.a=2/sync.b=1m/c=x ") != 1 {
		t.Errorf("benchmarks (%v): %s", err, bench.String())
	}
	if err := JUnit(&junit, f); err != nil || strings.Count(junit.String(), `<testsuite name="planted memory/conditional seed 1 stock.a=2 sync.b=1m c=x"`) != 1 {
		t.Errorf("JUnit (%v): %s", err, junit.String())
	}
	names := map[string]bool{}
	for i := range f.Runs {
		names[HGRMName(&f.Runs[i])] = true
	}
	if len(names) != len(f.Runs) {
		t.Errorf("%d names of %d runs", len(names), len(f.Runs))
	}
}

// TestALargeSweepIsDrawnInTime has ten thousand points, of which none may make the page large.
func TestALargeSweepIsDrawnInTime(t *testing.T) {
	f := &result.File{Scenario: "large", Complete: true, Sweep: result.Sweep{Points: 10_000, Axes: []result.Axis{{Key: "a", Values: "0:9999:1"}}}}
	for i := range 10_000 {
		r := result.Run{Engine: "memory/conditional", Mode: result.Virtual, Seed: 1, PromisesNoOversell: true, Complete: true, Valid: true, Verdict: result.Pass,
			Settings: result.Settings{{Key: "a", Value: fmt.Sprint(i)}}}
		r.Orders = result.Orders{Asked: 100_000, RefusedFalsely: int64(i), Cancelled: result.Cancelled{SellerOversold: int64((i * 7919) % 10_007)}}
		f.Runs = append(f.Runs, r)
	}
	v, err := sweepViewOf(f, 1)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(v.Chart.Wide) + len(v.Chart.Medium) + len(v.Chart.Narrow); n > 600_000 {
		t.Errorf("the chart has %d bytes", n)
	}
	if len(v.Ranking.Rows) != mostRanked || len(v.Strengths.Rows) != classes+1 {
		t.Errorf("%d points are listed, and %d rows of sensitivities", len(v.Ranking.Rows), len(v.Strengths.Rows))
	}
}
