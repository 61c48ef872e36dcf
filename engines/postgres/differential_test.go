package postgres_test

import (
	"flag"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/enginetest"
	"github.com/doorbuster/doorbuster/engines/memory"
	"github.com/doorbuster/doorbuster/engines/postgres"
)

// TestDifferential sends the same 10,000 operations to the reference engine and to every strategy that promises: they
// decide alike, make the same versions and keep the same books. Strategies with pools are held against the one with pools in memory.
func TestDifferential(t *testing.T) {
	few(t)
	inMemory := enginetest.Goroutines(func() engines.Env { return memory.NewWall(0) })
	onServer := enginetest.Goroutines(nil)
	for _, pools := range []bool{false, true} {
		var reference enginetest.Side
		for _, spec := range memory.Specs() {
			if spec.PromisesNoOversell && spec.Pools == pools {
				reference = enginetest.Side{Spec: spec, World: inMemory}
				break
			}
		}
		var sides []enginetest.Side
		for _, spec := range postgres.Specs(postgres.Server{}) {
			if spec.PromisesNoOversell && spec.Pools == pools {
				here := at(withOption(t, database(t, "differs_"+spec.Strategy()), "synchronous_commit", "off")) // no decision hangs on it
				sides = append(sides, enginetest.Side{Spec: find(t, spec.Name, here), World: onServer})
			}
		}
		enginetest.Differential(t, operations(), reference, sides...)
	}
}

// operations are how many of them are sent to each strategy, in as many histories as rapid.checks says.
func operations() int {
	if testing.Short() {
		return 1_000
	}
	return 10_000
}

// few is how many random histories there are: opening an engine on a server takes as long as many operations.
func few(t *testing.T) {
	t.Helper()
	if err := flag.Set("rapid.checks", "20"); err != nil {
		t.Fatal(err)
	}
}
