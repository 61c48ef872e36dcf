package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
	"github.com/doorbuster/doorbuster/sim/sweep"
)

// base is what all points of the tests' sweeps have in common: a shop with two marketplaces, small.
var base = []string{"demand.orders_per_day=300", "skus=40", "buffers.policy=dynamic"}

// options are those of a sweep of my-shop on one engine; loaded counts the points that were run.
func options(t *testing.T, seeds int, shard string, set ...string) (o *sweep.Options, loaded func() []string) {
	t.Helper()
	part, err := sweep.ParseShard(shard)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := sweep.NewPlan(set, 0, 1, part)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var all []string
	load := func(set []string) (*scenarios.Scenario, error) {
		mu.Lock()
		all = append(all, strings.Join(set, " "))
		mu.Unlock()
		return scenarios.Load("my-shop", catalog.Names(), slices.Concat(base, set))
	}
	scenario, err := scenarios.Load("my-shop", catalog.Names(), base)
	if err != nil {
		t.Fatal(err)
	}
	o = &sweep.Options{Plan: plan, Load: load, Sim: sim.Options{
		Scenario: scenario, Engines: []engines.Spec{spec(t, "memory/conditional")}, Catalog: catalog.All(), Mode: result.Virtual, Workers: 2, Commit: "c1",
	}}
	for seed := range seeds {
		o.Sim.Seeds = append(o.Sim.Seeds, uint64(seed+1))
	}
	return o, func() []string { return all }
}

func spec(t *testing.T, name string) engines.Spec {
	t.Helper()
	s, ok := catalog.Find(name)
	if !ok {
		t.Fatalf("no engine %s", name)
	}
	return s
}

func run(t *testing.T, o *sweep.Options) *result.File {
	t.Helper()
	f, err := sweep.Run(t.Context(), *o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var twoKeys = []string{"buffers.z=0:2:1", "sync.every=1m,15m"}

func TestRun(t *testing.T) {
	o, _ := options(t, 2, "", twoKeys...)
	f := run(t, o)
	if !f.Complete || len(f.Runs) != 12 || f.Found() != 6 || f.Sweep.Points != 6 || len(f.Summaries) != 6 {
		t.Fatalf("complete %v, %d runs of %d points (of %d), %d summaries: want true, 12 of 6 of 6, and 6", f.Complete, len(f.Runs), f.Found(), f.Sweep.Points, len(f.Summaries))
	}
	asked := map[uint64]int64{}
	for _, r := range f.Runs {
		if !r.Valid || r.Verdict != result.Pass {
			t.Errorf("%s seed %d: %s %v", r.Settings, r.Seed, r.Verdict, r.Invalid)
		}
		if asked[r.Seed] == 0 {
			asked[r.Seed] = r.Orders.Asked
		}
		if asked[r.Seed] != r.Orders.Asked {
			t.Errorf("%s seed %d met %d orders, another point %d: points are not paired", r.Settings, r.Seed, r.Orders.Asked, asked[r.Seed])
		}
	}
	path := filepath.Join(t.TempDir(), "result.json")
	if err := result.Write(path, f); err != nil {
		t.Fatal(err)
	}
	again, err := result.Read(path)
	if err != nil || figures(again) != figures(f) {
		t.Errorf("what was written and read is not the same (%v)", err)
	}
}

// figures are what is reproducible of a sweep's result, in its order.
func figures(f *result.File) string {
	var b strings.Builder
	for _, r := range f.Runs {
		b.WriteString(strings.Join([]string{r.Settings.String(), r.Engine, r.Variant, r.Verdict}, " "))
		for _, field := range []string{"seed", "orders.asked", "orders.promised", "orders.refused_falsely", "orders.cancelled.seller_oversold", "units.oversold.max", "events", "shop.money.total"} {
			if v, ok := result.Value(&r, field); ok {
				fmt.Fprintf(&b, " %s %v", field, v)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestWorkersLeaveNoTrace(t *testing.T) {
	one, _ := options(t, 1, "", twoKeys...)
	one.Sim.Workers = 1
	many, _ := options(t, 1, "", twoKeys...)
	many.Sim.Workers = 5
	if a, b := figures(run(t, one)), figures(run(t, many)); a != b {
		t.Errorf("one worker:\n%s\nfive:\n%s", a, b)
	}
}

func TestShardsMergeToTheWhole(t *testing.T) {
	o, _ := options(t, 1, "", twoKeys...)
	whole := run(t, o)
	var shards []result.Part
	for _, name := range []string{"1/2", "2/2"} {
		o, _ := options(t, 1, name, twoKeys...)
		shards = append(shards, result.Part{Name: name, File: run(t, o)})
	}
	merged, err := result.Merge(shards)
	if err != nil {
		t.Fatal(err)
	}
	lines := func(f *result.File) []string {
		all := strings.Split(figures(f), "\n")
		slices.Sort(all)
		return all
	}
	if !merged.Complete || merged.Sweep.Shard != "" || !slices.Equal(lines(merged), lines(whole)) {
		t.Errorf("complete %v, shard %q:\n%s\nwant\n%s", merged.Complete, merged.Sweep.Shard, figures(merged), figures(whole))
	}

	half, err := result.Merge(append(shards[:1:1], result.Part{Name: "none", File: &result.File{Scenario: whole.Scenario, Demand: whole.Demand, Sweep: whole.Sweep, Complete: true}}))
	if err != nil || half.Complete || !slices.Contains(half.Warnings, "3 of the sweep's 6 points are in none of the merged files.") {
		t.Errorf("a shard that is missing: complete %v, %v, %v", half.Complete, half.Warnings, err)
	}
	if _, err := result.Merge([]result.Part{shards[0], shards[0]}); err == nil || !strings.Contains(err.Error(), "it would count twice") {
		t.Errorf("a shard that is there twice: %v", err)
	}
	other, _ := options(t, 1, "1/2", "buffers.z=0:4:1", "sync.every=1m,15m")
	if _, err := result.Merge([]result.Part{shards[0], {Name: "other", File: run(t, other)}}); err == nil || !strings.Contains(err.Error(), "are not parts of one sweep") {
		t.Errorf("a shard of another sweep: %v", err)
	}
}

// TestAnInterruptedSweepGoesOn stops a sweep half-way, and runs it again with what there is.
func TestAnInterruptedSweepGoesOn(t *testing.T) {
	o, _ := options(t, 1, "", twoKeys...)
	whole := run(t, o)

	o, _ = options(t, 1, "", twoKeys...)
	o.Sim.Workers = 1
	ctx, cancel := context.WithCancel(t.Context())
	done := 0
	o.Progress = func(p sim.Progress) {
		if p.Done {
			if done++; done == 3 {
				cancel()
			}
		}
	}
	part, err := sweep.Run(ctx, *o)
	if !errors.Is(err, context.Canceled) || part == nil || part.Complete || part.Found() != 3 {
		t.Fatalf("%v, complete %v, %d points: want it cancelled, incomplete, with 3 points", err, part.Complete, part.Found())
	}

	o, loaded := options(t, 1, "", twoKeys...)
	if o.Kept, err = sweep.Resume(o, "part", part); err != nil || len(o.Kept) != 3 {
		t.Fatalf("%d runs kept, %v", len(o.Kept), err)
	}
	resumed := run(t, o)
	if !resumed.Complete || figures(resumed) != figures(whole) {
		t.Errorf("complete %v:\n%s\nwant\n%s", resumed.Complete, figures(resumed), figures(whole))
	}
	if n := len(loaded()); n != 3 {
		t.Errorf("%d points were run again, want 3: %q", n, loaded())
	}
	for _, r := range part.Runs {
		if slices.Contains(loaded(), strings.Join(sweep.Sets(r.Settings), " ")) {
			t.Errorf("%s was finished, and was run again", r.Settings)
		}
	}
}

func TestGoingOnRunsWhatIsMissing(t *testing.T) {
	o, _ := options(t, 1, "", "buffers.z=0,1")
	earlier := run(t, o)

	o, loaded := options(t, 2, "", "buffers.z=0,1,2")
	o.Sim.Engines = append(o.Sim.Engines, spec(t, "memory/queue"))
	var err error
	if o.Kept, err = sweep.Resume(o, "earlier", earlier); err != nil {
		t.Fatal(err)
	}
	f := run(t, o)
	seen := map[string]int{}
	for _, r := range f.Runs {
		seen[r.Settings.String()+" "+r.Engine+" "+string(rune('0'+r.Seed))]++
	}
	if len(f.Runs) != 12 || len(seen) != 12 || len(loaded()) != 3 {
		t.Errorf("%d runs, %d of them different, by running %d points: want 3 points × 2 engines × 2 seeds, each once: %v", len(f.Runs), len(seen), len(loaded()), seen)
	}
}

func TestResumeRefuses(t *testing.T) {
	o, _ := options(t, 1, "", "buffers.z=0,1")
	earlier := run(t, o)
	change := func(to func(*result.File)) *result.File {
		f := *earlier
		to(&f)
		return &f
	}
	for want, f := range map[string]*result.File{
		"r is the result of no sweep":           change(func(f *result.File) { f.Sweep = result.Sweep{} }),
		`differ in commit: "c0" and "c1"`:       change(func(f *result.File) { f.Card.Commit = "c0" }),
		"differ in scenario: other and my-shop": change(func(f *result.File) { f.Scenario = "other" }),
		"differ in configuration: 0 and ":       change(func(f *result.File) { f.Demand.ConfigHash = "0" }),
		"differ in scale: 0.5 and 1":            change(func(f *result.File) { f.Demand.Scale = 0.5 }),
		"its point buffers.z=9 is none of this ": change(func(f *result.File) {
			f.Runs = []result.Run{{Settings: result.Settings{{Key: "buffers.z", Value: "9"}}}}
		}),
	} {
		if _, err := sweep.Resume(o, "r", f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if kept, err := sweep.Resume(o, "r", earlier); err != nil || len(kept) != 2 {
		t.Errorf("the same sweep: %d runs, %v", len(kept), err)
	}
}

func TestAPointThatMakesNoScenario(t *testing.T) {
	o, _ := options(t, 1, "", "buffers.z=1,99")
	if err := sweep.Try(o); err == nil || !strings.Contains(err.Error(), "point buffers.z=99: --set buffers.z=99: buffers.z: expected a number from 0 to 10") {
		t.Errorf("before: %v", err)
	}
	f, err := sweep.Run(t.Context(), *o)
	if err == nil || !strings.Contains(err.Error(), "point buffers.z=99") || f.Complete {
		t.Errorf("in the middle: %v, complete %v", err, f.Complete)
	}
	good, _ := options(t, 1, "", twoKeys...)
	if err := sweep.Try(good); err != nil {
		t.Error(err)
	}
}

func TestSyncEverySetsBothIntervals(t *testing.T) {
	got := sweep.Sets(result.Settings{{Key: "buffers.z", Value: "1"}, {Key: "sync.every", Value: "2m"}})
	want := []string{"buffers.z=1", "sync.polling.every=2m", "sync.imports.every=2m"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	sc, err := scenarios.Load("my-shop", catalog.Names(), got[1:])
	if err != nil || sc.Sync.Polling.Every != 2*time.Minute || sc.Sync.Imports.Every != 2*time.Minute {
		t.Errorf("the scenario has %v and %v (%v)", sc.Sync.Polling.Every, sc.Sync.Imports.Every, err)
	}
}

// TestEstimate holds the estimate against what a sweep takes, roughly: other tests share the machine.
func TestEstimate(t *testing.T) {
	o, _ := options(t, 2, "", twoKeys...)
	few, err := sweep.Estimate(t.Context(), o, 1)
	if err != nil || few <= 0 {
		t.Fatalf("%v, %v", few, err)
	}
	large, _ := options(t, 2, "", "buffers.z=0:2:0.001", "sync.every=1m:1000m:1m")
	many, err := sweep.Estimate(t.Context(), large, 1)
	if err != nil || many < 1000*few {
		t.Errorf("6 points take %v, 2 million %v (%v)", few, many, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sweep.Estimate(ctx, o, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

func TestWhatIsFinishedIsSaved(t *testing.T) {
	o, _ := options(t, 1, "", twoKeys...)
	sweep.SaveEvery(t, 0)
	var saved []int64
	o.Save = func(f *result.File) error {
		if f.Complete {
			t.Error("a part is marked complete")
		}
		saved = append(saved, f.Found())
		return nil
	}
	run(t, o)
	if !slices.Equal(saved, []int64{1, 2, 3, 4, 5, 6}) {
		t.Errorf("saved %v points, want 1 to 6", saved)
	}

	o.Save = func(*result.File) error { return errors.New("disk full") }
	if _, err := sweep.Run(t.Context(), *o); err == nil || err.Error() != "disk full" {
		t.Errorf("got %v, want that the disk is full", err)
	}

	sweep.SaveEvery(t, time.Hour)
	o.Save = func(*result.File) error { t.Error("saved too early"); return nil }
	run(t, o)
}

func TestASweepThatIsTooLargeForAResultEnds(t *testing.T) {
	sweep.Room(t, 3)
	o, _ := options(t, 1, "", twoKeys...)
	o.Sim.Workers = 1
	f := run(t, o)
	if n := f.Found(); f.Complete || n < 3 || n > 5 || !slices.ContainsFunc(f.Warnings, func(w string) bool { return strings.HasPrefix(w, "The sweep ended before its last point") }) {
		t.Errorf("complete %v with %d points and %q: want 3 to 5 of 6, and why", f.Complete, n, f.Warnings)
	}
	sweep.Room(t, 6)
	o, _ = options(t, 1, "", twoKeys...)
	if f := run(t, o); !f.Complete || f.Found() != 6 {
		t.Errorf("a sweep that just fits: complete %v with %d points", f.Complete, f.Found())
	}
}
