package sim

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/doorbuster/doorbuster/sim/result"
)

// rare is the number of events a run below which the exact binomial interval is given: the mean of so few is too skewed for Student's t.
const rare = 10

// confidence of every interval in a result.
const confidence = 0.95

// summarize gives the rates of each engine over its runs.
func summarize(runs []result.Run) []result.Summary {
	type key struct{ engine, variant, mode, settings string }
	var order []key
	groups := map[key][]*result.Run{}
	for i := range runs {
		r := &runs[i]
		if r.IsControl || !r.Valid || !r.Complete {
			continue
		}
		k := key{r.Engine, r.Variant, r.Mode, r.Settings.String()}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], r)
	}
	out := make([]result.Summary, 0, len(order))
	for _, k := range order {
		s := result.Summary{Engine: k.engine, Variant: k.variant, Mode: k.mode, Settings: groups[k][0].Settings, Runs: len(groups[k])}
		for _, c := range counted {
			s.Rates = append(s.Rates, c.interval(groups[k]))
		}
		out = append(out, s)
	}
	return out
}

// count is a rate as events among trials.
type count struct {
	name string
	of   func(r *result.Run) (events, trials int64)
}

// counted are the rates of a run, as result.Run.Rate works them out.
var counted = []count{
	{"oversell", func(r *result.Run) (int64, int64) { return r.Units.Oversold.Min, r.Units.Promised }},
	{"cancellation", func(r *result.Run) (int64, int64) {
		c := r.Orders.Cancelled
		return c.SellerOversold + c.PendingExpired, r.Orders.Promised + c.PendingExpired
	}},
	{"conversion", func(r *result.Run) (int64, int64) { return r.Orders.Promised, r.Orders.Asked }},
	{"false_refusal", func(r *result.Run) (int64, int64) { return r.Orders.RefusedFalsely, r.Orders.Refused }},
	{"fill_rate", func(r *result.Run) (int64, int64) {
		return max(0, r.Units.Promised-r.Units.Oversold.Min), r.Units.Asked
	}},
	{"sell_through", func(r *result.Run) (int64, int64) {
		return int64(math.Round(r.Rates.SellThrough * float64(r.Units.Supply))), r.Units.Supply
	}},
}

func (c count) interval(runs []*result.Run) result.RateInterval {
	ri := result.RateInterval{Name: c.name}
	var each []float64
	for _, r := range runs {
		events, trials := c.of(r)
		ri.Events += events
		ri.Trials += trials
		each = append(each, ratio(events, trials))
	}
	n := len(runs)
	few := min(ri.Events, ri.Trials-ri.Events) < int64(rare*n)
	switch {
	case ri.Trials == 0 || n == 1 && !few:
		ri.Method, ri.Mean = result.NoInterval, ratio(ri.Events, ri.Trials)
		ri.Low, ri.High = ri.Mean, ri.Mean
	case few:
		ri.Method, ri.Mean = result.ClopperPearson, ratio(ri.Events, ri.Trials)
		ri.Low, ri.High = clopperPearson(ri.Events, ri.Trials)
	default:
		ri.Method = result.StudentT
		ri.Mean, ri.Low, ri.High = studentT(each)
	}
	return ri
}

// studentT is the mean of x, at least two, with its interval, cut to what a rate can be.
func studentT(x []float64) (mean, low, high float64) {
	mean, low, high = meanOf(x)
	return mean, max(0, low), min(1, high)
}

// clopperPearson is the exact interval of a binomial proportion (Clopper and Pearson, Biometrika 26, 1934).
// No event among 10⁶ trials gives [0, 3.7e-6].
func clopperPearson(events, trials int64) (low, high float64) {
	k, n, tail := float64(events), float64(trials), (1-confidence)/2
	high = 1
	if k > 0 {
		low = distuv.Beta{Alpha: k, Beta: n - k + 1}.Quantile(tail)
	}
	if k < n {
		high = distuv.Beta{Alpha: k + 1, Beta: n - k}.Quantile(1 - tail)
	}
	return low, high
}
