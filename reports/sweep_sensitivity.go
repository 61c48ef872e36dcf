package reports

import (
	"cmp"
	"math"
	"slices"
)

// sensitivity is how an outcome goes with one key, all other keys averaged.
type sensitivity struct {
	Key    sweepKey  // with classes for values, where it has them
	Means  []float64 // by value of the key
	Low    int       // which value is the lowest; of words, the one with the least of the outcome
	High   int
	Change paired // from the lowest value to the highest, by seeds
}

// span is how far the outcome moves over all values of the key: one that is best in the middle moves, too.
func (s *sensitivity) span() float64 { return slices.Max(s.Means) - slices.Min(s.Means) }

// sensitivities has one for each key, the strongest first.
func (s *sweepResult) sensitivities(o outcome) []sensitivity {
	var all []sensitivity
	for i, key := range s.Keys {
		if one, ok := s.sensitivity(i, key, o); ok {
			all = append(all, one)
		}
	}
	slices.SortStableFunc(all, func(a, b sensitivity) int { return cmp.Compare(b.span(), a.span()) })
	return all
}

// sensitivity of the i-th key. Values that no point can be judged of are left out; with fewer than two there is none.
func (s *sweepResult) sensitivity(i int, key sweepKey, o outcome) (sensitivity, bool) {
	sums, bySeed := map[string]*sum{}, map[string]map[uint64]*sum{}
	for _, p := range s.Points {
		v := key.of(p.words[i])
		if sums[v] == nil {
			sums[v], bySeed[v] = &sum{}, map[uint64]*sum{}
		}
		for _, r := range p.Runs {
			x := o.of(r)
			sums[v].add(x)
			if bySeed[v][r.Seed] == nil {
				bySeed[v][r.Seed] = &sum{}
			}
			bySeed[v][r.Seed].add(x)
		}
	}
	one := sensitivity{Key: sweepKey{Name: key.Name, rising: key.rising}}
	for _, v := range key.Values {
		if v = key.of(v); sums[v] != nil && !slices.Contains(one.Key.Values, v) {
			one.Key.Values, one.Means = append(one.Key.Values, v), append(one.Means, sums[v].mean())
		}
	}
	if len(one.Means) < 2 {
		return one, false
	}
	one.High = len(one.Means) - 1
	if !key.rising {
		one.Low, one.High = slices.Index(one.Means, slices.Min(one.Means)), slices.Index(one.Means, slices.Max(one.Means))
	}
	one.Change = change(bySeed[one.Key.Values[one.Low]], bySeed[one.Key.Values[one.High]])
	return one, true
}

// change is the difference of the means of each seed that both have.
func change(low, high map[uint64]*sum) paired {
	var differences []float64
	for seed, a := range low {
		if b := high[seed]; b != nil {
			differences = append(differences, b.mean()-a.mean())
		}
	}
	slices.Sort(differences) // so that a map's order leaves no trace in the last digit
	return meanOf(differences)
}

type sum struct {
	total float64
	n     int
}

func (s *sum) add(x float64) { s.total, s.n = s.total+x, s.n+1 }
func (s *sum) mean() float64 { return s.total / math.Max(1, float64(s.n)) }
