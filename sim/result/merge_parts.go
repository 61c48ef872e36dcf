package result

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// add adds a part's series to s, each value by its time since the start of its own part. A percentile of several parts lies at the highest
// of theirs at the most, and is given as that.
func (s *Series) add(t *Series) {
	s.IntervalS = max(s.IntervalS, t.IntervalS)
	n := max(len(s.Asked), len(t.Asked))
	for _, counts := range [][2]*[]int64{
		{&s.Asked, &t.Asked}, {&s.Promised, &t.Promised}, {&s.SoldOut, &t.SoldOut}, {&s.OtherRefused, &t.OtherRefused},
		{&s.PromisedUnits, &t.PromisedUnits}, {&s.OversoldUnits, &t.OversoldUnits}, {&s.InEngine, &t.InEngine}, {&s.Waiting, &t.Waiting},
	} {
		*counts[0] = combine(n, *counts[0], *counts[1], func(a, b int64) int64 { return a + b })
	}
	s.SupplyUnits = combine(n, s.SupplyUnits, t.SupplyUnits, func(a, b int64) int64 { return max(a, b) })
	s.OperationsPerS = combine(n, s.OperationsPerS, t.OperationsPerS, func(a, b float64) float64 { return a + b })
	for _, percentile := range [][2]*[]float64{{&s.P50MS, &t.P50MS}, {&s.P99MS, &t.P99MS}, {&s.RefusedP99MS, &t.RefusedP99MS}} {
		*percentile[0] = combine(n, *percentile[0], *percentile[1], func(a, b float64) float64 { return max(a, b) })
	}
}

// combine gives n values, each made of those that a and b have in its place; of a missing one, 0.
func combine[T int64 | float64](n int, a, b []T, with func(T, T) T) []T {
	out := make([]T, n)
	for i := range out {
		var x, y T
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		out[i] = with(x, y)
	}
	return out
}

// mergeLatency adds the histograms of all parts and works the percentiles out again.
func (r *Run) mergeLatency(parts []*part) error {
	for _, h := range []struct {
		name string
		of   func(*Run) (*string, *Percentiles)
	}{
		{"intended_served", func(r *Run) (*string, *Percentiles) { return &r.Histograms.IntendedServed, &r.LatencyMS.Intended }},
		{"service_served", func(r *Run) (*string, *Percentiles) { return &r.Histograms.ServiceServed, &r.LatencyMS.Service }},
		{"intended_refused", func(r *Run) (*string, *Percentiles) { return &r.Histograms.IntendedRefused, &r.RefusedMS.Intended }},
		{"service_refused", func(r *Run) (*string, *Percentiles) { return &r.Histograms.ServiceRefused, &r.RefusedMS.Service }},
	} {
		var sum *hdrhistogram.Histogram
		for _, p := range parts {
			encoded, was := h.of(p.run)
			next, err := decodeHistogram(*encoded, was.Count)
			if err != nil {
				return fmt.Errorf("segment %v in %s: histograms.%s: %w", p.segment, p.file, h.name, err)
			}
			if sum, err = addHistogram(sum, next); err != nil {
				return fmt.Errorf("segment %v in %s: histograms.%s: %w", p.segment, p.file, h.name, err)
			}
		}
		encoded, percentiles := h.of(r)
		*encoded, *percentiles = "", Percentiles{}
		if sum == nil {
			continue
		}
		text, err := sum.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
		if err != nil {
			return fmt.Errorf("histograms.%s: %w", h.name, err)
		}
		*encoded, *percentiles = string(text), percentilesOf(sum)
	}
	return nil
}

// decodeHistogram gives nil for a run that kept none, which is right only for one that has no samples.
func decodeHistogram(encoded string, samples int64) (*hdrhistogram.Histogram, error) {
	if encoded == "" {
		if samples > 0 {
			return nil, fmt.Errorf("is empty, and there were %d samples: percentiles of the whole can't be worked out without it", samples)
		}
		return nil, nil
	}
	h, err := hdrhistogram.Decode([]byte(encoded))
	if err == nil && h.TotalCount() != samples {
		err = fmt.Errorf("holds %d samples, and its percentiles are of %d", h.TotalCount(), samples)
	}
	return h, err
}

func addHistogram(sum, next *hdrhistogram.Histogram) (*hdrhistogram.Histogram, error) {
	switch {
	case next == nil:
		return sum, nil
	case sum == nil:
		return next, nil
	}
	if a, b := sum.SignificantFigures(), next.SignificantFigures(); a != b || sum.LowestTrackableValue() != next.LowestTrackableValue() {
		return nil, fmt.Errorf("keeps %d significant figures from %d on, another segment's %d from %d on: added, they would be neither",
			b, next.LowestTrackableValue(), a, sum.LowestTrackableValue())
	}
	if next.HighestTrackableValue() > sum.HighestTrackableValue() {
		sum, next = next, sum
	}
	if dropped := sum.Merge(next); dropped > 0 {
		return nil, fmt.Errorf("%d samples lie beyond the range of another segment's", dropped)
	}
	return sum, nil
}

// percentilesOf a histogram of microseconds, in milliseconds.
func percentilesOf(h *hdrhistogram.Histogram) Percentiles {
	if h.TotalCount() == 0 {
		return Percentiles{}
	}
	ms := func(q float64) float64 { return float64(h.ValueAtPercentile(q)) / 1000 }
	return Percentiles{Count: h.TotalCount(), P50: ms(50), P90: ms(90), P99: ms(99), P999: ms(99.9), Max: float64(h.Max()) / 1000}
}

// mergeChecks joins the checks of parts by name. What one part saw fail has failed. What no part could check is not checked. All else is unknown:
// each part judged by its own orders, and what holds for each of two sets of orders need not hold for both together.
func mergeChecks(parts []*part) []Check {
	var all []Check
	for _, p := range parts {
		for _, c := range p.run.Checks {
			if !slices.ContainsFunc(all, func(d Check) bool { return d.Name == c.Name }) {
				all = append(all, mergeCheck(c.Name, parts))
			}
		}
	}
	return all
}

func mergeCheck(name string, parts []*part) Check {
	sum := Check{Name: name, Verdict: NotChecked, FirstAtMS: -1}
	var said []string
	for _, p := range parts {
		i := slices.IndexFunc(p.run.Checks, func(c Check) bool { return c.Name == name })
		if i < 0 {
			sum.Verdict = worseOf(sum.Verdict, Unknown)
			said = append(said, fmt.Sprintf("%v: missing", p.segment))
			continue
		}
		c := p.run.Checks[i]
		sum.Promised, sum.Evidence = sum.Promised || c.Promised, sum.Evidence+c.Evidence
		sum.Limit, sum.NotSeen = cmp.Or(sum.Limit, c.Limit), cmp.Or(sum.NotSeen, c.NotSeen)
		if c.FirstAtMS >= 0 && (sum.FirstAtMS < 0 || c.FirstAtMS < sum.FirstAtMS) {
			sum.FirstAtMS = c.FirstAtMS
		}
		if c.Verdict == Fail || sum.Replay == "" {
			sum.Replay = c.Replay
		}
		sum.Verdict = worseOf(sum.Verdict, map[string]string{Fail: Fail, NotChecked: NotChecked}[c.Verdict])
		said = append(said, strings.TrimSpace(fmt.Sprintf("%v: %s %s", p.segment, c.Verdict, c.Actual)))
	}
	sum.Actual = strings.Join(said, "; ")
	switch sum.Verdict {
	case Fail:
		sum.Detail = "A segment failed it by its own orders alone."
	case NotChecked:
		sum.Detail = "No segment could check it."
	default:
		sum.Detail = "Each segment knows its own orders only, so nothing is proven of all of them together."
	}
	return sum
}

// worseOf two verdicts; whatever is not known as a verdict is unknown.
func worseOf(a, b string) string {
	order := []string{NotChecked, Unknown, Fail}
	return order[max(rankOf(order, a), rankOf(order, b))]
}

func rankOf(order []string, verdict string) int {
	if i := slices.Index(order, verdict); i >= 0 {
		return i
	}
	return 1 // unknown
}

// judged is the verdict of a merged run: failed where it failed a promise or a part did, not checked where no part was, and else unknown.
func judged(r *Run, parts []*part) string {
	verdict := NotChecked
	for _, p := range parts {
		verdict = worseOf(verdict, p.run.Verdict)
	}
	for _, c := range r.Checks {
		if c.Promised {
			verdict = worseOf(verdict, c.Verdict)
		}
	}
	return verdict
}
