package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/scenarios"
)

// profile is a set of flags under one name. A flag that is given beside it wins.
type profile struct {
	runs     int           // --runs
	arrivals float64       // --set demand.arrivals_per_day, of a scenario that has more
	duration time.Duration // --duration, of what runs in real time
}

// profiles by name. ci has as many runs as a comparison pairs, and a twentieth of a Black Friday's demand: eleven strategies
// take some twenty seconds of processor time, and the control still oversells with every seed.
var profiles = map[string]profile{
	"ci": {runs: 6, arrivals: 1e6, duration: 5 * time.Second},
}

// checkProfile refuses a profile that isn't there, or has nothing to shorten.
func (c *runCommand) checkProfile() error {
	switch _, known := c.profile(); {
	case c.Profile == nil:
		return nil
	case !known:
		return fmt.Errorf("--profile %q: expected ci", *c.Profile)
	case c.Log.Orders != "":
		return fmt.Errorf("--profile %s with --orders: an order log is replayed as a whole; leave --profile out", *c.Profile)
	}
	return nil
}

// profile is the one that was asked for, if any.
func (c *runCommand) profile() (p profile, asked bool) {
	if c.Profile == nil {
		return p, false
	}
	p, asked = profiles[*c.Profile]
	return p, asked
}

// runs of each engine.
func (c *runCommand) runs() int {
	switch p, asked := c.profile(); {
	case c.Runs != nil:
		return *c.Runs
	case asked:
		return p.runs
	}
	return 1
}

// load reads the scenario, and fills in what the profile says and no flag does, which is said on w.
func (c *runCommand) load(w io.Writer) (*scenarios.Scenario, error) {
	scenario, err := scenarios.Load(c.Scenario, catalog.Names(), c.Set)
	p, asked := c.profile()
	if err != nil || !asked {
		return scenario, err
	}
	if c.Duration == 0 {
		c.Duration = p.duration
	}
	if scenario.Demand.ArrivalsPerDay > p.arrivals && !slices.ContainsFunc(c.Set, setsDemand) {
		scenario, err = c.lessDemand(p.arrivals)
	}
	fmt.Fprintf(w, "profile %s: %s\n", *c.Profile, c.spelledOut())
	return scenario, err
}

// setsDemand says whether a setting says how many come.
func setsDemand(setting string) bool {
	key, _, _ := strings.Cut(setting, "=")
	return key == "demand" || key == "demand.arrivals_per_day" || key == "demand.orders_per_day"
}

// lessDemand reads the scenario with so many arrivals a day, as one more setting.
func (c *runCommand) lessDemand(arrivals float64) (*scenarios.Scenario, error) {
	with := func(key string, value float64) (*scenarios.Scenario, error) {
		set := append(slices.Clone(c.Set), key+"="+strconv.FormatFloat(value, 'f', -1, 64))
		scenario, err := scenarios.Load(c.Scenario, catalog.Names(), set)
		if err == nil {
			c.Set = set
		}
		return scenario, err
	}
	if scenario, err := with("demand.arrivals_per_day", arrivals); err == nil {
		return scenario, nil
	}
	// The scenario counts orders in their place: a probe says how many arrivals one is.
	probe, err := scenarios.Load(c.Scenario, catalog.Names(), append(slices.Clone(c.Set), "demand.orders_per_day=1"))
	if err != nil {
		return nil, err
	}
	return with("demand.orders_per_day", float64(int(arrivals/probe.Demand.ArrivalsPerDay)))
}

// spelledOut are the flags that the profile stands for in this run.
func (c *runCommand) spelledOut() string {
	words := []string{"--runs", strconv.Itoa(c.runs())}
	for _, s := range c.Set {
		words = append(words, "--set", s)
	}
	return shellLine(append(words, "--duration", c.Duration.String()))
}
