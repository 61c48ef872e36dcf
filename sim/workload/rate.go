package workload

import (
	"math"
	"time"

	"github.com/doorbuster/doorbuster/scenarios"
)

// rate is the intensity of a non-homogeneous Poisson process: arrivals a second, constant within each second of the day.
type rate struct {
	site []float64 // arrivals a second of the whole shop, at scale 1
	lift []float64 // by how much a doorbuster's share of them is multiplied
	hot  float64   // the doorbusters' share of lines outside their burst, at scale 1
	mean float64   // arrivals a second of the day without its spike
}

func newRate(sc *scenarios.Scenario) *rate {
	seconds := int(sc.Day / time.Second)
	period := min(seconds, int(24*time.Hour/time.Second)) // a longer run repeats the hours, and the arrivals, of each day
	r := &rate{site: make([]float64, seconds), lift: make([]float64, seconds), hot: hotWeight(sc)}
	base, sum := 0.0, 0.0
	for i := range r.site {
		r.site[i] = hourly(sc.Demand.Hourly, float64(i%period)/float64(period))
		base += r.site[i]
	}
	base /= float64(seconds)
	sp, hot := sc.Demand.Spike, sc.Demand.Hot
	for i := range r.site {
		t := time.Duration(i) * time.Second
		r.site[i] = max(r.site[i]/base, sp.Factor*bump(t-sp.At, sp.Ramp, sp.Hold, sp.HalfLife))
		r.lift[i] = 1 + (max(hot.Burst, 1)-1)*bump(t-sp.At, sp.Ramp, hot.Hold, hot.HalfLife)
		sum += r.site[i]
	}
	r.mean = sc.Demand.ArrivalsPerDay * float64(seconds) / float64(period) / sum
	for i := range r.site {
		r.site[i] *= r.mean
	}
	return r
}

// hourly interpolates between the middles of the hours; x is the part of the day that is over.
func hourly(weights []float64, x float64) float64 {
	n := len(weights)
	if n == 0 {
		return 1
	}
	at := x*float64(n) - 0.5 + float64(n)
	i, part := int(at), at-math.Floor(at)
	return weights[i%n]*(1-part) + weights[(i+1)%n]*part
}

// bump rises from 0 to 1 in the ramp before t = 0, stays there for hold, and then halves each half-life.
func bump(t, ramp, hold, halfLife time.Duration) float64 {
	switch {
	case t < -ramp || t < 0 && ramp == 0:
		return 0
	case t < 0:
		return 1 + float64(t)/float64(ramp)
	case t <= hold:
		return 1
	case halfLife == 0:
		return 0
	}
	return math.Exp2(-float64(t-hold) / float64(halfLife))
}

// at gives the arrivals in second i that name a doorbuster first, and the others, where the SKUs run have these weights.
// What the doorbusters gain in their burst the others lose: the site's own rate stays.
func (r *rate) at(i int, hotWeight, coldWeight float64) (hot, cold float64) {
	per := r.site[i] / (1 - r.hot + r.hot*r.lift[i])
	return per * r.lift[i] * hotWeight, per * coldWeight
}

// linesOfDay sums, over the day, arrivals per unit of weight: multiplied by a SKU's weight it gives the arrivals whose first line is that SKU.
func (r *rate) linesOfDay() (hot, cold float64) {
	for i := range r.site {
		h, c := r.at(i, 1, 1)
		hot += h
		cold += c
	}
	return hot, cold
}

// hotShare is the doorbusters' share of the day's lines.
func (r *rate) hotShare(hotWeight, coldWeight float64) float64 {
	h, c := r.linesOfDay()
	h *= hotWeight
	c *= coldWeight
	if h+c == 0 {
		return 0
	}
	return h / (h + c)
}
