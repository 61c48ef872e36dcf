// Package sweep runs a scenario again and again under other settings: a grid of them, or a Latin hypercube. Its plan knows every point without
// keeping any; points run several at once, are kept as they are finished, and are not run again by a later sweep that goes on with them.
//
// What comes of it is an ordinary result file in which each run carries its settings.
package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
)

// MaxRuns is how many runs a result holds: it has a few kilobytes of each, and result.Read takes a gibibyte. A sweep that would have more ends there.
const MaxRuns = 100_000

// room is MaxRuns, but for tests.
var room = MaxRuns

// Options say what to sweep.
type Options struct {
	Plan *Plan
	// Load reads the scenario with settings as --set takes them.
	Load func(set []string) (*scenarios.Scenario, error)
	// Sim is what every point has in common. Its Scenario is the one without settings, its Mode simulated time, its Workers those of the whole sweep;
	// its Progress is not called.
	Sim      sim.Options
	Replay   func(s result.Settings) func(engine, mode string, seed uint64) string // see sim.Options
	Kept     []result.Run                                                          // of an earlier sweep, as Resume gives them
	Spent    time.Duration                                                         // by that sweep
	Save     func(*result.File) error                                              // called now and then with what there is until then; never twice at once
	Progress func(sim.Progress)                                                    // its runs are points; may be nil
}

// sweeper is a sweep on its way.
type sweeper struct {
	*Options
	file  *result.File // without its runs
	each  int          // runs at once within a point
	began time.Time

	mu       sync.Mutex
	points   []done // finished, in the order in which they were
	runs     int
	full     bool
	failed   error
	lastSave time.Time
	saved    time.Duration // what the last Save took
}

// done is a finished point.
type done struct {
	place int64
	runs  []result.Run
}

// Run runs the points that are not kept and returns a file of all. When ctx is cancelled it returns what was finished, marked incomplete, with ctx's
// error. A point whose settings make no scenario ends the sweep with that error, as does a Save that fails; the file has the rest.
func Run(ctx context.Context, o Options) (*result.File, error) {
	s := &sweeper{Options: &o, began: time.Now()}
	if s.Sim.Workers <= 0 {
		s.Sim.Workers = runtime.GOMAXPROCS(0)
	}
	var err error
	if s.file, err = Blank(&o); err != nil {
		return nil, err
	}
	lacks := s.keep()
	todo := o.Plan.Mine()
	for _, l := range lacks {
		if len(l.seeds) == 0 {
			todo--
		}
	}
	// A few points are each run by several workers.
	s.each = int(max(1, int64(s.Sim.Workers)/max(todo, 1)))
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	s.lastSave = time.Now()
	all := s.dispatch(ctx, stop, lacks, todo)
	f := s.whole(all && ctx.Err() == nil)
	switch cause := context.Cause(ctx); {
	case s.failed != nil:
		return f, s.failed
	case cause != nil:
		return f, cause
	}
	return f, nil
}

// Blank is the file of a sweep that has no runs yet.
func Blank(o *Options) (*result.File, error) {
	f, err := sim.Blank(o.Sim)
	if err != nil {
		return nil, err
	}
	f.Sweep, f.Published, f.Runs = o.Plan.Describe(), nil, nil
	return f, nil
}

// task is a point with what it lacks.
type task struct {
	Point
	lack
	number int64 // of those to run
}

// dispatch hands the points to the workers, one as each becomes free, and says whether it came to the end of them.
func (s *sweeper) dispatch(ctx context.Context, stop context.CancelCauseFunc, lacks map[int64]lack, todo int64) (all bool) {
	tasks := make(chan task)
	var busy sync.WaitGroup
	for range min(int64(s.Sim.Workers), max(todo, 1)) {
		busy.Go(func() {
			for t := range tasks {
				if err := s.point(ctx, t, todo); err != nil {
					s.fail(err)
					stop(err)
				}
			}
		})
	}
	defer busy.Wait()
	defer close(tasks)
	number := int64(0)
	for p := range s.Plan.All() {
		l, begun := lacks[p.Place]
		if !begun {
			l = lack{s.Sim.Engines, s.Sim.Seeds}
		}
		if len(l.seeds) == 0 {
			continue
		}
		if s.isFull() {
			return false
		}
		select {
		case tasks <- task{p, l, number}:
			number++
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// point runs one point and keeps it.
func (s *sweeper) point(ctx context.Context, t task, todo int64) error {
	scenario, err := s.Load(Sets(t.Settings))
	if err != nil {
		return fmt.Errorf("point %s: %w", t.Settings, err)
	}
	o := s.Sim
	o.Scenario, o.Workers, o.Mode = scenario, s.each, result.Virtual
	o.Engines, o.Seeds = t.engines, t.seeds
	o.Progress = s.progress(t, todo)
	if s.Replay != nil {
		o.Replay = s.Replay(t.Settings)
	}
	f, err := sim.Run(ctx, o)
	if err != nil { // what was interrupted is not kept
		return fmt.Errorf("point %s: %w", t.Settings, err)
	}
	for i := range f.Runs {
		slim(&f.Runs[i])
		f.Runs[i].Settings = t.Settings
	}
	s.tell(t, todo)
	return s.add(done{t.Place, f.Runs}, f.Warnings)
}

// fail keeps the first error that is not a consequence of another.
func (s *sweeper) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil && !errors.Is(err, context.Canceled) {
		s.failed = err
	}
}

func (s *sweeper) isFull() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.full
}

// maxWarnings bounds what points warn of: one and the same thing may have another figure at each.
const maxWarnings = 10

// add keeps a finished point, and saves what there is if that was long enough ago.
func (s *sweeper) add(d done, warnings []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.points = append(s.points, d)
	s.runs += len(d.runs)
	s.full = s.runs >= room
	for _, w := range warnings {
		if !slices.Contains(s.file.Warnings, w) && len(s.file.Warnings) < maxWarnings {
			s.file.Warnings = append(s.file.Warnings, w)
		}
	}
	if s.Save == nil || time.Since(s.lastSave) < max(leastPause, pauses*s.saved) {
		return nil
	}
	began := time.Now()
	err := s.Save(s.assembled(false))
	s.lastSave, s.saved = time.Now(), time.Since(began)
	return err
}

// Between two times that what is finished is saved lie leastPause, and pauses times what the last one took: a large result is written more rarely.
var (
	leastPause               = 5 * time.Second
	pauses     time.Duration = 20
)

// whole is the file at the end.
func (s *sweeper) whole(ended bool) *result.File {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.assembled(ended)
	sim.Summarize(f)
	return f
}

// assembled has the points in the order of the plan, so that workers leave no trace in it.
func (s *sweeper) assembled(ended bool) *result.File {
	f := *s.file
	f.Complete, f.ElapsedS = ended, (s.Spent + time.Since(s.began)).Seconds()
	slices.SortStableFunc(s.points, func(a, b done) int { return cmp.Compare(a.place, b.place) })
	f.Runs = make([]result.Run, 0, s.runs)
	for _, d := range s.points {
		f.Runs = append(f.Runs, d.runs...)
	}
	for i := range f.Runs {
		f.Complete = f.Complete && f.Runs[i].Complete
	}
	f.Warnings = slices.Clone(f.Warnings)
	if s.full && !ended {
		f.Warnings = append(f.Warnings, fmt.Sprintf("The sweep ended before its last point: a result holds %d runs. Use --shard or --sample.", MaxRuns))
	}
	return &f
}
