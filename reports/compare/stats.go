package compare

import (
	"math"
	"math/rand/v2"
	"slices"

	"golang.org/x/perf/benchmath"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// resamples of a bootstrap: the ends of a 95 % interval then lie on the 50th of 2,000 values.
const resamples = 2000

// drawn gives every bootstrap the same stream: the same results are compared to the same figures.
func drawn() *rand.Rand { return rand.New(rand.NewPCG(2000, 95)) }

func mean(x []float64) float64 { return stat.Mean(x, nil) }

func median(x []float64) float64 { return medianOf(slices.Clone(x)) }

// medianOf sorts x.
func medianOf(x []float64) float64 {
	slices.Sort(x)
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}

// differences are new − old, one for each pair; only as many as both have.
func differences(old, new []float64) []float64 {
	d := make([]float64, min(len(old), len(new)))
	for i := range d {
		d[i] = new[i] - old[i]
	}
	return d
}

// pairedT is the chance, by Student's t, of a mean difference as far from 0 if pairs don't differ. Where all pairs differ alike nothing tells how
// differences vary, and the chance that all have one sign is what is known.
func pairedT(d []float64) float64 {
	n := float64(len(d))
	if n < 2 {
		return 1
	}
	m, sd := stat.MeanStdDev(d, nil)
	switch {
	case m == 0:
		return 1
	case sd == 0:
		return math.Exp2(1 - n)
	}
	return 2 * distuv.StudentsT{Sigma: 1, Nu: n - 1}.Survival(math.Abs(m)/(sd/math.Sqrt(n)))
}

// studentT is the interval of the mean of d.
func studentT(d []float64) (low, high float64) {
	m, n := mean(d), float64(len(d))
	if n < 2 {
		return m, m
	}
	half := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile((1+Confidence)/2) * stat.StdDev(d, nil) / math.Sqrt(n)
	return m - half, m + half
}

// bootstrapT is the interval of the mean of d by the studentized bootstrap (Efron and Tibshirani 1993, chapter 12), which for a few pairs keeps
// what it says where the plain one is too narrow.
func bootstrapT(d []float64) (low, high float64) {
	m, n := mean(d), len(d)
	if n < 2 || stat.StdDev(d, nil) == 0 {
		return m, m
	}
	se := stat.StdDev(d, nil) / math.Sqrt(float64(n))
	rnd, resample := drawn(), make([]float64, n)
	t := make([]float64, 0, resamples)
	for range resamples {
		for i := range resample {
			resample[i] = d[rnd.IntN(n)]
		}
		rm, rsd := stat.MeanStdDev(resample, nil)
		if rsd > 0 { // one value n times tells nothing of how values vary
			t = append(t, (rm-m)/(rsd/math.Sqrt(float64(n))))
		}
	}
	slices.Sort(t)
	return m - quantile(t, (1+Confidence)/2)*se, m - quantile(t, (1-Confidence)/2)*se
}

// bootstrapMedians is the interval of median(new) − median(old) by resampling the runs of each side.
func bootstrapMedians(old, new []float64) (low, high float64) {
	rnd := drawn()
	a, b := make([]float64, len(old)), make([]float64, len(new))
	d := make([]float64, resamples)
	for k := range d {
		for i := range a {
			a[i] = old[rnd.IntN(len(old))]
		}
		for i := range b {
			b[i] = new[rnd.IntN(len(new))]
		}
		d[k] = medianOf(b) - medianOf(a)
	}
	slices.Sort(d)
	return quantile(d, (1-Confidence)/2), quantile(d, (1+Confidence)/2)
}

// quantile of sorted values.
func quantile(sorted []float64, q float64) float64 {
	return stat.Quantile(q, stat.Empirical, sorted, nil)
}

// exact is the most pairs for which all flips of signs are tried.
const exact = 14

// signFlip is the chance that signs at random make the mean of d as far from 0: a test that asks nothing of how differences are distributed.
func signFlip(d []float64) float64 {
	seen := math.Abs(sum(d)) * (1 - 1e-12) // the same sum in another order must not look smaller
	if seen == 0 {
		return 1
	}
	if n := len(d); n <= exact {
		asFar := 0
		for signs := range 1 << n {
			if math.Abs(flipped(d, func(i int) bool { return signs>>i&1 == 1 })) >= seen {
				asFar++
			}
		}
		return float64(asFar) / float64(int(1)<<n)
	}
	rnd, asFar := drawn(), 1
	const tries = 9999
	for range tries {
		if math.Abs(flipped(d, func(int) bool { return rnd.IntN(2) == 1 })) >= seen {
			asFar++
		}
	}
	return float64(asFar) / (tries + 1)
}

func sum(x []float64) (total float64) {
	for _, v := range x {
		total += v
	}
	return total
}

func flipped(d []float64, flip func(i int) bool) (total float64) {
	for i, v := range d {
		if flip(i) {
			v = -v
		}
		total += v
	}
	return total
}

// mannWhitney is the chance of ranks so far apart if both sides are of one distribution, as benchstat computes it. Equal sets have 1.
func mannWhitney(old, new []float64) float64 {
	thresholds := benchmath.DefaultThresholds
	thresholds.CompareAlpha = 1 - Confidence
	a, b := benchmath.NewSample(slices.Clone(old), &thresholds), benchmath.NewSample(slices.Clone(new), &thresholds)
	return benchmath.AssumeNothing.Compare(a, b).P // 1 where all values are equal
}

// wilson is the score interval of events among trials (Wilson 1927): of no event it still says how many there may be.
func wilson(c counts) (low, high float64) {
	z := distuv.UnitNormal.Quantile((1 + Confidence) / 2)
	n, p := float64(c.trials), c.pooled()
	middle := p + z*z/(2*n)
	half := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	low, high = (middle-half)/(1+z*z/n), (middle+half)/(1+z*z/n)
	if c.events == 0 {
		low = 0
	}
	if c.events == c.trials {
		high = 1
	}
	return low, high
}

// newcombe is the interval of the difference of two rates, made of the score interval of each (Newcombe 1998, method 10). It takes the sides for independent;
// seeds they share make it wider than it need be.
func newcombe(old, new counts) (low, high float64) {
	lowOld, highOld := wilson(old)
	lowNew, highNew := wilson(new)
	d := new.pooled() - old.pooled()
	return d - math.Hypot(new.pooled()-lowNew, highOld-old.pooled()), d + math.Hypot(highNew-new.pooled(), old.pooled()-lowOld)
}

// newWorse is the share of pairs in which new is worse, equal ones by half; without pairs, of every old run with every new one.
func newWorse(old, new []float64, paired, higherIsBetter bool) float64 {
	worse, all := 0.0, 0
	count := func(a, b float64) {
		all++
		switch {
		case a == b:
			worse += 0.5
		case (b > a) != higherIsBetter:
			worse++
		}
	}
	for i, a := range old {
		if paired && i < len(new) {
			count(a, new[i])
			continue
		}
		for _, b := range new {
			count(a, b)
		}
	}
	if all == 0 {
		return 0.5
	}
	return worse / float64(all)
}
