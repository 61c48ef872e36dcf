package sim_test

import (
	"context"
	"slices"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
)

// A flash sale of twenty minutes: everything that a Black Friday has, small enough for a test.
const flash = `
name: flash
engines: [all]
control: naive
default_scale: 1
wall_peak_per_s: 100
day: 20m
skus: 40
demand:
  source: made up for tests
  arrivals_per_day: 12000
  hourly: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
  spike: {baseline: the mean rate of the day without its spike, at: 5m, ramp: 10s, factor: 12, hold: 1m, half_life: 1m}
  zipf: 0.9
  hot: {skus: 3, burst: 10, hold: 1m, half_life: 1m}
  basket_lines: [0.564, 0.205, 0.096, 0.055, 0.030, 0.018, 0.012, 0.009, 0.006, 0.005]
  line_units: [0.88, 0.09, 0.03]
channels:
  amazon: {kind: marketplace, share: 0.26, sync: unified}
  ebay: {kind: marketplace, share: 0.10, sync: unified}
  walmart: {kind: marketplace, share: 0.09, sync: unified}
  etsy: {kind: marketplace, share: 0.05, sync: unified}
  shopify: {kind: own, share: 0.32, sync: unified}
  woocommerce: {kind: own, share: 0.18, sync: unified}
shopper:
  browse_time: 10s
  cart_time: 10s
  pay_time: 20s
  think_sigma: 0.8
  leave_at_cart: 0.4
  leave_at_checkout: 0.3
  payment_failure: 0.15
  payment_retry: 0.6
  cancel_share: 0.05
  cancel_after: 30s
  resend_share: 0.02
holds: {policy: checkout, for: 1m}
stock:
  cover: 0.9
  hot_cover: 0.35
  minimum: 3
  ship_after: 2m
  returns: 0.1
  receipts: [{at: 12m, share: 0.05}]
storage:
  about: made up for tests
  source: made up for tests
  rtt: 1ms
  service: 400us
  distribution: exponential
  servers: 16
  row_write: 500us
  pool: 200
  pool_wait: 5s
  handoff: barging
`

// flashSale is the flash sale with some of its values replaced.
func flashSale(t testing.TB, set ...string) *scenarios.Scenario {
	t.Helper()
	sc, err := scenarios.Parse("flash.yaml", []byte(flash), catalog.Names(), set)
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

// memory picks strategies of the reference engine, all of them if none is named.
func memory(t testing.TB, strategies ...string) []engines.Spec {
	t.Helper()
	if len(strategies) == 0 {
		return slices.DeleteFunc(catalog.All(), func(s engines.Spec) bool { return !s.Virtual })
	}
	var specs []engines.Spec
	for _, s := range strategies {
		spec, ok := catalog.Find("memory/" + s)
		if !ok {
			t.Fatalf("there is no strategy %q", s)
		}
		specs = append(specs, spec)
	}
	return specs
}

// behind is spec with something in front of each engine that it opens.
func behind(spec engines.Spec, front func(engines.Engine) engines.Engine) engines.Spec {
	open := spec.Open
	spec.Open = func(ctx context.Context, s engines.Setup) (engines.Engine, error) {
		e, err := open(ctx, s)
		return front(e), err
	}
	return spec
}

// run runs engines, and fails the test if it can't.
func run(t testing.TB, o sim.Options) *result.File {
	t.Helper()
	if o.Catalog == nil {
		o.Catalog = catalog.All()
	}
	f, err := sim.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// of is the run of an engine.
func of(t testing.TB, f *result.File, engine string) *result.Run {
	t.Helper()
	for i := range f.Runs {
		if f.Runs[i].Engine == engine {
			return &f.Runs[i]
		}
	}
	t.Fatalf("no run of %s", engine)
	return nil
}

// check is a run's check of the given name.
func check(t testing.TB, r *result.Run, name string) result.Check {
	t.Helper()
	for _, c := range r.Checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("%s has no check %s", r.Engine, name)
	return result.Check{}
}

// failed names the checks that an engine promised to pass and failed, in the order in which results have them.
func failed(r *result.Run) []string {
	var names []string
	for _, c := range r.Checks {
		if c.Promised && c.Verdict == result.Fail {
			names = append(names, c.Name)
		}
	}
	return names
}
