package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/result"
	"github.com/doorbuster/doorbuster/sim/sweep"
)

// planInWords says what a sweep is going to do and how long that takes.
func planInWords(o *sweep.Options, workers int, takes time.Duration) string {
	mine, each := o.Plan.Mine(), int64(len(o.Sim.Engines)*len(o.Sim.Seeds)*len(o.Sim.Scenario.Whole()))
	var b strings.Builder
	fmt.Fprintf(&b, "sweep: %v, %s points", o.Plan, grouped(o.Plan.Points()))
	if plan := o.Plan.Describe(); plan.Shard != "" {
		fmt.Fprintf(&b, ", of which shard %s has %s", plan.Shard, grouped(mine))
	}
	fmt.Fprintf(&b, "; %s runs (%s), about %s with %s", grouped(mine*each), factors(o), roughly(takes), plural(workers, "worker"))
	if n := finishedIn(o); n > 0 {
		fmt.Fprintf(&b, ", less what %s finished runs save", grouped(n))
	}
	if mine*each > sweep.MaxRuns {
		fmt.Fprintf(&b, "\nA result holds %s runs, after which the sweep ends, incomplete: a --sample, or --shard 1/%d to %[2]d/%[2]d, has room.",
			grouped(sweep.MaxRuns), (mine*each+sweep.MaxRuns-1)/sweep.MaxRuns)
	}
	return b.String()
}

// factors says how many runs a point has.
func factors(o *sweep.Options) string {
	parts := []string{plural(len(o.Sim.Engines), "engine")}
	if n := len(o.Sim.Scenario.Whole()); n > 1 {
		parts = append(parts, plural(n, "variant"))
	}
	text := strings.Join(append(parts, plural(len(o.Sim.Seeds), "seed")), " × ") + " a point"
	asked := func(s engines.Spec) bool { return s.Strategy() == o.Sim.Scenario.Control }
	if o.Sim.Scenario.Pressure && !slices.ContainsFunc(o.Sim.Engines, asked) {
		text += ", and its control"
	}
	return text
}

func finishedIn(o *sweep.Options) int64 {
	n := int64(0)
	for _, r := range o.Kept {
		if r.Complete && r.Mode == result.Virtual && !r.IsControl {
			n++
		}
	}
	return n
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// grouped writes n with commas between thousands.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// roughly writes a time that is known roughly: 40 seconds, 12 minutes, 5 days.
func roughly(d time.Duration) string {
	for _, u := range []struct {
		size time.Duration
		name string
	}{{365 * 24 * time.Hour, "year"}, {24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if d >= u.size+u.size/2 {
			return grouped(int64((d+u.size/2)/u.size)) + " " + u.name + "s"
		}
	}
	return plural(int((d+time.Second-1)/time.Second), "second")
}
