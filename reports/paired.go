package reports

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/doorbuster/doorbuster/sim/result"
)

// paired is a mean over seeds with its 95 % interval by Student's t, mostly of by how much a share differs between two variants that met the same
// demand, seed by seed.
type paired struct {
	mean, low, high float64
	seeds           int
}

// pairedDifference is b's share less a's, over the seeds that both have valid and complete runs of. Below two seeds it has no interval.
func pairedDifference(a, b *score, of func(*result.Run) float64) paired {
	bySeed := map[uint64]float64{}
	for _, r := range a.Runs {
		if r.Valid && r.Complete {
			bySeed[r.Seed] = of(r)
		}
	}
	var differences []float64
	for _, r := range b.Runs {
		if was, ok := bySeed[r.Seed]; ok && r.Valid && r.Complete {
			differences = append(differences, of(r)-was)
		}
	}
	return meanOf(differences)
}

// meanOf is the mean of values, one a seed, with its 95 % interval by Student's t.
func meanOf(values []float64) paired {
	p := paired{seeds: len(values)}
	switch p.seeds {
	case 0:
		return p
	case 1:
		p.mean = values[0]
		return p
	}
	mean, deviation := stat.MeanStdDev(values, nil)
	n := float64(p.seeds)
	half := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(0.975) * deviation / math.Sqrt(n)
	p.mean, p.low, p.high = mean, mean-half, mean+half
	return p
}

// inWords says how sure the difference of two cancellation rates is; empty where one seed or none tells nothing.
func (p paired) inWords() string {
	switch {
	case p.seeds < 2:
		return ""
	case p.low <= 0 && p.high >= 0:
		return fmt.Sprintf(" Seed by seed no difference in cancellations is shown: %s to %s percentage points (95"+nbsp+"%%, %d pairs).", significant(100*p.low), significant(100*p.high), p.seeds)
	}
	more, low, high := "more", p.low, p.high
	if p.mean < 0 {
		more, low, high = "less", -p.high, -p.low
	}
	return fmt.Sprintf(" Seed by seed it cancels %s percentage points %s (95"+nbsp+"%%: %s to %s, %d pairs).", significant(100*math.Abs(p.mean)), more,
		significant(100*low), significant(100*high), p.seeds)
}

func cancellationOf(r *result.Run) float64 { return r.Rates.Cancellation }
