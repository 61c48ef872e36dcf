package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/result"
)

// engines are those to run, in the order in which they were named; all can run in the mode that was asked for. Their servers aren't known yet.
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
	if c.Mode == result.Virtual {
		if err := checkVirtual(patterns); err != nil {
			return nil, err
		}
	}
	var specs []engines.Spec
	for _, name := range names {
		if s, _ := catalog.Find(name); s.Virtual || c.Mode != result.Virtual {
			specs = append(specs, s)
		}
	}
	return specs, nil
}

// checkVirtual refuses engines that simulated time can't run. The word all means those that it can.
func checkVirtual(patterns []string) error {
	for _, p := range patterns {
		names, err := scenarios.Expand([]string{p}, catalog.Names())
		if err != nil {
			return err
		}
		for _, name := range names {
			if s, _ := catalog.Find(name); !s.Virtual && p != "all" {
				return fmt.Errorf("--mode virtual: %s runs on a server, in real time only: leave --mode out or the engine", name)
			}
		}
	}
	return nil
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

// checkThresholds refuses a threshold that no run of these engines would be judged by: after the run it would have failed.
func checkThresholds(thresholds []result.Threshold, specs []engines.Spec, scenario *scenarios.Scenario) error {
	names, controls := make([]string, len(specs)), []string(nil)
	for i, s := range specs {
		names[i] = s.Name
		if scenario.Pressure {
			controls = append(controls, s.StockBackend()+"/"+scenario.Control)
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
