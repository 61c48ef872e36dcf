// Package compare says whether one set of runs is better or worse than another, or whether no difference is shown.
//
// Runs are paired by seed where a seed stands for the same demand on both sides; else the two sets are compared as such. A verdict
// needs three things: a test that finds a difference, after correction for how many figures were tested; a 95 % interval of the difference that
// leaves out 0; and an estimate at least as large as the smallest difference that matters.
// Runs that are invalid, incomplete or unknown are counted and never judged. Simulated and measured runs never meet.
package compare

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// SchemaName is what a comparison written as JSON says it is.
const SchemaName = "doorbuster/compare/v1"

// Verdicts of figures and of pairs of engines.
const (
	Better = "better"
	Worse  = "worse"
	None   = "no difference shown"
	TooFew = "too few runs"
)

// Confidence is that of every interval, and 1 − Confidence is the chance at which one difference or more is found in a comparison of two sets
// of runs that don't differ, better and worse taken together.
const Confidence = 0.95

// MinPairs is the fewest pairs that are judged: with fewer, a change in each of them comes about by chance more than once in twenty.
const MinPairs = 6

// MinRuns is the fewest runs a side that are judged where runs are not paired, for the same reason.
const MinRuns = 4

// Side is one of the two results, or those of its runs that are of one engine.
type Side struct {
	Name    string // for messages: the file
	File    *result.File
	Engine  string // empty: every engine, each with the one of the same name on the other side
	Variant string // with Engine only; empty: every variant
}

// Options of a comparison.
type Options struct {
	Engines  []string           // patterns such as memory/*; empty: all that both sides have
	Smallest map[string]float64 // smallest difference that matters, by name of the figure, for those that don't have their default
}

// Comparison is the answer.
type Comparison struct {
	Schema     string   `json:"schema"`
	Scenario   string   `json:"scenario"`
	ConfigHash string   `json:"config_hash"`
	Old        Origin   `json:"old"`
	New        Origin   `json:"new"`
	Confidence float64  `json:"confidence"`
	Tested     int      `json:"tested"` // figures that the correction is for
	Pairs      []Pair   `json:"pairs"`
	OnlyOld    []string `json:"only_old"` // engines that the other side lacks
	OnlyNew    []string `json:"only_new"`
	Warnings   []string `json:"warnings"`
}

// Origin says where a side came from.
type Origin struct {
	Name   string `json:"name"`
	Commit string `json:"commit"`
}

// Pair is an engine of the old side and one of the new side.
type Pair struct {
	Old     string    `json:"old"` // engine, with its variant behind @
	New     string    `json:"new"`
	Mode    string    `json:"mode"`
	Paired  bool      `json:"paired"`   // by seed
	OldRuns int       `json:"old_runs"` // that were compared
	NewRuns int       `json:"new_runs"`
	LeftOut []LeftOut `json:"left_out"`
	Broken  string    `json:"broken"` // how the new side broke a promise that the old side kept; empty: it did not
	Verdict string    `json:"verdict"`
	Figures []Figure  `json:"figures"`
	Notes   []string  `json:"notes"`
}

// LeftOut is a run that proves nothing, or that has no partner.
type LeftOut struct {
	Side string `json:"side"` // old, new
	Seed uint64 `json:"seed"`
	Why  string `json:"why"`
}

// Compare compares new with old. It refuses results whose demand is not the same and says what differs.
func Compare(old, new Side, o Options) (*Comparison, error) {
	if differs := result.DemandDiffers(old.File, new.File); len(differs) > 0 {
		return nil, fmt.Errorf("%s and %s can't be compared: they differ in %s", old.Name, new.Name, strings.Join(differs, "; "))
	}
	matches, err := match(&old, &new, o.Engines)
	if err != nil {
		return nil, err
	}
	c := &Comparison{
		Schema: SchemaName, Scenario: old.File.Scenario, ConfigHash: old.File.Demand.ConfigHash, Confidence: Confidence,
		Old: Origin{old.Name, old.File.Card.Commit}, New: Origin{new.Name, new.File.Card.Commit},
		OnlyOld: matches.onlyOld, OnlyNew: matches.onlyNew, Warnings: matches.warnings,
	}
	measured := false
	for _, m := range matches.both {
		c.Pairs = append(c.Pairs, m.pair(o.Smallest))
		measured = measured || m.old.mode == result.Wall
	}
	if measured {
		c.Warnings = append(c.Warnings, machinesDiffer(&old.File.Card, &new.File.Card)...)
	}
	c.judge()
	return c, nil
}

// group is the runs of one engine on one variant in one mode, and of one point where a result is a sweep.
type group struct {
	engine, variant, mode, settings string
	runs                            []*result.Run
}

func (g *group) name() string {
	name := g.engine
	if g.variant != "" {
		name += "@" + g.variant
	}
	if g.settings != "" {
		name += " " + g.settings
	}
	return name
}

func (g *group) full() string { return fmt.Sprintf("%s (%s)", g.name(), g.mode) }

type matched struct {
	both             []pairing
	onlyOld, onlyNew []string
	warnings         []string
}

type pairing struct{ old, new *group }

// match finds for each group of the old side the one of the new side that it is held against.
func match(old, new *Side, patterns []string) (*matched, error) {
	switch {
	case (old.Engine == "") != (new.Engine == ""):
		return nil, errors.New("one side names an engine and the other doesn't: expected FILE:ENGINE on both sides, or on neither")
	case (old.Variant == "") != (new.Variant == ""):
		return nil, errors.New("one side names a variant and the other doesn't: expected FILE:ENGINE@VARIANT on both sides, or on neither")
	}
	olds, err := old.groups(patterns)
	if err != nil {
		return nil, err
	}
	news, err := new.groups(patterns)
	if err != nil {
		return nil, err
	}
	m := pairUp(olds, news, old)
	if len(m.both) == 0 {
		return nil, fmt.Errorf("nothing to compare: %s has %s, %s has %s; an engine is compared with itself, or with one named after a colon, in the same mode",
			old.Name, names(olds), new.Name, names(news))
	}
	return m, nil
}

// pairUp goes by name, but where a side names its engine or variant the other names its own.
func pairUp(olds, news []*group, old *Side) *matched {
	m := &matched{onlyOld: []string{}, onlyNew: []string{}, warnings: []string{}}
	taken := map[*group]bool{}
	for _, g := range olds {
		i := slices.IndexFunc(news, func(h *group) bool {
			return g.mode == h.mode && g.settings == h.settings && (old.Engine != "" || g.engine == h.engine) && (old.Variant != "" || g.variant == h.variant)
		})
		if i < 0 {
			m.onlyOld = append(m.onlyOld, g.full())
			continue
		}
		taken[news[i]] = true
		m.both = append(m.both, pairing{g, news[i]})
	}
	for _, h := range news {
		if !taken[h] {
			m.onlyNew = append(m.onlyNew, h.full())
		}
	}
	return m
}

func names(groups []*group) string {
	if len(groups) == 0 {
		return "no run to compare"
	}
	var all []string
	for _, g := range groups {
		all = append(all, g.full())
	}
	return strings.Join(all, ", ")
}

// groups sorts the runs of a side, those made only as control left out.
func (s *Side) groups(patterns []string) ([]*group, error) {
	var all []*group
	for i := range s.File.Runs {
		r := &s.File.Runs[i]
		if r.IsControl || s.Engine != "" && r.Engine != s.Engine || s.Variant != "" && r.Variant != s.Variant || !wanted(patterns, r.Engine) {
			continue
		}
		j := slices.IndexFunc(all, func(g *group) bool {
			return g.engine == r.Engine && g.variant == r.Variant && g.mode == r.Mode && g.settings == r.Settings.String()
		})
		if j < 0 {
			j = len(all)
			all = append(all, &group{engine: r.Engine, variant: r.Variant, mode: r.Mode, settings: r.Settings.String()})
		}
		all[j].runs = append(all[j].runs, r)
	}
	if len(all) == 0 && s.Engine != "" {
		what := s.Engine
		if s.Variant != "" {
			what += "@" + s.Variant
		}
		return nil, fmt.Errorf("%s has no runs of %s: it has %s", s.Name, what, s.has())
	}
	return all, nil
}

// has lists what a side names its runs by.
func (s *Side) has() string {
	seen := map[string]bool{}
	for i := range s.File.Runs {
		r := &s.File.Runs[i]
		g := group{engine: r.Engine, variant: r.Variant}
		if r.IsControl {
			seen[g.name()+" (as control only)"] = true
		} else {
			seen[g.name()] = true
		}
	}
	if len(seen) == 0 {
		return "no runs at all"
	}
	return strings.Join(slices.Sorted(maps.Keys(seen)), ", ")
}

func wanted(patterns []string, engine string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(p, engine)
		return ok && err == nil
	})
}

// machinesDiffer warns where measured figures may owe their difference to something else than the engine.
func machinesDiffer(old, new *result.Card) []string {
	warnings := []string{}
	if old.CPU != new.CPU || old.Cores != new.Cores {
		warnings = append(warnings, fmt.Sprintf("Measured on different machines: old on %s with %d cores, new on %s with %d.", old.CPU, old.Cores, new.CPU, new.Cores))
	}
	for _, name := range slices.Sorted(maps.Keys(old.Servers)) {
		a, b := old.Servers[name], new.Servers[name]
		if a.Version != b.Version || !maps.Equal(a.Settings, b.Settings) {
			warnings = append(warnings, fmt.Sprintf("The %s server was not the same: version or settings differ (see the run cards).", name))
		}
	}
	return warnings
}
