package sim

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/result"
)

// published puts our figure beside each that was published elsewhere: its mean over runs, with its interval.
func published(sc *scenarios.Scenario, runs []result.Run) []result.Published {
	out := []result.Published{}
	for _, p := range sc.Published {
		q := result.Published{Variant: p.Variant, Figure: p.Figure, Value: p.Value, Unit: p.Unit, AtMost: p.AtMost, Source: p.Source}
		var ours []float64
		for i := range runs {
			if r := &runs[i]; r.Variant == p.Variant && !r.IsControl && r.Valid && r.Complete {
				if v, ok := figure(runs, r, sc, p); ok {
					ours = append(ours, v)
				}
			}
		}
		q.Runs = len(ours)
		q.Mean, q.Low, q.High = meanOf(ours)
		out = append(out, q)
	}
	return out
}

// figure is one run's, or by how much it differs from the run of the first variant that met the same demand.
func figure(runs []result.Run, r *result.Run, sc *scenarios.Scenario, p scenarios.Published) (float64, bool) {
	v, ok := result.Value(r, p.Figure)
	if !ok || p.Unit != scenarios.UnitChange {
		return v, ok
	}
	for i := range runs {
		b := &runs[i]
		if b.Variant == sc.Variants[0].Name && b.Engine == r.Engine && b.Seed == r.Seed && b.Mode == r.Mode && b.Complete {
			before, ok := result.Value(b, p.Figure)
			return v/before - 1, ok && before != 0
		}
	}
	return 0, false
}

// meanOf is the mean with its 95 % interval by Student's t; of one value the interval is not known, and is the value.
func meanOf(x []float64) (mean, low, high float64) {
	if len(x) < 2 {
		if len(x) == 0 {
			return 0, 0, 0
		}
		return x[0], x[0], x[0]
	}
	mean, sd := stat.MeanStdDev(x, nil)
	n := float64(len(x))
	half := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile((1+confidence)/2) * sd / math.Sqrt(n)
	return mean, mean - half, mean + half
}
