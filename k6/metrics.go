package k6

import (
	"context"
	"fmt"
	"time"

	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/metrics"

	"github.com/doorbuster/doorbuster/sim/result"
)

// counted are the metrics of the audit: counters, so that thresholds name their sum with count. Each is emitted once, zeros too: a threshold on
// a metric that was never emitted passes.
var counted = []string{
	"oversold_units", "promised", "refused", "refused_falsely", "dropped", "checks_failed", "run_invalid", "audit_completed",
}

// gauges are the extension's metrics in k6.
type gauges struct {
	latency *metrics.Metric
	counts  map[string]*metrics.Metric
	root    *metrics.TagSet
}

const prefix = "doorbuster_"

func newGauges(registry *metrics.Registry) (*gauges, error) {
	g := &gauges{counts: map[string]*metrics.Metric{}, root: registry.RootTagSet()}
	var err error
	if g.latency, err = registry.NewMetric(prefix+"latency", metrics.Trend, metrics.Time); err != nil {
		return nil, err
	}
	for _, name := range counted {
		if g.counts[name], err = registry.NewMetric(prefix+name, metrics.Counter); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// tags are the engine's and the channel's names: few, so that k6 keeps few time series.
func (g *gauges) tags(engine, channel string) *metrics.TagSet {
	tags := g.root.With("engine", engine)
	if channel != "" {
		tags = tags.With("channel", channel)
	}
	return tags
}

func (g *gauges) took(ctx context.Context, state *lib.State, tags *metrics.TagSet, d time.Duration) {
	push(ctx, state, g.latency, tags, metrics.D(d))
}

func push(ctx context.Context, state *lib.State, m *metrics.Metric, tags *metrics.TagSet, value float64) {
	metrics.PushIfNotDone(ctx, state.Samples, metrics.Sample{TimeSeries: metrics.TimeSeries{Metric: m, Tags: tags}, Time: time.Now(), Value: value})
}

// audited pushes what the audit found. What it knows of each channel has the channel's tag.
func (g *gauges) audited(ctx context.Context, state *lib.State, r *result.Run) error {
	all := g.tags(r.Engine, "")
	for _, c := range r.Channels {
		tags := g.tags(r.Engine, c.Name)
		push(ctx, state, g.counts["promised"], tags, float64(c.Promised))
		push(ctx, state, g.counts["refused"], tags, float64(c.Refused))
	}
	for name, value := range map[string]int64{
		"oversold_units": r.Units.Oversold.Min, "refused_falsely": r.Orders.RefusedFalsely, "dropped": r.Load.Dropped,
		"checks_failed": failed(r), "run_invalid": one(!r.Valid), "audit_completed": one(judged(r)),
	} {
		push(ctx, state, g.counts[name], all, float64(value))
	}
	if ctx.Err() != nil {
		return fmt.Errorf("the audit came too late for its metrics: %w", context.Cause(ctx))
	}
	return nil
}

// judged says whether the run is a whole one that came to its end, and enough is known of it for a verdict.
func judged(r *result.Run) bool { return r.Complete && r.Segment == "" && r.Verdict != result.Unknown }

// failed is how many checks did not hold that the engine promises to pass.
func failed(r *result.Run) (n int64) {
	for _, c := range r.Checks {
		n += one(c.Promised && c.Verdict == result.Fail)
	}
	return n
}

func one(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// thresholds are those that any run of a demand should meet. A part can't tell whether the whole was oversold.
func (s *settings) thresholds() map[string][]string {
	all := map[string][]string{prefix + "run_invalid": {"count==0"}, prefix + "checks_failed": {"count==0"}}
	if !s.Part {
		all[prefix+"oversold_units"] = []string{"count==0"}
		all[prefix+"audit_completed"] = []string{"count==1"}
	}
	return all
}
