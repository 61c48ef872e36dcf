package enginetest

import (
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/memory"
)

// inMemory is the world of the reference engine.
var inMemory = Goroutines(func() engines.Env { return memory.NewWall(0) })

// TestDifferentialOfMemory sends 10,000 operations to every strategy of the reference engine. One at a time, those that make no promise
// decide alike too. Simulated and real time make no difference.
func TestDifferentialOfMemory(t *testing.T) {
	var reference, quota []Side
	for _, spec := range memory.Specs() {
		if spec.Pools {
			quota = append(quota, Side{spec, Virtual(1)}, Side{spec, inMemory})
			continue
		}
		reference = append(reference, Side{spec, inMemory})
	}
	Differential(t, 10_000, reference[0], reference[1:]...)
	Differential(t, 10_000, quota[0], quota[1:]...)
}

// TestDifferentialOfPools holds a strategy with pools against one without: they can't agree.
func TestDifferentialOfPools(t *testing.T) {
	var r Recorder
	specs := memory.Specs()
	Compare(&r, LongHistory(100).Example(1), Side{specs[0], inMemory}, Side{specs[len(specs)-1], inMemory})
	if len(r.errors) == 0 {
		t.Errorf("no difference was found between %s and %s", specs[0].Name, specs[len(specs)-1].Name)
	}
}

// planted are differences that a differential test must find, and what it must say of them.
var planted = map[string]struct {
	says string
	flaw flaw
}{
	"confirms holds that are over": {"confirm", flaws["confirms holds that are over"].flaw},
	"counts only what is free":     {"want", flaws["counts only what is free"].flaw},
	"validates each line alone":    {"reserve", flaws["validates each line alone"].flaw},
	"counts parcels twice": {"books: the stock", func(m *model, op *engines.Op) (engines.Outcome, bool) {
		if op.Kind == engines.Ship && m.expect(*op) == engines.Done {
			m.stock[0].shipped++
		}
		return 0, false
	}},
	"forgets that it answered": {"want", func(m *model, op *engines.Op) (engines.Outcome, bool) {
		if op.Kind == engines.Adjust {
			delete(m.replies, op.ID)
		}
		return 0, false
	}},
}

// TestDifferentialFindsDifferences shows the differential test failing: each planted difference is found and named.
func TestDifferentialFindsDifferences(t *testing.T) {
	reference := Side{toySpec(nil), inProcess}
	for name, p := range planted {
		t.Run(name, func(t *testing.T) {
			var r Recorder
			for seed := 0; seed < 20 && len(r.errors) == 0; seed++ {
				Compare(&r, LongHistory(100).Example(seed), reference, Side{toySpec(p.flaw), inProcess})
			}
			if len(r.errors) == 0 || !strings.Contains(r.errors[0], p.says) {
				t.Errorf("found %q, want a difference with %q", r.errors, p.says)
			}
		})
	}
}

// TestDifferentialOfEquals shows that an engine doesn't differ from itself, and that a history has all kinds of
// operations and outcomes in it.
func TestDifferentialOfEquals(t *testing.T) {
	toys := Side{toySpec(nil), inProcess}
	Differential(t, 2000, toys, toys)
	a := toys.account(LongHistory(1000).Example(1))
	outcomes := map[engines.Outcome]int{}
	for _, reply := range a.replies {
		outcomes[reply.Outcome]++
	}
	for _, o := range []engines.Outcome{engines.Done, engines.SoldOut, engines.Expired, engines.NotFound, engines.Conflict} {
		if outcomes[o] < 5 {
			t.Errorf("%d of 1000 operations were %v (%v), want 5 at least", outcomes[o], o, outcomes)
		}
	}
}

// TestSameVersions: the order of versions doesn't matter, everything else does.
func TestSameVersions(t *testing.T) {
	a, b := engines.Version{SKU: 1, Seq: 2, After: 3}, engines.Version{SKU: 2, Seq: 2, After: 3}
	if !sameVersions([]engines.Version{a, b}, []engines.Version{b, a}) || sameVersions([]engines.Version{a, a}, []engines.Version{a, b}) ||
		sameVersions([]engines.Version{a}, nil) {
		t.Errorf("versions are compared wrongly")
	}
}
