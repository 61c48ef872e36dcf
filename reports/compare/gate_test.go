package compare

import (
	"strings"
	"testing"
)

func TestGates(t *testing.T) {
	old := quiet(10)
	slower := compared(t, old, changed(old, 1.1, nil), Options{})
	for _, c := range []struct {
		expr         string
		found        *Comparison
		failed, open bool
		actual       string
	}{
		{"worse", slower, true, false, "p50 +10"},
		{"p99 worse", slower, true, false, "p99 +10"},
		{"p99 worse by 5%", slower, true, false, "p99 +10"},
		{"p99 worse by 5 %", slower, true, false, "p99 +10"},
		{"p99 worse by 0.2", slower, false, false, "worse, +10"},
		{"oversell worse", slower, false, false, "no difference shown"},
		{"memory/*: worse", slower, true, false, "p99 +10"},
		{"memory/quota: worse", slower, false, true, "no pair of engines to judge"},
		{"worse", compared(t, old, changed(old, 0.9, nil), Options{}), false, false, "nothing worse"},
		{"p99 worse", compared(t, old, changed(old, 0.9, nil), Options{}), false, false, "better, −9.9"},
		{"worse", compared(t, quiet(3), changed(quiet(3), 2, nil), Options{}), false, true, "too few runs"},
	} {
		g, err := ParseGate(c.expr)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		got := g.Evaluate(c.found)
		if len(got) != 1 || got[0].Failed != c.failed || got[0].Open != c.open || !strings.Contains(got[0].Actual, c.actual) {
			t.Errorf("%s: got %+v, want failed %v, open %v, %s", c.expr, got, c.failed, c.open, c.actual)
		}
	}
}

func TestGatesRefuse(t *testing.T) {
	for expr, want := range map[string]string{
		"":                   "expected [ENGINE:] [FIGURE] worse [by SHARE]",
		"better":             "expected [ENGINE:]",
		"p98 worse":          `no figure "p98" is compared: expected one of oversell, cancellation`,
		"worse by 5%":        "a share needs a figure",
		"p99 worse by lots":  `found "lots": expected a share`,
		"p99 worse by -5%":   "not negative",
		"p99 worse by NaN":   "not negative",
		"p99 worse by 0%":    "found 0",
		"memory/[: worse":    "engine pattern memory/[",
		"p99 worse than 5 %": "expected [ENGINE:]",
	} {
		if _, err := ParseGate(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", expr, err, want)
		}
	}
	for text, want := range map[string]string{"p99": "expected FIGURE=SHARE", "p98=5%": "no figure", "p99=x": `found "x"`, "p99=-1": "not negative"} {
		if _, _, err := ParseSmallest(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	if name, x, err := ParseSmallest("cancellation=0.05%"); name != "cancellation" || x != 0.0005 || err != nil {
		t.Errorf("got %s %v, %v", name, x, err)
	}
}

func TestEveryFigureIsExplained(t *testing.T) {
	text := Explain()
	for _, name := range Names() {
		if !strings.Contains(text, name+" ") {
			t.Errorf("%s is not explained in\n%s", name, text)
		}
	}
	if !strings.Contains(text, "at least 2 %") || !strings.Contains(text, "at least 0.01 points") {
		t.Errorf("smallest differences are missing in\n%s", text)
	}
}

func TestDifferencesAreWrittenWithoutExponents(t *testing.T) {
	for x, want := range map[float64]string{0: "0 %", 0.0123: "+1.23 %", -0.5: "−50 %", 18.77: "+1877 %", -7.31e-7: "−0.0000731 %", 1.61e-6: "+0.000161 %"} {
		if got := signed(x, " %"); got != want {
			t.Errorf("%v is written %q, want %q", x, got, want)
		}
	}
}
