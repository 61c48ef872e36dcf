package compare

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

func quiet(n int) *result.File {
	w := world{spread: 0.1, noise: 0.01, rnd: rand.New(rand.NewPCG(1, uint64(n)))}
	return w.file(1, n, false)
}

// changed is the same days with every latency multiplied, and then changed some more.
func changed(f *result.File, factor float64, change func(i int, r *result.Run)) *result.File {
	g := *f
	g.Runs = slices.Clone(f.Runs)
	rnd := rand.New(rand.NewPCG(5, 5))
	for i := range g.Runs {
		for _, p := range []*float64{&g.Runs[i].LatencyMS.Intended.P50, &g.Runs[i].LatencyMS.Intended.P99, &g.Runs[i].LatencyMS.Intended.P999} {
			*p *= factor * (1 + 0.001*rnd.Float64())
		}
		if change != nil {
			change(i, &g.Runs[i])
		}
	}
	return &g
}

func compared(t *testing.T, old, new *result.File, o Options) *Comparison {
	t.Helper()
	c, err := Compare(Side{Name: "old", File: old}, Side{Name: "new", File: new}, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestVerdicts(t *testing.T) {
	old := quiet(10)
	for name, c := range map[string]struct {
		new     *result.File
		o       Options
		figure  string
		verdict string
		why     string
	}{
		"slower":          {changed(old, 1.1, nil), Options{}, "p99", Worse, ""},
		"faster":          {changed(old, 0.9, nil), Options{}, "p99", Better, ""},
		"hardly slower":   {changed(old, 1.005, nil), Options{}, "p99", None, "smaller than one that matters"},
		"asked to care":   {changed(old, 1.005, nil), Options{Smallest: map[string]float64{"p99": 0.001}}, "p99", Worse, ""},
		"asked not to":    {changed(old, 1.1, nil), Options{Smallest: map[string]float64{"p99": 0.2}}, "p99", None, "smaller than one that matters"},
		"the same":        {old, Options{}, "p99", None, "the same in every pair"},
		"served nothing":  {changed(old, 1, func(i int, r *result.Run) { r.LatencyMS = result.LatencyMS{} }), Options{}, "p99", None, "served nothing"},
		"refused nothing": {changed(old, 1, func(i int, r *result.Run) { r.Orders.Refused = 0 }), Options{}, "false_refusal", None, "nothing that it could be a share of"},
		"fills less":      {changed(old, 1, func(i int, r *result.Run) { r.Units.Promised -= 3000 + int64(i) }), Options{}, "fill_rate", Worse, ""},
		"fills more":      {changed(old, 1, func(i int, r *result.Run) { r.Units.Promised += 3000 + int64(i) }), Options{}, "fill_rate", Better, ""},
		"one bad day": {changed(old, 1, func(i int, r *result.Run) {
			if i == 3 {
				r.Units.Oversold.Max = 80
			}
		}), Options{}, "oversell", None, "chance alone"},
		"oversells": {changed(old, 1, func(i int, r *result.Run) { r.Units.Oversold.Max = int64(2 + i) }), Options{}, "oversell", Worse, ""},
	} {
		f := named(t, &compared(t, old, c.new, c.o).Pairs[0], c.figure)
		if f.Verdict != c.verdict || !strings.Contains(f.Why, c.why) {
			t.Errorf("%s: %s, %s; want %s, %s (%+v)", name, f.Verdict, f.Why, c.verdict, c.why, f)
		}
	}
}

// What one side broke is not made good by what it is better in, nor hidden by there being few runs.
func TestABrokenPromiseIsWorse(t *testing.T) {
	old := quiet(2)
	broke := changed(old, 0.5, func(i int, r *result.Run) {
		if i == 1 {
			r.Verdict, r.Checks = result.Fail, []result.Check{{Name: "once", Promised: true, Verdict: result.Fail}, {Name: "oversold", Verdict: result.Fail}}
		}
	})
	p := compared(t, old, broke, Options{}).Pairs[0]
	if p.Verdict != Worse || p.Broken != "broke its promise in 1 of 2 runs (seed 2): once" {
		t.Errorf("%s: %s", p.Verdict, p.Broken)
	}
	if p := compared(t, broke, broke, Options{}).Pairs[0]; p.Broken != "" {
		t.Errorf("both sides broke it, and new is said to have: %s", p.Broken)
	}
}

func TestTooFewRunsAreNotJudged(t *testing.T) {
	for n, enough := range map[int]bool{1: false, MinPairs - 1: false, MinPairs: true} {
		p := compared(t, quiet(n), changed(quiet(n), 3, nil), Options{}).Pairs[0]
		if (p.Verdict == TooFew) == enough || !p.Paired || p.OldRuns != n {
			t.Errorf("%d pairs: %s, paired %v of %d", n, p.Verdict, p.Paired, p.OldRuns)
		}
	}
	for n, enough := range map[int]bool{MinRuns - 1: false, MinRuns: true} {
		w := world{rnd: rand.New(rand.NewPCG(1, 1))}
		p := compared(t, w.file(1, n, false), changed(w.file(100, n, false), 3, nil), Options{}).Pairs[0]
		if (p.Verdict == TooFew) == enough || p.Paired {
			t.Errorf("%d runs a side: %s, paired %v", n, p.Verdict, p.Paired)
		}
	}
}

func TestRunsThatProveNothingAreShownAndNotJudged(t *testing.T) {
	old := quiet(9)
	spoil := func(i int, r *result.Run) {
		switch i {
		case 0:
			r.Valid, r.Invalid = false, []string{"it lagged"}
		case 1:
			r.Complete = false
		case 2:
			r.Verdict = result.Unknown
		}
	}
	p := compared(t, old, changed(old, 1.2, spoil), Options{}).Pairs[0]
	if p.OldRuns != 6 || p.Verdict != Worse {
		t.Errorf("%d runs, %s", p.OldRuns, p.Verdict)
	}
	want := []LeftOut{{"new", 1, "invalid: it lagged"}, {"new", 2, "incomplete"}, {"new", 3, "its verdict is unknown"},
		{"old", 1, "no run of this seed on the other side"}, {"old", 2, "no run of this seed on the other side"}, {"old", 3, "no run of this seed on the other side"}}
	if !slices.Equal(p.LeftOut, want) {
		t.Errorf("left out %+v", p.LeftOut)
	}
	none := compared(t, old, changed(old, 1, func(_ int, r *result.Run) { r.Complete = false }), Options{}).Pairs[0]
	if none.Verdict != TooFew || len(none.Figures) != 0 {
		t.Errorf("without one proven run: %s with %d figures", none.Verdict, len(none.Figures))
	}
}

func TestPairing(t *testing.T) {
	old := quiet(10)
	for name, c := range map[string]struct {
		new       *result.File
		paired    bool
		runs      int
		note      string
		otherRuns int
	}{
		"same seeds":     {quiet(10), true, 10, "", 10},
		"more seeds":     {quiet(14), true, 10, "", 10},
		"half shared":    {changed(old, 1, func(i int, r *result.Run) { r.Seed += 5 }), true, 5, "", 5},
		"less than half": {changed(old, 1, func(i int, r *result.Run) { r.Seed += 6 }), false, 10, "", 10},
		"twice a seed":   {changed(old, 1, func(i int, r *result.Run) { r.Seed = uint64(i/2 + 1) }), false, 10, "A seed ran more than once", 10},
		"another draw": {changed(old, 1, func(i int, r *result.Run) { r.Orders.Asked++ }), false, 10,
			"Seed 1 brought 100000 orders of 200000 units on the old side and 100001 of 200000 on the new one", 10},
	} {
		p := compared(t, old, c.new, Options{}).Pairs[0]
		if p.Paired != c.paired || p.OldRuns != c.runs || p.NewRuns != c.otherRuns || !strings.Contains(strings.Join(p.Notes, " "), c.note) {
			t.Errorf("%s: paired %v, %d and %d runs, notes %q", name, p.Paired, p.OldRuns, p.NewRuns, p.Notes)
		}
	}
}

func with(f *result.File, more ...func(*result.Run)) *result.File {
	g := *f
	for _, change := range more {
		for _, r := range f.Runs {
			change(&r)
			g.Runs = append(g.Runs, r)
		}
	}
	return &g
}

func TestWhatIsComparedWithWhat(t *testing.T) {
	conditional := func(r *result.Run) { r.Engine = "memory/conditional" }
	after := func(r *result.Run) { r.Variant = "after" }
	wall := func(r *result.Run) { r.Engine, r.Mode = "postgres/queue", result.Wall }
	control := func(r *result.Run) { r.Engine, r.IsControl = "memory/naive", true }
	before := func(r *result.Run) { r.Variant = "before" }
	all := with(quiet(6), conditional, after, wall, control)
	study := with(&result.File{Scenario: all.Scenario, Demand: all.Demand})
	for _, r := range quiet(6).Runs {
		for _, change := range []func(*result.Run){before, after} {
			change(&r)
			study.Runs = append(study.Runs, r)
		}
	}
	for name, c := range map[string]struct {
		old, new Side
		engines  []string
		want     string
	}{
		"each with itself": {Side{File: all}, Side{File: all}, nil, "memory/queue, memory/conditional, memory/queue@after, postgres/queue"},
		"a pattern":        {Side{File: all}, Side{File: all}, []string{"*/cond*"}, "memory/conditional"},
		"two engines":      {Side{File: quiet(6), Engine: "memory/queue"}, Side{File: all, Engine: "memory/conditional"}, nil, "memory/queue → memory/conditional"},
		"two variants":     {Side{File: study, Engine: "memory/queue", Variant: "before"}, Side{File: study, Engine: "memory/queue", Variant: "after"}, nil, "memory/queue@before → memory/queue@after"},
		"every variant":    {Side{File: study, Engine: "memory/queue"}, Side{File: study, Engine: "memory/queue"}, nil, "memory/queue@before, memory/queue@after"},
		"one side lacks":   {Side{File: all}, Side{File: quiet(6)}, nil, "memory/queue; only old: memory/conditional (virtual), memory/queue@after (virtual), postgres/queue (wall)"},
	} {
		found, err := Compare(c.old, c.new, Options{Engines: c.engines})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var titles []string
		for _, p := range found.Pairs {
			titles = append(titles, p.Title())
		}
		got := strings.Join(titles, ", ")
		if len(found.OnlyOld) > 0 {
			got += "; only old: " + strings.Join(found.OnlyOld, ", ")
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestCompareRefuses(t *testing.T) {
	f := quiet(6)
	other := func(change func(*result.File)) Side {
		g := *f
		change(&g)
		return Side{Name: "new.json", File: &g}
	}
	whole := Side{Name: "old.json", File: f}
	one := Side{Name: "old.json", File: f, Engine: "memory/queue"}
	wall := with(&result.File{Demand: f.Demand, Scenario: f.Scenario}, nil...)
	for _, r := range f.Runs {
		r.Mode = result.Wall
		wall.Runs = append(wall.Runs, r)
	}
	for name, c := range map[string]struct {
		old, new Side
		want     string
	}{
		"another scenario":  {whole, other(func(g *result.File) { g.Scenario = "steady" }), "old.json and new.json can't be compared: they differ in scenario: simulated and steady"},
		"another demand":    {whole, other(func(g *result.File) { g.Demand.ConfigHash = "xyz"; g.Demand.Scale = 1 }), "configuration: abc and xyz; scale: 0.1 and 1"},
		"one engine named":  {one, whole, "expected FILE:ENGINE on both sides"},
		"one variant named": {Side{Name: "old.json", File: f, Engine: "memory/queue", Variant: "x"}, one, "expected FILE:ENGINE@VARIANT on both sides"},
		"no such engine":    {Side{Name: "old.json", File: f, Engine: "memory/quota"}, one, "old.json has no runs of memory/quota: it has memory/queue"},
		"no such variant":   {Side{Name: "old.json", File: f, Engine: "memory/queue", Variant: "x"}, Side{File: f, Engine: "memory/queue", Variant: "y"}, "no runs of memory/queue@x"},
		"virtual and wall":  {one, Side{Name: "wall.json", File: wall, Engine: "memory/queue"}, "nothing to compare: old.json has memory/queue (virtual), wall.json has memory/queue (wall)"},
		"no runs":           {whole, other(func(g *result.File) { g.Runs = nil }), "new.json has no run to compare"},
	} {
		if _, err := Compare(c.old, c.new, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestMeasuredOnOtherMachinesIsSaid(t *testing.T) {
	old := with(&result.File{}, nil...)
	*old = *quiet(6)
	for i := range old.Runs {
		old.Runs[i].Mode = result.Wall
	}
	old.Card = result.Card{CPU: "one", Cores: 2, Servers: map[string]result.Server{"postgres": {Version: "17.1"}}}
	new := *old
	new.Card = result.Card{CPU: "two", Cores: 8, Servers: map[string]result.Server{"postgres": {Version: "17.2"}}}
	if w := compared(t, old, &new, Options{}).Warnings; len(w) != 2 || !strings.Contains(w[0], "one with 2 cores") || !strings.Contains(w[1], "postgres") {
		t.Errorf("warnings %q", w)
	}
	if w := compared(t, old, old, Options{}).Warnings; len(w) != 0 {
		t.Errorf("warnings of one machine: %q", w)
	}
}

// Ten engines with seven figures each, none changed: the correction keeps false alarms of the whole at what they are for one.
func TestManyEnginesDontMakeAFalseAlarm(t *testing.T) {
	alarms := 0
	for i := range 200 {
		days = uint64(i + 1)
		w := world{spread: 0.2, noise: 0.03, rnd: rand.New(rand.NewPCG(17, uint64(i)))}
		old, new := w.file(1, 10, false), w.file(1, 10, true)
		for k := range 9 {
			for side, f := range map[bool]*result.File{false: old, true: new} {
				for _, r := range w.file(1, 10, side).Runs {
					r.Engine = fmt.Sprintf("memory/engine%d", k)
					f.Runs = append(f.Runs, r)
				}
			}
		}
		if slices.ContainsFunc(compared(t, old, new, Options{}).Pairs, func(p Pair) bool { return p.Verdict == Worse }) {
			alarms++
		}
	}
	t.Logf("%d of 200", alarms)
	if alarms > 10 {
		t.Errorf("%d of 200 comparisons of ten engines that did not change call one worse", alarms)
	}
}
