package k6

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/common"

	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim"
)

// settings are what a Demand was made with.
type settings struct {
	Scenario    string
	Engine      string
	Seed        uint64
	Duration    time.Duration
	Scale       float64
	Set         []string
	VUs         int
	Out         string
	Part        bool
	AllowReset  bool
	AllowRemote bool
}

func (s settings) key() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // plain data
	}
	return string(text)
}

// The most that may be asked for, as of the doorbuster command.
const (
	minDuration = time.Second
	maxDuration = 24 * time.Hour
	maxVUs      = 100000
	maxSeed     = 1<<53 - 1 // what a number in JavaScript holds exactly
)

// readSettings reads the arguments of new Demand.
func readSettings(args []sobek.Value) (settings, error) {
	s := settings{Seed: 1, Duration: sim.DefaultDuration, Out: "out/k6"}
	if len(args) == 0 || common.IsNullish(args[0]) {
		return s, errors.New("new Demand(scenario, options): scenario is missing: expected the name of a scenario, such as \"blackfriday\", or a YAML file")
	}
	name, ok := args[0].Export().(string)
	if !ok {
		return s, fmt.Errorf("new Demand(scenario, options): scenario: found %v: expected a string", args[0])
	}
	s.Scenario = name
	if len(args) > 1 && !common.IsNullish(args[1]) {
		options, ok := args[1].Export().(map[string]any)
		if !ok {
			return s, fmt.Errorf("new Demand(scenario, options): options: found %v: expected an object", args[1])
		}
		if err := s.read(options); err != nil {
			return s, fmt.Errorf("new Demand(%q, options): %w", name, err)
		}
	}
	return s, s.check()
}

// read takes every option over that was given.
func (s *settings) read(options map[string]any) error {
	readers := map[string]func(any) error{
		"engine": text(&s.Engine), "out": text(&s.Out), "part": boolean(&s.Part), "set": s.readSet, "duration": s.readDuration,
		"seed": whole(0, maxSeed, func(n int64) { s.Seed = uint64(n) }), "vus": whole(1, maxVUs, func(n int64) { s.VUs = int(n) }),
		"scale": s.readScale, "allowReset": boolean(&s.AllowReset), "allowRemote": boolean(&s.AllowRemote),
	}
	for _, name := range slices.Sorted(maps.Keys(options)) {
		value := options[name]
		if readers[name] == nil {
			return fmt.Errorf("%s: no such option: expected one of %s", name, strings.Join(slices.Sorted(maps.Keys(readers)), ", "))
		}
		if value == nil {
			continue // as if it weren't there
		}
		if err := readers[name](value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func text(to *string) func(any) error {
	return func(v any) error {
		found, ok := v.(string)
		if !ok || found == "" {
			return fmt.Errorf("found %v: expected a string that is not empty", shown(v))
		}
		*to = found
		return nil
	}
}

func boolean(to *bool) func(any) error {
	return func(v any) error {
		found, ok := v.(bool)
		if !ok {
			return fmt.Errorf("found %v: expected true or false", shown(v))
		}
		*to = found
		return nil
	}
}

func whole(least, most int64, set func(int64)) func(any) error {
	return func(v any) error {
		n, isInt := v.(int64)
		if f, ok := v.(float64); ok && f == math.Trunc(f) && math.Abs(f) <= maxSeed {
			n, isInt = int64(f), true
		}
		if !isInt || n < least || n > most {
			return fmt.Errorf("found %v: expected a whole number from %d to %d", shown(v), least, most)
		}
		set(n)
		return nil
	}
}

func (s *settings) readScale(v any) error {
	f, ok := v.(float64)
	if n, isInt := v.(int64); isInt {
		f, ok = float64(n), true
	}
	if !ok || !(f > 0 && f <= 1) {
		return fmt.Errorf("found %v: expected a share of the SKUs, above 0 up to 1", shown(v))
	}
	s.Scale = f
	return nil
}

func (s *settings) readDuration(v any) error {
	found, ok := v.(string)
	d, err := time.ParseDuration(found)
	if !ok || err != nil || d < minDuration || d > maxDuration {
		return fmt.Errorf("found %v: expected a string from %q to %q", shown(v), "1s", "24h")
	}
	s.Duration = d
	return nil
}

func (s *settings) readSet(v any) error {
	list, ok := v.([]any)
	for _, x := range list {
		one, isText := x.(string)
		ok = ok && isText
		s.Set = append(s.Set, one)
	}
	if !ok {
		return fmt.Errorf("found %v: expected a list of strings such as \"holds.policy=cart\"", shown(v))
	}
	return nil
}

func shown(v any) string {
	if t, ok := v.(string); ok {
		return fmt.Sprintf("%q", t)
	}
	return fmt.Sprint(v)
}

// check looks at what can be wrong without any I/O beyond reading the scenario.
func (s *settings) check() error {
	if s.Engine == "" {
		return fmt.Errorf("new Demand(%q, options): engine is missing: expected one such as \"memory/conditional\", or the URL of doorbuster serve", s.Scenario)
	}
	spec, found := catalog.Find(s.Engine)
	switch {
	case isURL(s.Engine):
	case !found:
		return fmt.Errorf("new Demand(%q, options): engine: %q is not known: did you mean %q?", s.Scenario, s.Engine, scenarios.Nearest(s.Engine, catalog.Names()))
	case spec.Virtual && s.Part:
		return fmt.Errorf("new Demand(%q, options): part: %s keeps its stock in this process: expected an engine on a server, which parts can share", s.Scenario, s.Engine)
	}
	return nil
}

func isURL(engine string) bool {
	return strings.HasPrefix(engine, "http://") || strings.HasPrefix(engine, "https://")
}
