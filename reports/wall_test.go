package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

// mixed is a result with simulated and measured runs, the latter of a day pressed into 10 s.
func mixed(t *testing.T) *result.File {
	t.Helper()
	f := fixture(t)
	f.Card.Servers = map[string]result.Server{"postgres": {
		Version: "PostgreSQL 99.9", Private: true, FsyncUS: 123.4, Settings: map[string]string{"synchronous_commit": "on"},
	}}
	var wall []result.Run
	for _, r := range f.Runs[:2] {
		r.Engine = strings.Replace(r.Engine, "memory/", "postgres/", 1)
		r.Mode = result.Wall
		r.Wall = result.WallDay{DurationS: 10, Pace: 8640, Scale: 0.1, SKUs: 400, DemandShare: 0.0005, PeakPerS: 1000,
			InFlightLimit: 4096, TimeoutS: 5, LagLimitMS: 50, DroppedLimit: 0.001}
		r.Series.IntervalS /= 8640
		r.Load.LagMSP50, r.Load.LagMSP99, r.Load.LagMSMax = 0.1, 2.5, 7.75
		r.Errors = []result.RunError{{Message: "connection <refused>", Count: 17, FirstMS: 4000, LastMS: 5250}}
		wall = append(wall, r)
	}
	f.Runs = append(wall, f.Runs...)
	return f
}

// A simulated figure is never shown as a measured one: the table says of each line which it is, and a gap parts them.
func TestTextPartsSimulatedFromMeasured(t *testing.T) {
	var b bytes.Buffer
	if err := Text(&b, mixed(t), false); err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(b.String(), "engine ")
	simulated, rest, _ := strings.Cut(text, "\n\n")
	measured, _, _ := strings.Cut(rest, "\n\n")
	if n := strings.Count(simulated, " simulated "); n != len(fixtureStrategies) || strings.Contains(simulated, "measured") {
		t.Errorf("of the first %d lines some are not simulated:\n%s", n, simulated)
	}
	if strings.Count(measured, " measured ") != 2 || strings.Contains(measured, "simulated") || strings.Count(measured, "\n") != 1 {
		t.Errorf("the measured lines are:\n%s", measured)
	}
}

// A page has both, each marked and ranked by itself, with the errors of the runs and what is known of the server.
func TestPagePartsSimulatedFromMeasured(t *testing.T) {
	var b bytes.Buffer
	if err := HTML(&b, []*result.File{mixed(t)}); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{
		"2 comparisons side by side", "The day was compressed into 10" + nbsp + "s", "400 SKUs", "17 × connection &lt;refused&gt;",
		"PostgreSQL 99.9", "private, started for this run", "123" + nbsp + "µs", "synchronous_commit=on", "<td>7.75</td>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, c := range comparisonsOf([]*result.File{mixed(t)}) {
		for _, s := range c.Scores {
			if measured := strings.HasPrefix(s.Engine, "postgres/"); measured != (c.Mode == result.Wall) {
				t.Errorf("%s is ranked among %s runs", s.Engine, c.Mode)
			}
		}
	}
}

// Charts of a measured day show the time of the scenario's day, as those beside them do.
func TestMeasuredDayHasTheScenariosClock(t *testing.T) {
	f := mixed(t)
	wall, virtual := &f.Runs[0], &f.Runs[2]
	if d, want := dayOf(f, wall), dayOf(f, virtual); d != want {
		t.Errorf("the measured day is %+v, the simulated one %+v", d, want)
	}
	if at := (&runView{Run: wall}).Clock(4000); at != "09:36:00.000" {
		t.Errorf("4 s of 10 are shown as %s", at)
	}
	if at := (&runView{Run: virtual}).Clock(4000); at != "00:00:04.000" {
		t.Errorf("4 s of a day are shown as %s", at)
	}
}

// Among few measured orders a small difference is chance, and latency decides; among simulated ones it isn't.
func TestChanceDoesNotRankMeasuredRuns(t *testing.T) {
	for mode, want := range map[string]string{result.Wall: "b/fast", result.Virtual: "b/slow"} {
		run := func(engine string, falsely int64, p99 float64) *score {
			r := &result.Run{Engine: engine, Mode: mode, Orders: result.Orders{Asked: 240, RefusedFalsely: falsely}}
			return &score{Engine: engine, Runs: []*result.Run{r}, FalseShare: float64(falsely) / 240, P99: p99}
		}
		scores := []*score{run("b/slow", 0, 400), run("b/fast", 2, 3), run("b/refuses", 60, 1)}
		if got := scores[best(scores, served)].Engine; got != want {
			t.Errorf("%s: %s is preferred, want %s", mode, got, want)
		}
	}
}

// A strategy that ran on several backends has them beside each other, each with what it is worth; other pages have no such section.
func TestPageComparesBackends(t *testing.T) {
	if v := backendsOf([]*result.File{fixture(t)}); v != nil {
		t.Errorf("one backend is compared with itself: %+v", v)
	}
	f := mixed(t)
	v := backendsOf([]*result.File{f})
	if v == nil || len(v.Runs.Rows) != 4 || len(v.Lost.Rows) != 2 {
		t.Fatalf("two strategies on two backends: %+v", v)
	}
	for i, row := range v.Runs.Rows {
		want := [2]string{"postgres", "measured"}
		if i%2 == 1 {
			want = [2]string{"memory", "simulated"}
		}
		if got := [2]string{row[1], row[2]}; got != want || row[0] != v.Runs.Rows[i/2*2][0] {
			t.Errorf("line %d is %v, want %v", i, row, want)
		}
	}
	if page := pageOf(t, f); !strings.Contains(page, "The same strategy on each backend") {
		t.Error("the page doesn't show it")
	}
}

func TestWhatIsLostWhen(t *testing.T) {
	for _, c := range []struct {
		backend        string
		settings       map[string]string
		process, power string
	}{
		{"postgres", map[string]string{"fsync": "on", "synchronous_commit": "on"}, "nothing", "nothing"},
		{"postgres", map[string]string{"fsync": "on", "synchronous_commit": "off"}, "the last fraction of a second", "the same"},
		{"postgres", map[string]string{"fsync": "off", "synchronous_commit": "on"}, "nothing", "perhaps everything"},
		{"redis", map[string]string{"appendonly": "yes", "appendfsync": "everysec"}, "nothing", "about the last second"},
		{"redis", map[string]string{"appendonly": "yes", "appendfsync": "always"}, "nothing", "nothing"},
		{"redis", map[string]string{"appendonly": "no", "appendfsync": "everysec"}, "all since the last snapshot", "the same"},
		{"redis", nil, "not known", "not known"},
		{"memory", nil, "everything", "everything"},
	} {
		row := lostWhen([]string{c.backend}, map[string]result.Server{c.backend: {Settings: c.settings}}).Rows[0]
		if !strings.HasPrefix(row[1], c.process) || !strings.HasPrefix(row[2], c.power) {
			t.Errorf("%s with %v loses %q and %q, want %q and %q", c.backend, c.settings, row[1], row[2], c.process, c.power)
		}
	}
}
