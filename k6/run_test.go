package k6

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/engines/gateway"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
)

func TestSmoke(t *testing.T) {
	dir := t.TempDir()
	if code, out, _ := undisturbed(t, play{script: "smoke.js", env: map[string]string{"OUT": dir}}); code != metThresholds {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	f, r := resultIn(t, dir)
	if !f.Complete || r.Verdict != result.Pass || r.Orders.Promised == 0 {
		t.Errorf("complete %v, verdict %s, %d promised", f.Complete, r.Verdict, r.Orders.Promised)
	}
}

// rush plays testdata/rush.yaml on an engine.
func rush(engine, dir string, more ...string) play {
	p := play{script: "blackfriday.js", env: map[string]string{"SCENARIO": "testdata/rush.yaml", "ENGINE": engine, "DURATION": rushTime.String(), "OUT": dir}}
	for i := 0; i < len(more); i += 2 {
		p.env[more[i]] = more[i+1]
	}
	return p
}

const rushTime = 2 * time.Second

func rushScenario(t testing.TB, set ...string) *scenarios.Scenario {
	t.Helper()
	sc, err := scenarios.Load("testdata/rush.yaml", catalog.Names(), set)
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

// Naive fails its threshold, a safe strategy passes, on every backend. Where everything of an article is promised, the figures are those of
// `doorbuster run`.
func TestEveryBackend(t *testing.T) {
	const set = "wall_peak_per_s=1500" // what a small machine bears, and naive on no backend
	want := runItself(t, set)
	for _, backend := range []string{"memory", "postgres", "redis"} {
		for _, strategy := range []string{"naive", "conditional"} {
			t.Run(backend+"/"+strategy, func(t *testing.T) { onBackend(t, backend+"/"+strategy, set, want) })
		}
	}
}

// naiveTries is how often naive may be lucky on a real server: nothing makes two of its reads meet there, they only nearly always do.
const naiveTries = 10

// onBackend plays the rush on one engine.
func onBackend(t *testing.T, engine, set string, want *result.Run) {
	needServer(t, engine)
	safe := !strings.HasSuffix(engine, "naive")
	code, out, r := undisturbed(t, rush(engine, t.TempDir(), "SET", set))
	for tries := 1; !safe && r.Units.Oversold.Min == 0 && tries < naiveTries; tries++ {
		t.Logf("naive was lucky: %s", out)
		code, out, r = undisturbed(t, rush(engine, t.TempDir(), "SET", set))
	}
	if wantCode := map[bool]int{true: metThresholds, false: failedThresholds}[safe]; code != wantCode {
		t.Errorf("exit code %d, want %d\n%s", code, wantCode, out)
	}
	if oversold := r.Units.Oversold.Min; oversold > 0 == safe {
		t.Errorf("%d units oversold", oversold)
	}
	if r.Units.Supply != want.Units.Supply || r.Orders.Asked != want.Orders.Asked || r.Units.Asked != want.Units.Asked {
		t.Errorf("supply %d, %d orders for %d units; doorbuster run has %d, %d and %d",
			r.Units.Supply, r.Orders.Asked, r.Units.Asked, want.Units.Supply, want.Orders.Asked, want.Units.Asked)
	}
	if safe {
		sameSoldOut(t, r, want)
	}
}

// undisturbed plays until the machine was not too busy for it.
func undisturbed(t *testing.T, p play) (code int, out string, r *result.Run) {
	t.Helper()
	for range 3 {
		code, out = p.run(t)
		if _, r = resultIn(t, p.env["OUT"]); !overloaded(r) {
			return code, out, r
		}
	}
	t.Skipf("this machine is too busy: %q", r.Invalid)
	return code, out, r
}

// overloaded says whether the machine, and nothing else, made a run invalid.
func overloaded(r *result.Run) bool {
	for _, why := range r.Invalid {
		if !strings.Contains(why, "The generator ") { // after the name of a segment, if it is one's
			return false
		}
	}
	return len(r.Invalid) > 0
}

// runItself is what doorbuster run makes of the same seed.
func runItself(t *testing.T, set string) *result.Run {
	t.Helper()
	spec, _ := catalog.Find("memory/conditional")
	f, err := sim.Run(t.Context(), sim.Options{
		Scenario: rushScenario(t, set, "pressure=false"), Engines: []engines.Spec{spec}, Catalog: catalog.All(), Mode: result.Wall, Duration: rushTime, Env: catalog.Wall,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &f.Runs[0]
}

// sameSoldOut compares the articles that both runs promised to the last unit, of which there must be some.
func sameSoldOut(t *testing.T, got, want *result.Run) {
	t.Helper()
	promised, compared := map[string]int64{}, 0
	for _, h := range got.Hot {
		promised[h.SKU] = h.Promised
	}
	for _, h := range want.Hot {
		if h.Promised != h.Supply {
			continue
		}
		if compared++; promised[h.SKU] != h.Promised {
			t.Errorf("%s: %d units promised, doorbuster run promised %d", h.SKU, promised[h.SKU], h.Promised)
		}
	}
	if compared < 3 {
		t.Errorf("only %d articles sold out: nothing was compared", compared)
	}
}

// Too few virtual users make a run invalid, not fast.
func TestTooFewVirtualUsers(t *testing.T) {
	dir := t.TempDir()
	code, out := rush("memory/conditional", dir, "VUS", "3").run(t)
	_, r := resultIn(t, dir)
	if code != failedThresholds || !strings.Contains(out, "doorbuster_run_invalid") {
		t.Errorf("exit code %d, want %d and doorbuster_run_invalid in\n%s", code, failedThresholds, out)
	}
	if r.Valid || r.Load.Dropped == 0 || r.Verdict == result.Pass || r.LatencyMS.Intended.P99 < 10*r.LatencyMS.Service.P99 {
		t.Errorf("valid %v, %d dropped, verdict %s, latency %+v", r.Valid, r.Load.Dropped, r.Verdict, r.LatencyMS)
	}
}

// behindHTTP is an engine in memory behind HTTP, stocked as a scenario says.
func behindHTTP(t *testing.T, strategy string, opening []int64) string {
	t.Helper()
	spec, found := catalog.Find("memory/" + strategy)
	if !found {
		t.Fatal("no such strategy")
	}
	engine, err := spec.Open(t.Context(), engines.Setup{Env: catalog.Wall(time.Millisecond)})
	if err != nil {
		t.Fatal(err)
	}
	g := gateway.New(engine, gateway.Options{Name: spec.Name, Resets: true})
	if err := g.Reset(t.Context(), opening); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(g.Handler())
	t.Cleanup(server.Close)
	return server.URL
}

// The script that any k6 runs finds the naive strategy out, too.
func TestPlainHTTP(t *testing.T) {
	for strategy, want := range map[string]int{"naive": failedThresholds, "conditional": metThresholds} {
		t.Run(strategy, func(t *testing.T) {
			t.Parallel()
			url := behindHTTP(t, strategy, []int64{1})
			code, out := (play{script: "http.js", env: map[string]string{"URL": url}}).run(t)
			if code != want && !strings.Contains(out, "Insufficient VUs") {
				t.Errorf("exit code %d, want %d\n%s", code, want, out)
			}
			if strategy == "naive" && !strings.Contains(out, "✗ 'count==0' count=") {
				t.Errorf("nothing was oversold:\n%s", out)
			}
		})
	}
}

// Operations through k6's own http are judged as those of an engine are.
func TestOperationsOverHTTP(t *testing.T) {
	url := behindHTTP(t, "conditional", []int64{1})
	code, out, r := undisturbed(t, play{script: "flashsale.js", env: map[string]string{"URL": url, "OUT": t.TempDir(), "DURATION": "3s"}})
	if code != metThresholds || r.Verdict != result.Pass || r.Engine != "memory/conditional" || r.Orders.Promised == 0 || r.Orders.Unknown > 0 {
		t.Errorf("exit code %d, verdict %s of %s, %+v\n%s", code, r.Verdict, r.Engine, r.Orders, out)
	}
}

// A run that is aborted, or has no time for its end, is marked incomplete, and unknown.
func TestCutShort(t *testing.T) {
	for script, want := range map[string]struct {
		code int
		why  string
	}{
		"abort.js": {scriptAborted, "the load generator ended"},
		"late.js":  {teardownTimeout, "the load generator did not wait for the last holds and orders"},
	} {
		dir := t.TempDir()
		code, out := play{script: "testdata/" + script, env: map[string]string{"OUT": dir}}.run(t)
		f, r := resultIn(t, dir)
		if code != want.code || f.Complete || r.Complete || r.Valid || r.Verdict != result.Unknown || !strings.Contains(r.Error, want.why) {
			t.Errorf("%s: exit code %d, complete %v and %v, valid %v, verdict %s, error %q\n%s", script, code, f.Complete, r.Complete, r.Valid, r.Verdict, r.Error, out)
		}
	}
}
