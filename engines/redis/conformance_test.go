package redis_test

import (
	"flag"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/enginetest"
	"github.com/doorbuster/doorbuster/engines/memory"
	"github.com/doorbuster/doorbuster/engines/redis"
)

// histories is how many random histories each strategy replays.
const histories = "20"

// TestConformance runs the suite on every strategy, each in a database of its own.
func TestConformance(t *testing.T) {
	if err := flag.Set("rapid.checks", histories); err != nil {
		t.Fatal(err)
	}
	for i, spec := range redis.Specs(redis.Server{}) {
		t.Run(spec.Strategy(), func(t *testing.T) {
			t.Parallel()
			enginetest.Run(t, find(t, spec.Strategy(), at(database(t, i))), enginetest.Goroutines(nil))
		})
	}
}

// TestDifferential sends the same 10,000 random operations to the reference engine and to every strategy here.
func TestDifferential(t *testing.T) { differential(t, false) }

// TestDifferentialQuota does the same with the strategies that have pools.
func TestDifferentialQuota(t *testing.T) { differential(t, true) }

func differential(t *testing.T, pools bool) {
	if testing.Short() {
		t.Skip("70,000 operations, one at a time")
	}
	if err := flag.Set("rapid.checks", "50"); err != nil {
		t.Fatal(err)
	}
	var sides []enginetest.Side
	for _, spec := range memory.Specs() {
		if spec.Pools == pools && spec.PromisesNoOversell && len(sides) == 0 {
			inMemory := enginetest.Goroutines(func() engines.Env { return memory.NewWall(0) })
			sides = append(sides, enginetest.Side{Spec: spec, World: inMemory})
		}
	}
	for i, spec := range redis.Specs(redis.Server{}) {
		if spec.Pools == pools {
			spec = find(t, spec.Strategy(), at(database(t, i)))
			sides = append(sides, enginetest.Side{Spec: spec, World: enginetest.Goroutines(nil)})
		}
	}
	enginetest.Differential(t, 10_000, sides[0], sides[1:]...)
}
