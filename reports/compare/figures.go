package compare

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// figure is a number of a run that is compared.
type figure struct {
	name  string
	about string
	// smallest is the difference that matters, unless Options say otherwise: relative to the old value for a latency, of the rate itself for a rate.
	smallest float64
	higher   bool                                     // is better
	value    func(*result.Run) (x float64, ok bool)   // of a latency, in ms; not ok where a run has no sample
	counts   func(*result.Run) (events, trials int64) // of a rate, instead of value
}

func (f *figure) isRate() bool { return f.counts != nil }

// figures are compared in every pair. Few and different: each one more that only repeats another makes a difference harder to show. What an engine sold
// and what was left over follow from the fill rate.
var figures = []figure{
	{name: "oversell", about: "units promised that no stock backed ÷ units promised, unresolved ones counted as oversold", smallest: 0.000001,
		counts: func(r *result.Run) (int64, int64) { return r.Units.Oversold.Max, r.Units.Promised }},
	{name: "cancellation", about: "orders that the seller must cancel ÷ orders promised", smallest: 0.0001,
		counts: func(r *result.Run) (int64, int64) {
			c := r.Orders.Cancelled
			return c.SellerOversold + c.PendingExpired, r.Orders.Promised + c.PendingExpired
		}},
	{name: "false_refusal", about: "orders refused although a unit could have been sold ÷ orders refused", smallest: 0.001,
		counts: func(r *result.Run) (int64, int64) { return r.Orders.RefusedFalsely, r.Orders.Refused }},
	{name: "fill_rate", about: "units promised and backed ÷ units asked for", smallest: 0.001, higher: true,
		counts: func(r *result.Run) (int64, int64) { return r.Units.Promised - r.Units.Oversold.Min, r.Units.Asked }},
	latency("p50", "half of the operations served were answered within", func(p *result.Percentiles) float64 { return p.P50 }),
	latency("p99", "99 in a hundred were answered within", func(p *result.Percentiles) float64 { return p.P99 }),
	latency("p999", "999 in a thousand were answered within", func(p *result.Percentiles) float64 { return p.P999 }),
}

// latencySmallest is the smallest relative difference of a latency that matters.
const latencySmallest = 0.02

func latency(name, about string, of func(*result.Percentiles) float64) figure {
	return figure{name: name, about: about + ", from the intended start", smallest: latencySmallest, value: func(r *result.Run) (float64, bool) {
		p := &r.LatencyMS.Intended
		return of(p), p.Count > 0
	}}
}

// Names are those of the figures, in the order in which they are compared.
func Names() []string {
	var all []string
	for _, f := range figures {
		all = append(all, f.name)
	}
	return all
}

// Explain says of each figure what it is, which direction is better and the smallest difference of it that matters, a line each.
func Explain() string {
	var b strings.Builder
	for i := range figures {
		f := &figures[i]
		better := "lower"
		if f.higher {
			better = "higher"
		}
		fmt.Fprintf(&b, "%-14s %s; %s is better; at least %s\n", f.name, f.about, better, f.amount(f.smallest))
	}
	return b.String()
}

// amount writes a difference of the figure: a rate's in points, a latency's in per cent of the old value.
func (f *figure) amount(x float64) string {
	unit := " %"
	if f.isRate() {
		unit = " points"
	}
	return strconv.FormatFloat(100*x, 'g', 3, 64) + unit
}

// ParseSmallest reads "p99=5%" or "cancellation=0.0005": a share, with or without the sign of per cent. For a rate it is a difference of the rate itself.
func ParseSmallest(text string) (name string, smallest float64, err error) {
	name, value, ok := strings.Cut(text, "=")
	if !ok {
		return "", 0, fmt.Errorf("%q: expected FIGURE=SHARE, as in p99=5%%", text)
	}
	if err := known(name); err != nil {
		return "", 0, fmt.Errorf("%q: %w", text, err)
	}
	if smallest, err = parseShare(value); err != nil {
		return "", 0, fmt.Errorf("%q: %w", text, err)
	}
	return name, smallest, nil
}

func known(name string) error {
	if !slices.Contains(Names(), name) {
		return fmt.Errorf("no figure %q is compared: expected one of %s", name, strings.Join(Names(), ", "))
	}
	return nil
}

// parseShare reads 5% or 0.05.
func parseShare(text string) (float64, error) {
	number, isPercent := strings.CutSuffix(strings.TrimSpace(text), "%")
	x, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if isPercent {
		x /= 100
	}
	if err != nil || !(x >= 0 && x <= 1000) {
		return 0, fmt.Errorf("found %q: expected a share that is not negative, as 5%% or 0.05", text)
	}
	return x, nil
}
