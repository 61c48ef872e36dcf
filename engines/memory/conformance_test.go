package memory_test

import (
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/enginetest"
	"github.com/doorbuster/doorbuster/engines/memory"
)

// TestConformance runs the suite on every strategy in both worlds.
func TestConformance(t *testing.T) {
	worlds := map[string]enginetest.World{
		"virtual":    enginetest.Virtual(1),
		"goroutines": enginetest.Goroutines(func() engines.Env { return memory.NewWall(10 * time.Microsecond) }),
	}
	for name, w := range worlds {
		for _, spec := range memory.Specs() {
			t.Run(name+"/"+spec.Strategy(), func(t *testing.T) {
				t.Parallel()
				enginetest.Run(t, spec, w)
			})
		}
	}
}
