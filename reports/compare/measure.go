package compare

import (
	"math"
	"slices"

	"github.com/doorbuster/doorbuster/sim/result"
)

// Figure is one figure of a pair of engines.
type Figure struct {
	Name       string  `json:"name"`
	About      string  `json:"about"`
	Better     string  `json:"better"`   // lower, higher
	Relative   bool    `json:"relative"` // differences are shares of the old value; else of a rate, as it is
	Old        float64 `json:"old"`      // a latency in ms, or a rate
	New        float64 `json:"new"`
	Difference float64 `json:"difference"` // new − old
	Low        float64 `json:"low"`        // of the difference's interval
	High       float64 `json:"high"`
	Smallest   float64 `json:"smallest"`   // difference that matters
	NewWorse   float64 `json:"new_worse"`  // effect size: share of the pairs in which new is worse, equal ones by half; without pairs, of all there could be
	P          float64 `json:"p"`          // chance of such a difference if there is none
	PAdjusted  float64 `json:"p_adjusted"` // the same after the correction (Benjamini and Hochberg) for all figures tested
	Method     string  `json:"method"`
	Verdict    string  `json:"verdict"`
	Why        string  `json:"why"`

	rate bool
}

// rare is the number of events a run below which a rate is taken from pooled counts: the mean of so few is too skewed for Student's t.
const rare = 10

// measure estimates the difference, its interval and its chance. Figures that can't be tested get their verdict here.
func (f *figure) measure(s *sample, smallest float64) Figure {
	out := Figure{Name: f.name, About: f.about, Better: "lower", Relative: !f.isRate(), Smallest: smallest, P: 1, PAdjusted: 1, rate: f.isRate()}
	if f.higher {
		out.Better = "higher"
	}
	var old, new []float64
	if f.isRate() {
		old, new = out.rates(f, s)
	} else {
		old, new = out.latencies(f, s)
	}
	out.NewWorse = newWorse(old, new, s.paired, f.higher)
	switch {
	case out.Why != "":
		out.Verdict = None
	case !s.enough():
		out.Verdict, out.P = TooFew, 1
	case s.paired && slices.Equal(old, new):
		out.Verdict, out.P, out.Why = None, 1, "the same in every pair"
	}
	return out
}

// latencies compares by ratio: a slower machine or a longer queue multiplies.
func (o *Figure) latencies(f *figure, s *sample) (old, new []float64) {
	old, okOld := values(f, s.old)
	new, okNew := values(f, s.new)
	if !okOld || !okNew {
		o.Why = "a run served nothing, so it has no latency"
		return old, new
	}
	logOld, logNew := logs(old), logs(new)
	var difference, low, high float64
	if s.paired {
		d := differences(logOld, logNew)
		o.Method = "paired t-test of log ratios; bootstrap-t interval over pairs"
		o.Old, o.New = math.Exp(mean(logOld)), math.Exp(mean(logNew))
		difference, o.P = mean(d), pairedT(d)
		low, high = bootstrapT(d)
	} else {
		o.Method = "Mann-Whitney U; bootstrap interval of the ratio of medians over runs"
		o.Old, o.New = math.Exp(median(logOld)), math.Exp(median(logNew))
		difference, o.P = median(logNew)-median(logOld), mannWhitney(old, new)
		low, high = bootstrapMedians(logOld, logNew)
	}
	o.Difference, o.Low, o.High = math.Expm1(difference), math.Expm1(low), math.Expm1(high)
	return old, new
}

func values(f *figure, runs []*result.Run) (all []float64, ok bool) {
	for _, r := range runs {
		x, has := f.value(r)
		if !has {
			return nil, false
		}
		all = append(all, x)
	}
	return all, true
}

// shortest is half of what histograms tell apart, in ms: what is recorded as 0 has a logarithm like it.
const shortest = 0.0005

func logs(x []float64) []float64 {
	out := make([]float64, len(x))
	for i := range x {
		out[i] = math.Log(max(x[i], shortest))
	}
	return out
}

// rates compares by difference: a share of what was asked for stays one, whatever it was before.
func (o *Figure) rates(f *figure, s *sample) (old, new []float64) {
	a, b := tally(f, s.old), tally(f, s.new)
	if a.trials == 0 || b.trials == 0 {
		o.Why = "a side has nothing that it could be a share of"
		return a.each, b.each
	}
	all := counts{events: a.events + b.events, trials: a.trials + b.trials}
	few := min(all.events, all.trials-all.events) < int64(rare*(len(a.each)+len(b.each)))
	d := differences(a.each, b.each)
	switch {
	case few:
		o.Method = "Mann-Whitney U over runs; Newcombe's interval of pooled counts"
		o.Old, o.New = a.pooled(), b.pooled()
		o.Difference = o.New - o.Old
		o.Low, o.High = newcombe(a, b)
		if s.paired {
			o.Method, o.P = "sign-flip test over pairs; Newcombe's interval of pooled counts", signFlip(d)
		}
	case s.paired:
		o.Method = "paired t-test of differences"
		o.Old, o.New, o.Difference, o.P = mean(a.each), mean(b.each), mean(d), pairedT(d)
		o.Low, o.High = studentT(d)
	default:
		o.Method = "Mann-Whitney U; bootstrap interval of the difference of medians over runs"
		o.Old, o.New = median(a.each), median(b.each)
		o.Difference = o.New - o.Old
		o.Low, o.High = bootstrapMedians(a.each, b.each)
	}
	if !s.paired {
		o.P = mannWhitney(a.each, b.each)
	}
	return a.each, b.each
}

// counts are events among trials, of each run and of all.
type counts struct {
	events, trials int64
	each           []float64
}

func (c counts) pooled() float64 { return float64(c.events) / float64(c.trials) }

func tally(f *figure, runs []*result.Run) (c counts) {
	for _, r := range runs {
		events, trials := f.counts(r)
		c.events, c.trials = c.events+events, c.trials+trials
		c.each = append(c.each, float64(events)/float64(max(1, trials)))
	}
	return c
}
