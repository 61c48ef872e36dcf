package sweep

import (
	"slices"
	"strings"
	"testing"
)

func all(v values) []string {
	var out []string
	for i := range v.len() {
		out = append(out, v.at(i))
	}
	return out
}

func TestAxis(t *testing.T) {
	for set, want := range map[string][]string{
		"buffers.z=0:3:0.5":             {"0", "0.5", "1", "1.5", "2", "2.5", "3"},
		"buffers.z=0:0.35:0.1":          {"0", "0.1", "0.2", "0.3"}, // in binary fractions 3 × 0.1 is not 0.3
		"a.b=-1:1:1":                    {"-1", "0", "1"},
		"a.b=-0.5:0.5:0.25":             {"-0.5", "-0.25", "0", "0.25", "0.5"},
		"a.b=10:30:10":                  {"10", "20", "30"},
		"sync.polling.every=30s:2m:30s": {"30s", "1m", "1m30s", "2m"},
		"sync.imports.every=0:2h:1h":    {"0s", "1h", "2h"},
		"sync.every=1s,1m,15m":          {"1s", "1m", "15m"},
		"holds.policy=cart":             {"cart"},
		"stock.receipts=[{at: 13h, share: 0.1}, {at: 1h, share: 0.2}],[]": {"[{at: 13h, share: 0.1}, {at: 1h, share: 0.2}]", "[]"},
		`about="a, b",c`: {`"a, b"`, "c"},
		"at=9:00am":      {"9:00am"},
	} {
		a, err := parseAxis(set)
		if err != nil {
			t.Errorf("%s: %v", set, err)
			continue
		}
		if got := all(a.values); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", set, got, want)
		}
		for i, v := range want {
			if got := a.values.index(v); got != int64(i) {
				t.Errorf("%s: %s is number %d, want %d", set, v, got, i)
			}
		}
		if got := a.values.index("nowhere"); got != -1 {
			t.Errorf("%s: a value that it hasn't is number %d", set, got)
		}
	}
}

func TestAValueBetweenTwoOfARangeIsNone(t *testing.T) {
	a, err := parseAxis("buffers.z=0:3:0.5")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"0.25", "0.50", "3.5", "-0.5", "1s"} {
		if got := a.values.index(v); got != -1 {
			t.Errorf("%s is number %d", v, got)
		}
	}
}

func TestAxisErrors(t *testing.T) {
	for set, want := range map[string]string{
		"buffers.z":                  "--set buffers.z: expected KEY=VALUES",
		"=1":                         "--set =1: expected KEY=VALUES",
		"buffers.z=":                 "--set buffers.z=: expected KEY=VALUES",
		"buffers.z=0:3":              "--set buffers.z=0:3: expected a range as START:END:STEP",
		"buffers.z=0:1:2:3":          "--set buffers.z=0:1:2:3: expected a range as START:END:STEP",
		"buffers.z=3:0:0.5":          "--set buffers.z=3:0:0.5: range 3:0:0.5: expected START up to END and a STEP above 0",
		"buffers.z=0:3:0":            "expected START up to END and a STEP above 0",
		"buffers.z=0:3:-1":           "expected START up to END and a STEP above 0",
		"buffers.z=0:3m:1":           "--set buffers.z=0:3m:1: 0:3m:1 mixes numbers and times",
		"buffers.z=0:x:1":            `"x" is no number of up to nine digits and no time`,
		"buffers.z=1,,2":             "value 2 of the list is empty",
		"buffers.z=1,2,":             "value 3 of the list is empty",
		"buffers.z=1,2,1":            "1 stands there twice",
		"buffers.z=0:999999999999:1": `"999999999999" is no number of up to nine digits and no time`,
	} {
		_, err := parseAxis(set)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", set, err, want)
		}
	}
}
