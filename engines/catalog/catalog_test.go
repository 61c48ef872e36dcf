package catalog

import (
	"slices"
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

func TestFind(t *testing.T) {
	for _, s := range All() {
		if found, ok := Find(s.Name); !ok || found.Name != s.Name {
			t.Errorf("%s: found %q, %v", s.Name, found.Name, ok)
		}
	}
	if s, ok := Find("memory/nothing"); ok {
		t.Errorf("found %q where there is none", s.Name)
	}
}
