package reports

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doorbuster/doorbuster/sim/result"
)

// sweepKey is something that varies: a key of the scenario, or the strategy, or the variant.
type sweepKey struct {
	Name   string
	Values []string // in rising order, if they have one, else as they are met
	rising bool
	class  map[string]string // of a value where there are so many that neighbours are taken together; nil: each is by itself
}

// mostValues is how many values of a key are looked at one by one; of more, which few points may share, classes of neighbours are.
const (
	mostValues = 12
	classes    = 5
)

// classify puts neighbouring values together if there are many. Words have no neighbours.
func (k *sweepKey) classify() {
	if !k.rising || len(k.Values) <= mostValues {
		return
	}
	k.class = map[string]string{}
	for i := range classes {
		members := k.Values[len(k.Values)*i/classes : len(k.Values)*(i+1)/classes]
		for _, v := range members {
			k.class[v] = members[0] + " to " + members[len(members)-1]
		}
	}
}

// of is the class of a value, or the value.
func (k *sweepKey) of(value string) string { return cmp.Or(k.class[value], value) }

// Words that stand for keys of the scenario where strategies or variants differ.
const (
	strategyKey = "strategy"
	variantKey  = "variant"
)

// keys finds what varies, and writes down each point's value of it.
func (s *sweepResult) keys(all []*sweepPoint) {
	for _, axis := range s.File.Sweep.Axes {
		s.key(all, axis.Key, func(p *sweepPoint) string {
			for _, set := range p.Settings {
				if set.Key == axis.Key {
					return set.Value
				}
			}
			return ""
		})
	}
	backend := sharedBackendOf(all)
	s.key(all, strategyKey, func(p *sweepPoint) string { return strings.TrimPrefix(p.Engine, backend) })
	s.key(all, variantKey, func(p *sweepPoint) string { return p.Variant })
}

// sharedBackendOf is the backend of all points with its slash, or "" if they differ.
func sharedBackendOf(all []*sweepPoint) string {
	shared := ""
	for i, p := range all {
		backend, _, _ := strings.Cut(p.Engine, "/")
		if i > 0 && backend+"/" != shared {
			return ""
		}
		shared = backend + "/"
	}
	return shared
}

func (s *sweepResult) key(all []*sweepPoint, name string, of func(*sweepPoint) string) {
	k := sweepKey{Name: name}
	seen := map[string]bool{}
	for _, p := range all {
		if v := of(p); !seen[v] {
			seen[v] = true
			k.Values = append(k.Values, v)
		}
	}
	if len(k.Values) < 2 {
		if len(k.Values) == 1 && name != strategyKey && name != variantKey {
			s.Fixed = append(s.Fixed, result.Setting{Key: name, Value: k.Values[0]})
		}
		return
	}
	k.sort()
	k.classify()
	s.Keys = append(s.Keys, k)
	for _, p := range all {
		p.words = append(p.words, of(p))
	}
}

// sort puts values in rising order if all are numbers or all are times.
func (k *sweepKey) sort() {
	numbers := map[string]float64{}
	for _, v := range k.Values {
		x, err := strconv.ParseFloat(v, 64)
		if err != nil {
			var d time.Duration
			d, err = time.ParseDuration(v)
			x = d.Seconds()
		}
		if err != nil {
			return
		}
		numbers[v] = x
	}
	k.rising = true
	slices.SortFunc(k.Values, func(a, b string) int { return cmp.Compare(numbers[a], numbers[b]) })
}

// Name is what tells a point apart: KEY=VALUE of what varies.
func (s *sweepResult) Name(p *sweepPoint) string {
	words := make([]string, len(s.Keys))
	for i, k := range s.Keys {
		switch words[i] = k.Name + "=" + p.words[i]; k.Name {
		case strategyKey:
			words[i] = p.words[i]
		case variantKey:
			words[i] = "variant “" + p.words[i] + "”"
		}
	}
	if len(words) == 0 {
		return "the only point"
	}
	return strings.Join(words, ", ")
}

// short is the values alone, in the order of the keys.
func (s *sweepResult) short(p *sweepPoint) string {
	return cmp.Or(strings.Join(p.words, " · "), "the only point")
}

// keysShort heads a column of points that are called by their values alone.
func (s *sweepResult) keysShort() string {
	names := make([]string, len(s.Keys))
	for i, k := range s.Keys {
		names[i] = k.Name
	}
	return cmp.Or(strings.Join(names, " · "), "point")
}
