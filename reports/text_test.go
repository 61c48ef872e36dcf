package reports

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/doorbuster/doorbuster/sim/result"
)

func textOf(t *testing.T, f *result.File, color bool) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, f, color); err != nil {
		t.Fatal(err)
	}
	return plainSpaces(b.String())
}

// rowOf is the line of the table whose first column ends in name, without its padding.
func rowOf(t *testing.T, text, name string) string {
	t.Helper()
	for line := range strings.Lines(text) {
		if before, after, ok := strings.Cut(line, name+" "); ok && len(before) < 10 {
			return name + " " + strings.Join(strings.Fields(after), " ")
		}
	}
	t.Fatalf("no row for %s in\n%s", name, text)
	return ""
}

func TestTextHasARowForEachRun(t *testing.T) {
	f := fixture(t)
	text := textOf(t, f, false)
	if got := rowOf(t, text, "memory/naive"); !strings.HasPrefix(got, "memory/naive simulated no promise 1.02M 3412 0 0 0.30% ") {
		t.Error(got)
	}
	if got := rowOf(t, text, "memory/quota"); !strings.HasPrefix(got, "memory/quota simulated pass 1.01M 0 9.12k 20.5k 0.00% ") {
		t.Error(got)
	}
	if !strings.Contains(text, "failed and not promised: oversold: memory/naive and memory/lock\n") || !strings.Contains(text, "Choose conditional:") {
		t.Error(text)
	}
	if strings.Contains(text, "\x1b") || !strings.Contains(textOf(t, f, true), green+"pass") {
		t.Error("colours are shown without being asked for, or not shown")
	}
}

func TestTextShowsFailuresAndDoubts(t *testing.T) {
	f := fixture(t)
	f.Warnings = []string{"the clock jumped"}
	f.Complete = false
	bad := &f.Runs[1]
	bad.Verdict, bad.Checks[0] = result.Fail, result.Check{Name: "oversold", Promised: true, Verdict: result.Fail, Detail: "4 units", Replay: "doorbuster run blackfriday --seed 9"}
	f.Runs[2].Checks[3].Verdict = result.Unknown
	f.Runs[3].Valid, f.Runs[3].Invalid = false, []string{"the generator lagged\x1b[2J"}
	f.Runs[4].Error, f.Runs[4].Seed, f.Runs[4].Engine = "panic in Do\n\tat line 7", 1234567, "memory/conditional with a very long name"
	f.Runs[5].IsControl = true
	f.Runs[6].Units.Oversold = result.Oversold{Min: 1234567, Max: 2345678}
	f.Runs[6].Mode, f.Runs[6].ElapsedS = result.Wall, 5000
	text := textOf(t, f, false)
	for _, want := range []string{
		"Cut short: verdicts are unknown.", "memory/pessimistic #1: oversold: FAIL: 4 units\n    doorbuster run blackfriday --seed 9\n", "memory/nowait #1: once: UNKNOWN",
		"memory/optimistic #1: invalid: the generator lagged\ufffd[2J\n", "very long name #1234567: stopped: panic in Do\n", "warning: the clock jumped",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for engine, want := range map[string]string{"optimistic #1": " invalid ", "lock #1": " control ", "fenced #1": " measured ", "name #1234567": " pass "} {
		if got := rowOf(t, text, engine); !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	if strings.Contains(text, "\x1b") {
		t.Error("a name from the result can move the cursor")
	}
	table, _, _ := strings.Cut(text, "\n\nmemory")
	for line := range strings.Lines(table) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 110 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestTextStaysNarrow(t *testing.T) {
	for line := range strings.Lines(textOf(t, fixture(t), false)) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 110 && strings.HasPrefix(line, "memory/") {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

type failing struct{}

var errFull = errors.New("disk full")

func (failing) Write([]byte) (int, error) { return 0, errFull }

func TestReportsPassOnWriteErrors(t *testing.T) {
	f := fixture(t)
	for name, err := range map[string]error{
		"text": Text(failing{}, f, false), "junit": JUnit(failing{}, f), "html": HTML(failing{}, []*result.File{f}),
	} {
		if !errors.Is(err, errFull) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestTextSaysOnceWhatAllRunsShare(t *testing.T) {
	f := fixture(t)
	for i := range f.Runs {
		f.Runs[i].Valid, f.Runs[i].Invalid = false, []string{"The control did not oversell."}
	}
	f.Runs[3].Invalid = append(f.Runs[3].Invalid, "The generator lagged.")
	text := textOf(t, f, false)
	for _, want := range []string{"\nall 10 runs: invalid: The control did not oversell.\n", "\nmemory/optimistic: invalid: The generator lagged.\n", "the runs prove nothing.\n"} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%d times %q in\n%s", strings.Count(text, want), want, text)
		}
	}
}

func TestTextOfARunThatWasCutShort(t *testing.T) {
	f := fixture(t)
	f.Complete, f.Runs = false, f.Runs[:3]
	for i := range f.Runs {
		r := &f.Runs[i]
		r.Complete, r.Valid, r.Verdict, r.Error = false, false, result.Unknown, "context canceled"
		r.Invalid = []string{"It did not run to its end: context canceled"}
		for n := range r.Checks {
			r.Checks[n].Verdict = result.Unknown
		}
	}
	f.Runs[1].Verdict, f.Runs[1].Checks[0].Verdict = result.Fail, result.Fail
	f.Runs[2] = result.Run{Engine: "memory/queue", Mode: result.Virtual, Seed: 1, Verdict: result.Unknown, Error: "context canceled"}
	text := textOf(t, f, false)
	for engine, want := range map[string]string{
		"memory/naive": " simulated cut short 1.02M 3412 ", "memory/pessimistic": " simulated fail 1.02M ", "memory/queue": " simulated not run – – – ",
	} {
		if got := rowOf(t, text, engine); !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	if strings.Count(text, "context canceled") != 1 || !strings.Contains(text, "\nall 3 runs: stopped: context canceled\n") {
		t.Errorf("the reason is not said once in\n%s", text)
	}
	if strings.Count(text, "UNKNOWN") != 0 || strings.Count(text, "FAIL") != 1 {
		t.Errorf("unknown checks are listed, or the failed one isn't, in\n%s", text)
	}
}

func TestTextOfSeveralSeedsHasARowForEachEngine(t *testing.T) {
	first, second := fixture(t), fixture(t)
	for i := range second.Runs {
		second.Runs[i].Seed = 2
	}
	f := first
	f.Runs = append(f.Runs[:3], second.Runs[:3]...)
	f.Runs[5].Valid = false // the second of nowait
	rate := func(name string, mean, low, high float64, events, trials int64, method string) result.RateInterval {
		return result.RateInterval{Name: name, Mean: mean, Low: low, High: high, Events: events, Trials: trials, Method: method}
	}
	f.Summaries = []result.Summary{
		{Engine: "memory/naive", Mode: result.Virtual, Runs: 2, Rates: []result.RateInterval{
			rate("oversell", 0.0376, 0.0370, 0.0381, 376, 10_000, result.StudentT), rate("cancellation", 0.0004, 0.0001, 0.0009, 4, 10_000, result.ClopperPearson)}},
		{Engine: "memory/pessimistic", Mode: result.Virtual, Runs: 2, Rates: []result.RateInterval{rate("oversell", 0, 0, 3.7e-6, 0, 1_000_000, result.ClopperPearson)}},
		{Engine: "memory/nowait", Mode: result.Virtual, Runs: 1, Rates: []result.RateInterval{rate("fill_rate", 0.75, 0.75, 0.75, 3, 4, result.NoInterval)}},
	}
	text := textOf(t, f, false)
	for engine, want := range map[string]string{
		"naive": "naive no promise 3.76 [3.70, 3.81] 0.040 [0.010, 0.090]* – – ", "pessimistic": "pessimistic pass ≤ 0.00037 – – – ",
		"nowait (1 of 2)": "nowait (1 of 2) invalid – – – 75 ",
	} {
		if got := rowOf(t, text, engine); !strings.HasPrefix(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if !strings.Contains(text, "Simulated figures, means over 2 seeds with 95 % intervals") {
		t.Error(text)
	}
}
