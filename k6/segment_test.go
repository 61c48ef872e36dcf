package k6

import (
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"go.k6.io/k6/v2/lib"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/engines/servers"
	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
)

// segmented are the options of k6 for one of the segments that a sequence divides a run into, with the scenarios of a demand.
func segmented(t *testing.T, d *shared, sequence string, number int) *lib.Options {
	t.Helper()
	all, err := lib.NewExecutionSegmentSequenceFromString(sequence)
	if err != nil {
		t.Fatal(err)
	}
	options := &lib.Options{ExecutionSegment: all[number], ExecutionSegmentSequence: &all}
	text, err := json.Marshal(map[string]any{"scenarios": d.scenarios()})
	if err == nil {
		err = json.Unmarshal(text, options)
	}
	if err != nil {
		t.Fatal(err)
	}
	return options
}

// However a run is divided, and however few virtual users there are, each shopper is in exactly one part.
func TestSegmentsSplitTheDemand(t *testing.T) {
	for _, vus := range []int{0, 3, 7} {
		d, err := newShared(settings{Scenario: "testdata/rush.yaml", Engine: "postgres/conditional", Seed: 3, Duration: rushTime, VUs: vus, Part: true, Out: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		for _, sequence := range []string{"0,1", "0,1/4,2/4,3/4,1", "0,1/3,2/3,1", "0,1/10,1", "0,1/7,1/2,1"} {
			parts, err := lib.NewExecutionSegmentSequenceFromString(sequence)
			if err != nil {
				t.Fatal(err)
			}
			in := make([]int, 1)
			first := 0
			for number := range parts {
				h, err := d.hosting(segmented(t, d, sequence, number))
				if err != nil {
					t.Fatal(err)
				}
				if !h.Part.Later {
					first++
				}
				for v := range d.plan.Visits() {
					for int(v.Order) >= len(in) {
						in = append(in, 0)
					}
					if h.Part.Own == nil || h.Part.Own(v.Channel, v.Number) {
						in[v.Order]++
					}
				}
			}
			if gaps := slices.IndexFunc(in[1:], func(n int) bool { return n != 1 }); gaps >= 0 || len(in) < 100 || first != 1 {
				t.Errorf("%s with %d virtual users: order %d is in %d parts, of %d orders; %d parts are the first", sequence, vus, gaps+1, in[gaps+1], len(in)-1, first)
			}
		}
	}
}

// A segment without a part's options would sell from a stock of its own.
func TestSegmentNeedsPart(t *testing.T) {
	d, err := newShared(settings{Scenario: "testdata/rush.yaml", Engine: "memory/conditional", Seed: 1, Duration: rushTime})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.hosting(segmented(t, d, "0,1/2,1", 1)); err == nil || !containsAll(err.Error(), "1/2:1", "part") {
		t.Errorf("error %v, want one that names the segment and the option", err)
	}
}

// Four processes on one Postgres play the shoppers of one, and are judged together.
func TestFourProcesses(t *testing.T) {
	const engine = "postgres/conditional"
	needServer(t, engine)
	out := t.TempDir()
	prepare := play{script: "prepare.js", env: map[string]string{"SCENARIO": "testdata/rush.yaml", "ENGINE": engine, "DURATION": rushTime.String()}}
	if code, text := prepare.run(t); code != 0 {
		t.Fatalf("exit code %d\n%s", code, text)
	}
	dirs := fourParts(t, engine, out)
	var parts []result.Part
	for _, dir := range dirs {
		f, r := resultIn(t, dir)
		if r.Verdict != result.Unknown || !r.Complete {
			t.Errorf("%s: verdict %s, complete %v: want a part that knows that it proves nothing", r.Segment, r.Verdict, r.Complete)
		}
		parts = append(parts, result.Part{Name: dir, File: f})
	}
	merged, err := result.Merge(parts)
	if err != nil {
		t.Fatal(err)
	}
	f := audited(t, dirs)
	r := &f.Runs[0]
	if !f.Complete || r.Verdict == result.Fail || r.Valid && r.Verdict != result.Pass || r.Units.Oversold.Max > 0 {
		t.Errorf("complete %v, verdict %s, oversold %v, %v", f.Complete, r.Verdict, r.Units.Oversold, r.Checks)
	}
	if samples := merged.Runs[0].LatencyMS; r.LatencyMS != samples {
		t.Errorf("percentiles of merged histograms %+v, of all samples %+v", samples, r.LatencyMS)
	}
	sameOrders(t, dirs, r)
}

// fourParts runs four segments at once, and returns their folders.
func fourParts(t *testing.T, engine, out string) (dirs []string) {
	t.Helper()
	var waits []func()
	for i := range 4 {
		dir := filepath.Join(out, fmt.Sprint(i))
		p := rush(engine, dir, "PART", "true")
		p.args = []string{"--execution-segment", fmt.Sprintf("%d/4:%d/4", i, i+1), "--execution-segment-sequence", "0,1/4,2/4,3/4,1"}
		command, text := p.start(t)
		dirs = append(dirs, dir)
		waits = append(waits, func() {
			if code := codeOf(t, command.Wait()); code != metThresholds && code != failedThresholds {
				t.Errorf("%s: exit code %d\n%s", dir, code, text)
			}
		})
	}
	for _, wait := range waits {
		wait()
	}
	return dirs
}

// audited is what `doorbuster merge --audit` makes of the parts.
func audited(t *testing.T, dirs []string) *result.File {
	t.Helper()
	bin, out := filepath.Join(t.TempDir(), "doorbuster"), filepath.Join(t.TempDir(), "result.json")
	if text, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "../cmd/doorbuster").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	merge := exec.CommandContext(t.Context(), bin, append([]string{"merge", "--audit", "-o", out}, dirs...)...)
	merge.Env = append(os.Environ(), servers.PostgresEnv+"="+postgresURL)
	text, err := merge.CombinedOutput()
	f, readErr := result.Read(out)
	if readErr != nil {
		t.Fatalf("%v\n%s", errors.Join(err, readErr), text)
	}
	// 4 where a part was too slow on this machine: its figures are then no engine's.
	if code := codeOf(t, err); code != 0 && !(code == 4 && overloaded(&f.Runs[0])) {
		t.Errorf("doorbuster merge --audit ended with %d\n%s", code, text)
	}
	return f
}

// sameOrders compares the orders that all parts asked for with the plan of the whole.
func sameOrders(t *testing.T, dirs []string, r *result.Run) {
	t.Helper()
	plan, err := sim.NewPlan(sim.Options{Scenario: rushScenario(t), Duration: rushTime, Env: catalog.Wall})
	if err != nil {
		t.Fatal(err)
	}
	planned := map[engines.OrderID]int{}
	for v := range plan.Visits() {
		planned[v.Order]++
	}
	asked := map[engines.OrderID]int{}
	for _, journal := range journals(t, dirs) {
		countOrders(t, journal, asked)
	}
	if r.Load.Dropped == 0 && !maps.Equal(planned, asked) || len(planned) < 100 {
		t.Errorf("%d orders were asked for, %d planned", len(asked), len(planned))
	}
}

// countOrders counts each order in a journal that was asked for.
func countOrders(t *testing.T, journal io.Reader, asked map[engines.OrderID]int) {
	t.Helper()
	for in := gob.NewDecoder(journal); ; {
		var record struct {
			Answered bool
			Entry    *struct {
				Op struct {
					Order engines.OrderID
					Kind  engines.Kind
				}
			}
		}
		if err := in.Decode(&record); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			return
		}
		if e := record.Entry; e != nil && !record.Answered && e.Op.Kind.TakesStock() {
			asked[e.Op.Order]++
		}
	}
}

// journals of all parts.
func journals(t *testing.T, dirs []string) (all []io.Reader) {
	t.Helper()
	for _, dir := range dirs {
		f, err := os.Open(filepath.Join(dir, sim.JournalName))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() }) // it was only read
		all = append(all, f)
	}
	return all
}
