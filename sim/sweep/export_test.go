package sweep

import (
	"testing"
	"time"
)

// SaveEvery sets how often a sweep is saved, for one test.
func SaveEvery(t *testing.T, d time.Duration) {
	was, wasPauses := leastPause, pauses
	leastPause, pauses = d, 0
	t.Cleanup(func() { leastPause, pauses = was, wasPauses })
}

// Room sets how many runs a result holds, for one test.
func Room(t *testing.T, runs int) {
	room = runs
	t.Cleanup(func() { room = MaxRuns })
}
