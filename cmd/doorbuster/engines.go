package main

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/result"
)

// engines are those to run, in the order in which they were named; all can run in the mode that was asked for.
func (c *runCommand) engines(scenario *scenarios.Scenario) ([]engines.Spec, error) {
	patterns := scenario.Engines
	if c.Engine != nil {
		var err error
		if patterns, err = patternsIn(c.Engine); err != nil {
			return nil, err
		}
	}
	names, err := scenarios.Expand(patterns, catalog.Names())
	if err != nil {
		return nil, err
	}
	if c.Mode == result.Wall {
		return nil, errors.New("--mode wall: this build drives engines in simulated time only; leave --mode out, or say --mode virtual")
	}
	return inVirtualTime(names)
}

// patternsIn takes the values of --engine apart at their commas. A list that names nothing, as an unset variable of a
// shell leaves behind, is an error: it must not mean every engine.
func patternsIn(flags []string) ([]string, error) {
	var patterns []string
	for _, flag := range flags {
		for _, p := range strings.Split(flag, ",") {
			if p = strings.TrimSpace(p); p == "" {
				return nil, fmt.Errorf("--engine %q names no engine: expected names such as memory/naive, patterns such as memory/*, or all, with commas between them", flag)
			}
			patterns = append(patterns, p)
		}
	}
	return patterns, nil
}

// inVirtualTime are the engines of these names, which are known, if all of them run in simulated time.
func inVirtualTime(names []string) ([]engines.Spec, error) {
	specs := make([]engines.Spec, len(names))
	for i, name := range names {
		specs[i], _ = catalog.Find(name)
		if !specs[i].Virtual {
			return nil, fmt.Errorf("engine %s runs in wall time only, and this build drives engines in simulated time only", name)
		}
	}
	return specs, nil
}

// checkThresholds refuses a threshold that no run of these engines would be judged by: after the run it would have failed.
func checkThresholds(thresholds []result.Threshold, specs []engines.Spec, scenario *scenarios.Scenario) error {
	names, controls := make([]string, len(specs)), []string(nil)
	for i, s := range specs {
		names[i] = s.Name
		if scenario.Pressure {
			controls = append(controls, s.Backend()+"/"+scenario.Control)
		}
	}
	promise := slices.ContainsFunc(specs, func(s engines.Spec) bool { return s.PromisesNoOversell })
	for _, t := range thresholds {
		matches := func(name string) bool { hit, _ := path.Match(t.Engine, name); return hit } // its form was checked
		switch {
		case t.Engine == "" && !promise:
			return fmt.Errorf("threshold %q applies to engines that promise not to oversell, and none that is to be run does: expected ENGINE: before it, as in \"%s: %s\"", t.Expr, names[0], t.Expr)
		case t.Engine == "" || slices.ContainsFunc(names, matches) || slices.Contains(controls, t.Engine):
			continue
		}
		return fmt.Errorf("threshold %q: engine %q is not to be run: did you mean %q? To be run: %s", t.Expr, t.Engine,
			scenarios.Nearest(t.Engine, names), strings.Join(names, ", "))
	}
	return nil
}
