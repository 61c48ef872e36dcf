package catalog

import (
	"slices"
	"strings"
	"testing"
)

func TestEveryEngineSaysWhatItPromises(t *testing.T) {
	names := Names()
	for i, s := range All() {
		if s.PromisesNoOversell == (s.Unsafe != "") {
			t.Errorf("%s promises %v, and is unsafe because %q: want one of the two", s.Name, s.PromisesNoOversell, s.Unsafe)
		}
		if s.About == "" || s.Open == nil || s.Backend() == "" || s.Strategy() == "" {
			t.Errorf("%s is incomplete: %+v", s.Name, s)
		}
		if slices.Index(names, s.Name) != i {
			t.Errorf("%s is listed twice", s.Name)
		}
	}
}

func TestMatch(t *testing.T) {
	for pattern, want := range map[string]int{
		"all": len(All()), "memory/*": 10, "memory/naive": 1, "memory/queue, memory/lock": 2, "memory/naive,memory/n*": 2, "*/quota": 1,
	} {
		got, err := Match([]string{pattern})
		if err != nil || len(got) != want {
			t.Errorf("%q names %d engines (%v), want %d", pattern, len(got), err, want)
		}
	}
	got, err := Match([]string{"memory/queue", "memory/naive,memory/queue"})
	if err != nil || len(got) != 2 || got[0].Strategy() != "queue" || got[1].Strategy() != "naive" {
		t.Errorf("queue, naive and queue are %v (%v), want queue and naive", got, err)
	}
}

func TestMatchNamesTheNearest(t *testing.T) {
	for pattern, want := range map[string]string{
		"memory/optimstic": "memory/optimistic", "pessimistic": "memory/pessimistic", "memory/": "memory/lock", "memory/que": "memory/queue", "": "memory/",
		"memory/[": "syntax error", "postgres/*": "did you mean",
	} {
		if _, err := Match([]string{pattern}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error that contains %q", pattern, err, want)
		}
	}
	if _, err := Match(nil); err == nil {
		t.Error("no pattern matches something")
	}
}
