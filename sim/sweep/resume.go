package sweep

import (
	"fmt"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/result"
)

// Resume returns the runs of an earlier result, called name, that a sweep can go on with: those that were finished. It refuses a result of another
// scenario, demand or version of doorbuster, and one with points that are not among the sweep's, and says what differs.
func Resume(o *Options, name string, earlier *result.File) ([]result.Run, error) {
	if !earlier.Sweep.Is() {
		return nil, fmt.Errorf("%s is the result of no sweep: expected another --out", name)
	}
	blank, err := Blank(o)
	if err != nil {
		return nil, err
	}
	differs := result.DemandDiffers(earlier, blank)
	if a, b := earlier.Demand.Scale, blank.Demand.Scale; a != b { // DemandDiffers looks at scales of runs, and there are none yet
		differs = append(differs, fmt.Sprintf("scale: %v and %v", a, b))
	}
	if a, b := earlier.Card.Commit, blank.Card.Commit; a != b {
		differs = append(differs, fmt.Sprintf("commit: %q and %q", a, b))
	}
	if len(differs) > 0 {
		return nil, fmt.Errorf("%s can't be gone on with: it and this sweep differ in %s; expected the same, or another --out", name, strings.Join(differs, "; "))
	}
	var kept []result.Run
	for _, r := range earlier.Runs {
		if _, ok := o.Plan.Place(r.Settings); !ok {
			return nil, fmt.Errorf("%s can't be gone on with: its point %s is none of this sweep's; expected --set with its values too, the same --sample, --seed and --shard, or another --out", name, r.Settings)
		}
		if r.Complete {
			kept = append(kept, r)
		}
	}
	return kept, nil
}

// lack is what a point has yet to run.
type lack struct {
	engines []engines.Spec
	seeds   []uint64
}

// keep takes over the kept runs, and returns what each of their points lacks.
func (s *sweeper) keep() map[int64]lack {
	byPlace := map[int64][]result.Run{}
	for _, r := range s.Kept {
		place, _ := s.Plan.Place(r.Settings) // Resume has looked
		byPlace[place] = append(byPlace[place], r)
	}
	lacks := map[int64]lack{}
	for place, runs := range byPlace {
		l := s.lacking(runs)
		// Of what is run again, the earlier run goes.
		runs = slices.DeleteFunc(runs, func(r result.Run) bool {
			return slices.Contains(l.seeds, r.Seed) && (r.IsControl || slices.ContainsFunc(l.engines, func(e engines.Spec) bool { return e.Name == r.Engine }))
		})
		lacks[place] = l
		s.points = append(s.points, done{place, runs})
		s.runs += len(runs)
	}
	return lacks
}

// lacking are the engines and seeds that some run is missing of, on any variant.
func (s *sweeper) lacking(runs []result.Run) (l lack) {
	type ran struct {
		engine, variant string
		seed            uint64
	}
	has := map[ran]bool{}
	for _, r := range runs {
		has[ran{r.Engine, r.Variant, r.Seed}] = !r.IsControl
	}
	for _, e := range s.Sim.Engines {
		for _, seed := range s.Sim.Seeds {
			if !slices.ContainsFunc(s.Sim.Scenario.Whole(), func(v *scenarios.Scenario) bool { return !has[ran{e.Name, v.Variant, seed}] }) {
				continue
			}
			if n := len(l.engines); n == 0 || l.engines[n-1].Name != e.Name {
				l.engines = append(l.engines, e)
			}
			if !slices.Contains(l.seeds, seed) {
				l.seeds = append(l.seeds, seed)
			}
		}
	}
	return l
}
