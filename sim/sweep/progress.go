package sweep

import (
	"sync"

	"github.com/doorbuster/doorbuster/sim"
)

// progress turns the progress of a point's runs into that of the point.
func (s *sweeper) progress(t task, todo int64) func(sim.Progress) {
	if s.Progress == nil {
		return nil
	}
	var mu sync.Mutex
	days, operations := map[int]float64{}, map[int]int64{}
	return func(p sim.Progress) {
		mu.Lock()
		defer mu.Unlock()
		days[p.Run], operations[p.Run] = p.Day, p.Operations
		sum, all := 0.0, int64(0)
		for run, day := range days {
			sum += day
			all += operations[run]
		}
		s.Progress(sim.Progress{
			Run: int(t.number), Runs: int(todo), Engine: s.Plan.Label(t.Settings), Seed: p.Seed, Day: sum / float64(p.Runs), Operations: all,
		})
	}
}

// tell says that a point is done.
func (s *sweeper) tell(t task, todo int64) {
	if s.Progress != nil {
		s.Progress(sim.Progress{Run: int(t.number), Runs: int(todo), Day: 1, Done: true})
	}
}
