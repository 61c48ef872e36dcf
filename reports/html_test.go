package reports

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

func pageOf(t testing.TB, files ...*result.File) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, files); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPageOfTenRuns(t *testing.T) {
	page := pageOf(t, fixture(t))
	if len(page) > 2<<20 {
		t.Errorf("the page has %d bytes: expected less than 2 MiB for ten runs", len(page))
	}
	if page != pageOf(t, fixture(t)) {
		t.Error("the same result gives two different pages")
	}
	text := plainSpaces(page)
	for _, want := range []string{
		"Choose conditional: it sold nothing that was not there", "0 customers were sold stock that did not exist.", "3 070 customers were sold stock that did not exist: 3 412 units.",
		"Marketplaces measure over rolling windows of 7 to 60 days", "How far to trust this", "Every channel asks the engine before it promises",
		"doorbuster run blackfriday --engine memory/naive --seed 1 --scale 0.1", "its replies carry no versions", "09:01:01.220 order 88121 is promised one more",
		"Latency of operations refused", "promised beyond stock: up to 3 412 units", "made up for this test", "0123456789abcdef",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestPageNeedsNothingFromOutside(t *testing.T) {
	page := pageOf(t, fixture(t))
	for _, pattern := range []string{`https?://`, `(?i)<script`, `(?i)@import`, `(?i)<link[^>]+stylesheet`, `(?i)\bon[a-z]+="`, `url\(`, `NaN`, `%!`} {
		if found := regexp.MustCompile(pattern).FindString(page); found != "" {
			t.Errorf("the page has %q", found)
		}
	}
}

func TestPageEscapesNames(t *testing.T) {
	const evil = `<script>alert("x")</script>`
	f := fixture(t)
	f.Scenario, f.About, f.Warnings = evil, evil, []string{evil}
	f.Runs[0].Engine, f.Runs[4].Engine = "memory/"+evil, "memory/a<b>&c"
	f.Runs[0].Channels[0].Name, f.Runs[0].Hot[0].SKU, f.Runs[0].Examples[0].Story[0] = evil, evil, evil
	f.Runs[0].Checks[0].Detail, f.Runs[0].Contention[evil] = evil, 7
	f.Runs[0].Checks[0].Name, f.Runs[0].Checks[0].Limit, f.Runs[0].Checks[0].Actual, f.Runs[0].Checks[0].Replay = evil, "0 "+evil, "1 "+evil, evil
	f.Runs[2].Error, f.Runs[2].Unsafe, f.Runs[2].Warnings, f.Runs[2].Errors = evil, evil, []string{evil}, []result.RunError{{Message: evil, Count: 3}}
	f.Runs[3].Valid, f.Runs[3].Invalid = false, []string{evil}
	for i := range f.Runs {
		f.Runs[i].Orders.FalseBy = map[string]int64{evil: 7}
	}
	f.Demand.Idealisations, f.Demand.Storage, f.Demand.ConfigHash, f.Demand.Control = []string{evil}, evil, evil, evil
	f.Card = result.Card{Commit: evil, Command: evil, CPU: evil, Servers: map[string]result.Server{evil: {Version: evil, Settings: map[string]string{evil: evil}}}}
	shop := shopFixture(t, 1)
	shop.Scenario = evil
	for i := range shop.Runs {
		shop.Runs[i].Variant, shop.Runs[i].Shop.Money.Currency, shop.Runs[i].Shop.Quarantined = evil+shop.Runs[i].Variant, evil, map[string]int64{evil: 1}
	}
	shop.Published[0].Source, shop.Published[1].Variant, shop.Published[2].Figure = evil, evil, evil
	page := pageOf(t, f, shop)
	if strings.Contains(page, "<script") || strings.Contains(page, "<b>&c") {
		t.Error("a name from the result is written as markup")
	}
	if n := strings.Count(page, "&lt;script&gt;"); n < 60 {
		t.Errorf("only %d names are written at all", n)
	}
	if !strings.Contains(page, "&lt;script&gt;") {
		t.Error("the names are gone")
	}
}

func TestBarsOfNothingAreNotDrawn(t *testing.T) {
	marks := func(parts ...part) int {
		svg, err := bars("test", halfWidth, []bar{{Name: "x", Parts: parts}})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(svg), `class="bar `)
	}
	for want, parts := range [][]part{{{"best", 0}, {"bad", 0}}, {{"best", 5_000_000}, {"bad", 0}}, {{"best", 5_000_000}, {"bad", 1}}} {
		if got := marks(parts...); got != want {
			t.Errorf("%v: %d marks, want %d", parts, got, want)
		}
	}
}

func TestOneUnitOfMillionsIsSeen(t *testing.T) {
	svg, err := bars("test", halfWidth, []bar{{Name: "x", Parts: []part{{"best", 5_000_000}, {"bad", 1}}}})
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`d="M(\d+) \d+l(\d+) 0[^"]*" class="bar bad `).FindStringSubmatch(string(svg))
	if m == nil {
		t.Fatalf("no bar in %s", svg)
	}
	if m[2] == "0" {
		t.Errorf("the bar of one unit at %s is %s px wide", m[1], m[2])
	}
}

// TestShadingBeginsWhereLinesCross draws a line that crosses its floor half-way.
func TestShadingBeginsWhereLinesCross(t *testing.T) {
	line, floor := []point{{0, 0}, {10, 20}}, []point{{0, 10}, {10, 10}}
	f := frame{about: "test", width: halfWidth, height: 200, x: axis{max: 10}, y: axis{max: 20}, bare: true}
	f.x.ticks, f.y.ticks = countAxis(10, 2).ticks, countAxis(20, 2).ticks
	var left, middle, right int
	f.marks = []mark{above("excess", line, floor), func(p plot) { left, middle, right = p.px(0), p.px(5), p.px(10) }}
	svg, err := f.svg()
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`d="M(\d+) `).FindStringSubmatch(string(svg)[strings.LastIndex(string(svg), "<path"):])
	if m == nil || m[1] != count(int64(middle)) || left >= middle || middle >= right {
		t.Errorf("shading begins at %v: want %d, between %d and %d", m, middle, left, right)
	}
}

func TestPageSaysWhatItLeavesOut(t *testing.T) {
	f := fixture(t)
	for i := range f.Runs {
		f.Runs[i].Series, f.Runs[i].Histograms, f.Runs[i].Channels, f.Runs[i].Contention, f.Runs[i].Checks = result.Series{}, result.Histograms{IntendedServed: "no histogram"}, nil, nil, nil
	}
	page := pageOf(t, f)
	for _, want := range []string{
		"No chart: the result has no stock over time for this run.", "No chart: no run oversold a unit.", "No chart: no run recorded such an operation.", "No chart: no latency was recorded over time.",
		"No chart: no orders were recorded over time.", "No chart: the result has no channels for this run.", "No counter of contention moved in any run.", "No check was made on this run.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestPageOfOneBareRun(t *testing.T) {
	page := pageOf(t, &result.File{Scenario: "bare", Runs: []result.Run{{Engine: "a/b"}}})
	for _, want := range []string{"No strategy can be chosen: the run was cut short.", "What it shows is partial, and its verdicts are unknown until it has run to its end."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if err := HTML(&bytes.Buffer{}, nil); err == nil {
		t.Error("a page of no run was written")
	}
}

func TestPageOfSeveralFiles(t *testing.T) {
	wall := fixture(t)
	wall.Runs = wall.Runs[:2]
	for i := range wall.Runs {
		wall.Runs[i].Mode = result.Wall
	}
	page := plainSpaces(pageOf(t, fixture(t), wall))
	for _, want := range []string{"2 comparisons side by side", `id="verdict-2"`, "blackfriday (test data), measured", `<span class="kind measured">measured</span>`, "not run", "★ 0 oversold"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if n := strings.Count(page, "<h1"); n != 1 {
		t.Errorf("%d main headings", n)
	}
}

func TestPageShowsIntervalsOverSeeds(t *testing.T) {
	first := ran("m/a", 10, 0.9, 5)
	f := tried(first, changed(first, func(r *result.Run) { r.Seed = 2 }))
	if strings.Contains(pageOf(t, f), "95 % intervals") {
		t.Error("intervals are shown that the result doesn't have")
	}
	f.Summaries = []result.Summary{{Engine: "m/a", Mode: result.Virtual, Runs: 2, Rates: []result.RateInterval{
		{Name: "cancellation", Mean: 0.0004, Low: 0.0002, High: 0.0009, Events: 8, Trials: 20_000, Method: result.ClopperPearson},
		{Name: "fill_rate", Mean: 0.9, Low: 0.88, High: 0.92, Events: 9000, Trials: 10_000, Method: result.StudentT},
	}}}
	page := plainSpaces(pageOf(t, f))
	for _, want := range []string{"95 % intervals", "0.040 % [0.020, 0.090]", "90.0 % [88.0, 92.0]", `<th scope="col">filled, of units asked</th>`, "seed 2", "a, over 2 seeds 0.040 % [0.020, 0.090] (95 %)"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestMarketplaceLimits(t *testing.T) {
	f := tried(changed(ran("m/naive", 0, 1, 1), func(r *result.Run) { r.Rates.Cancellation = 0.02 }))
	var got []bool
	for _, l := range limits(comparisonsOf([]*result.File{f})[0]) {
		got = append(got, l.Rows[0].Within)
	}
	if want := []bool{true, true, true, false}; len(got) != 4 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] || got[3] != want[3] {
		t.Errorf("2 %% is within %v, want %v", got, want)
	}
	f.Runs[0].Rates.Cancellation = 0.025
	if limits(comparisonsOf([]*result.File{f})[0])[0].Rows[0].Within {
		t.Error("2.5 % is within a limit of less than 2.5 %")
	}
}

func TestPageOfRunsThatProveNothing(t *testing.T) {
	f := tried(ran("m/a", 0, 1, 1), changed(ran("m/b", 0, 1, 1), func(r *result.Run) {
		*r = result.Run{Engine: "m/b", Seed: 1, Error: "context canceled", Mode: result.Virtual}
	}))
	for i := range f.Runs {
		f.Runs[i].Valid, f.Runs[i].Invalid = false, []string{"The control m/naive did not oversell."}
	}
	page := plainSpaces(pageOf(t, f))
	for _, want := range []string{
		"Runs are invalid: The control m/naive did not oversell.<", "It sold no stock that did not exist, which proves nothing.", "It did not run.",
		"No strategy shown has runs that are all valid and complete, so none is held against a limit.", `class="tile "`, `<td data-name="p99">–</td>`, "did not run</text>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, wrong := range []string{`class="tile good"`, `class="within"`, "0 customers", "Invalid: The control m/naive did not oversell.</p>\n  <p class=\"alarm\">Stopped"} {
		if strings.Contains(page, wrong) {
			t.Errorf("the page says %q", wrong)
		}
	}
}

func TestPageOfAnOrderLog(t *testing.T) {
	f := fixture(t)
	f.Demand.Source, f.Demand.DayS, f.Demand.SpikeFromS, f.Demand.SpikeToS = "/data/orders.csv.gz", 39*86400, 0, 0
	f.Demand.Baseline = "the log's own rate, each order 12 times"
	f.Runs[0].Hot[0].SoldOutMS = 2_368_449_174
	page := plainSpaces(pageOf(t, f))
	for _, want := range []string{
		"Orders of orders.csv.gz, each 12 times, over 39 days, met by the shop of scenario blackfriday (test data).", "Over these 39 simulated days it turned away",
		"/data/orders.csv.gz: the log&#39;s own rate, each order 12 times, over 39 days", "day 28 09:54:09.174", ">day 11</text>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, wrong := range []string{"a 12× spike when the doors open", "On this simulated day", `class="spike`, "<dt>Spike</dt>"} {
		if strings.Contains(page, wrong) {
			t.Errorf("the page says %q of a day that had none", wrong)
		}
	}
}

func TestPageNamesBrokenPromises(t *testing.T) {
	f := fixture(t)
	if strings.Contains(pageOf(t, f), "broke its promise") {
		t.Error("a promise is said to be broken that was kept, or was never made")
	}
	f.Runs[1].Verdict, f.Runs[1].Checks[0].Verdict, f.Runs[1].Checks[2].Verdict = result.Fail, result.Fail, result.Fail
	if want := "pessimistic broke its promise: it failed the check oversold and conservation."; !strings.Contains(pageOf(t, f), want) {
		t.Errorf("the page does not say %q", want)
	}
}
