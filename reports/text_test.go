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
	f.Runs[4].Error, f.Runs[4].Seed, f.Runs[4].Variant = "panic in Do", 1234567, "with a very long variant name"
	f.Runs[5].IsControl = true
	f.Runs[6].Units.Oversold = result.Oversold{Min: 1234567, Max: 2345678}
	f.Runs[6].Mode, f.Runs[6].ElapsedS = result.Wall, 5000
	text := textOf(t, f, false)
	for _, want := range []string{
		"Cut short: verdicts are unknown.", "memory/pessimistic: oversold: FAIL: 4 units\n    doorbuster run blackfriday --seed 9\n", "memory/nowait: once: UNKNOWN",
		"memory/optimistic: invalid: the generator lagged\ufffd[2J\n", "memory/conditional: stopped: panic in Do", "warning: the clock jumped",
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
