package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// sample is the runs of both sides that are held against each other; where paired, those of one index have one seed.
type sample struct {
	old, new []*result.Run
	paired   bool
}

// enough says whether the sample may be judged.
func (s *sample) enough() bool {
	if s.paired {
		return len(s.old) >= MinPairs
	}
	return min(len(s.old), len(s.new)) >= MinRuns
}

// pair measures every figure of a pairing. Its verdicts wait for the correction over all pairs.
func (m *pairing) pair(smallest map[string]float64) Pair {
	p := Pair{Old: m.old.name(), New: m.new.name(), Mode: m.old.mode, Notes: []string{}, LeftOut: []LeftOut{}, Figures: []Figure{}}
	s := p.sample(m)
	p.Paired, p.OldRuns, p.NewRuns = s.paired, len(s.old), len(s.new)
	p.Broken = broken(m.old.runs, m.new.runs)
	for i := range figures {
		f := &figures[i]
		least, ok := smallest[f.name]
		if !ok {
			least = f.smallest
		}
		if len(s.old) > 0 && len(s.new) > 0 {
			p.Figures = append(p.Figures, f.measure(s, least))
		}
	}
	return p
}

// sample takes the runs that prove something, and pairs them by seed if at least half of the smaller side's have a partner. The rest is then left out.
func (p *Pair) sample(m *pairing) *sample {
	olds, news := p.proven("old", m.old.runs), p.proven("new", m.new.runs)
	s := &sample{old: olds, new: news}
	if !unique(olds) || !unique(news) {
		p.Notes = append(p.Notes, "A seed ran more than once on one side, so runs are not paired.")
		return s
	}
	bySeed := map[uint64]*result.Run{}
	for _, r := range news {
		bySeed[r.Seed] = r
	}
	var a, b []*result.Run
	for _, r := range olds {
		if partner := bySeed[r.Seed]; partner != nil {
			a, b = append(a, r), append(b, partner)
		}
	}
	if len(a) == 0 || 2*len(a) < min(len(olds), len(news)) {
		return s
	}
	if why := otherDemand(a, b); why != "" {
		p.Notes = append(p.Notes, why)
		return s
	}
	p.unpartnered("old", olds, a)
	p.unpartnered("new", news, b)
	return &sample{a, b, true}
}

func unique(runs []*result.Run) bool {
	for i := 1; i < len(runs); i++ {
		if runs[i].Seed == runs[i-1].Seed {
			return false
		}
	}
	return true
}

// otherDemand says why runs of one seed did not meet the same demand after all: another version of doorbuster may draw another day from it. In real
// time orders may have been dropped, which the run's validity is about.
func otherDemand(olds, news []*result.Run) string {
	for i, a := range olds {
		b := news[i]
		if a.Mode == result.Virtual && a.Variant == b.Variant && (a.Orders.Asked != b.Orders.Asked || a.Units.Asked != b.Units.Asked) {
			return fmt.Sprintf("Seed %d brought %d orders of %d units on the old side and %d of %d on the new one: a seed doesn't stand for the same demand, so runs are not paired.",
				a.Seed, a.Orders.Asked, a.Units.Asked, b.Orders.Asked, b.Units.Asked)
		}
	}
	return ""
}

// proven are the runs that may be judged, by seed; the others are written down.
func (p *Pair) proven(side string, runs []*result.Run) []*result.Run {
	var good []*result.Run
	for _, r := range runs {
		if why := unproven(r); why != "" {
			p.LeftOut = append(p.LeftOut, LeftOut{side, r.Seed, why})
		} else {
			good = append(good, r)
		}
	}
	slices.SortStableFunc(good, func(a, b *result.Run) int { return cmp.Compare(a.Seed, b.Seed) })
	return good
}

// unproven says why a run proves nothing; empty: it may be judged.
func unproven(r *result.Run) string {
	switch {
	case !r.Complete:
		return strings.Join(append([]string{"incomplete"}, r.Invalid...), ": ")
	case !r.Valid:
		return strings.Join(append([]string{"invalid"}, r.Invalid...), ": ")
	case r.Verdict == result.Unknown:
		return "its verdict is unknown"
	}
	return ""
}

func (p *Pair) unpartnered(side string, all, taken []*result.Run) {
	for _, r := range all {
		if !slices.Contains(taken, r) {
			p.LeftOut = append(p.LeftOut, LeftOut{side, r.Seed, "no run of this seed on the other side"})
		}
	}
}

// broken says how the new side broke a promise that the old side kept. One run is proof of that, however few there are.
func broken(olds, news []*result.Run) string {
	failed := func(r *result.Run) bool { return r.Verdict == result.Fail }
	if slices.ContainsFunc(olds, failed) {
		return ""
	}
	var seeds, checks []string
	for _, r := range news {
		if !failed(r) {
			continue
		}
		seeds = append(seeds, fmt.Sprint(r.Seed))
		for _, c := range r.Checks {
			if c.Promised && c.Verdict == result.Fail && !slices.Contains(checks, c.Name) {
				checks = append(checks, c.Name)
			}
		}
	}
	if len(seeds) == 0 {
		return ""
	}
	text := fmt.Sprintf("broke its promise in %d of %d runs (seed %s)", len(seeds), len(news), strings.Join(seeds, ", "))
	if len(checks) > 0 {
		text += ": " + strings.Join(checks, ", ")
	}
	return text
}
