package driver_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/driver"
	"github.com/doorbuster/doorbuster/sim/ledger"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// A minute of even demand for one SKU in a marketplace, with more stock than anybody wants. Round trips take 1.4 ms.
const market = `
name: market
engines: [all]
pressure: false
default_scale: 1
wall_peak_per_s: 100
day: 1m
skus: 1
demand:
  source: made up for tests
  arrivals_per_day: 6000
  hourly: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
  spike: {baseline: none, at: 0s, ramp: 1s, factor: 1, hold: 0s, half_life: 1s}
  zipf: 0.9
  hot: {skus: 1, burst: 1, hold: 0s, half_life: 1s}
  basket_lines: [1]
  line_units: [1]
channels:
  amazon: {kind: marketplace, share: 1, sync: unified}
  shopify: {kind: own, share: 0, sync: unified}
shopper:
  browse_time: 2s
  cart_time: 2s
  pay_time: 5s
  think_sigma: 0.8
  leave_at_cart: 0.3
  leave_at_checkout: 0.3
  payment_failure: 0.15
  payment_retry: 0.6
  cancel_share: 0
  cancel_after: 10s
  resend_share: 0
holds: {policy: checkout, for: 10s}
stock: {cover: 2, hot_cover: 2, minimum: 0, ship_after: 1h, returns: 0}
storage:
  about: made up for tests
  source: made up for tests
  rtt: 1ms
  service: 400us
  distribution: constant
  servers: 64
  row_write: 0s
  pool: 200
  pool_wait: 5s
  handoff: fifo
`

func parse(t testing.TB, set ...string) *scenarios.Scenario {
	t.Helper()
	sc, err := scenarios.Parse("market.yaml", []byte(market), catalog.Names(), set)
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

func strategy(t testing.TB, name string) engines.Spec {
	t.Helper()
	spec, ok := catalog.Find("memory/" + name)
	if !ok {
		t.Fatalf("there is no strategy %q", name)
	}
	return spec
}

// witness is a judge that keeps what a test asks for.
type witness struct {
	asked, answered func(*ledger.Entry)
}

func (w witness) Asked(e *ledger.Entry) {
	if w.asked != nil {
		w.asked(e)
	}
}

func (w witness) Answered(e *ledger.Entry) {
	if w.answered != nil {
		w.answered(e)
	}
}

// pass lets the day pass before a witness.
func pass(t testing.TB, sc *scenarios.Scenario, spec engines.Spec, w witness) *driver.Virtual {
	t.Helper()
	v, err := driver.NewVirtual(context.Background(), driver.Config{
		Scenario: sc, Demand: workload.New(sc, 1), Engine: spec, Seed: 1, Judge: w, Interval: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Run(); err != nil {
		t.Fatal(err)
	}
	return v
}

// percentile is the q-th part of values from below.
func percentile(q float64, values []time.Duration) time.Duration {
	slices.Sort(values)
	return values[int(q*float64(len(values)-1))]
}
