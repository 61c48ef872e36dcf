package sim_test

import (
	"bytes"
	"context"
	"io"
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

// planned is a flash sale of a second.
func planned(t *testing.T, set ...string) *sim.Plan {
	t.Helper()
	sc := flashSale(t, append([]string{"wall_peak_per_s=600"}, set...)...)
	p, err := sim.NewPlan(sim.Options{Scenario: sc, Duration: time.Second, Seeds: []uint64{7}, Env: catalog.Wall})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// hosted opens a plan on an engine and lets the day begin.
func hosted(t *testing.T, p *sim.Plan, hosting sim.Hosting) *sim.Hosted {
	t.Helper()
	h, err := p.Open(t.Context(), hosting)
	if err != nil {
		t.Fatal(err)
	}
	h.Begin(time.Now())
	return h
}

// played lets so many players a channel take shoppers until no more come, and returns the run.
func played(t *testing.T, p *sim.Plan, h *sim.Hosted, players int, act func(*driver.Shopper)) *result.Run {
	t.Helper()
	var all sync.WaitGroup
	for _, c := range p.Scenario().Channels {
		for range players {
			all.Go(func() {
				for {
					s, err := h.Take(t.Context(), engines.Channel(c.Index))
					if err != nil || s == nil {
						return
					}
					act(s)
				}
			})
		}
	}
	all.Wait()
	return &h.Close(t.Context()).Runs[0]
}

// does all that a shopper wants done.
func does(t *testing.T) func(*driver.Shopper) {
	return func(s *driver.Shopper) {
		for {
			op, err := s.Next(t.Context())
			if err != nil {
				t.Error(err)
			}
			if op == nil || err != nil {
				return
			}
			if _, took, err := s.Do(); err != nil || took < 0 {
				t.Errorf("took %v, %v", took, err)
			}
		}
	}
}

// Whoever plays the shoppers, with second tabs and every hold policy, the run is the one that a wall run is.
func TestAHostedRunIsTheSameRun(t *testing.T) {
	spec := memory(t, "conditional")[0]
	for _, policy := range []string{"cart", "checkout", "payment"} {
		set := []string{"holds.policy=" + policy, "shopper.second_tab=0.2", "pressure=false"}
		p := planned(t, set...)
		got := played(t, p, hosted(t, p, sim.Hosting{Engine: spec}), 60, does(t))
		f, err := sim.Run(t.Context(), sim.Options{
			Scenario: p.Scenario(), Engines: []engines.Spec{spec}, Catalog: catalog.All(), Mode: result.Wall, Duration: time.Second, Seeds: []uint64{7}, Env: catalog.Wall,
		})
		if err != nil {
			t.Fatal(err)
		}
		want := of(t, f, spec.Name)
		if got.Orders.Asked != want.Orders.Asked || got.Units.Supply != want.Units.Supply || got.Funnel.Arrived != want.Funnel.Arrived || got.Orders.Asked < 50 {
			t.Errorf("%s: %+v, %+v; the wall run has %+v, %+v", policy, got.Orders, got.Units, want.Orders, want.Units)
		}
		if got.Load.Dropped > 0 || got.Units.Oversold.Max > 0 || got.Verdict == result.Fail || got.Orders.Unknown > 0 {
			t.Errorf("%s: %+v, %+v, verdict %s", policy, got.Load, got.Units, got.Verdict)
		}
	}
}

// One player for each channel can't be in time: what is late is late from its intended start, and what is never taken up is dropped.
func TestShoppersWhomNobodyTakes(t *testing.T) {
	limits := *sim.Limits()
	sim.Limits().Timeout, sim.Limits().Grace = 200*time.Millisecond, 100*time.Millisecond
	t.Cleanup(func() { *sim.Limits() = limits })
	p := planned(t)
	slow := func(s *driver.Shopper) {
		<-time.After(80 * time.Millisecond)
		does(t)(s)
	}
	r := played(t, p, hosted(t, p, sim.Hosting{Engine: memory(t, "conditional")[0]}), 1, slow)
	if r.Valid || r.Load.Dropped == 0 || r.Load.Started+r.Load.Dropped != r.Load.Planned || r.LatencyMS.Intended.P50 < 5*r.LatencyMS.Service.P50 {
		t.Errorf("valid %v, %+v, %+v", r.Valid, r.Load, r.LatencyMS)
	}
	unanswered := int64(0) // where the machine stands still for as long as an operation may take
	for _, e := range r.Errors {
		unanswered += e.Count
	}
	if r.Orders.Unknown > unanswered || r.Verdict == result.Fail || !strings.Contains(strings.Join(r.Invalid, " "), "no virtual user took up") {
		t.Errorf("%+v, %d unanswered, verdict %s, %q", r.Orders, unanswered, r.Verdict, r.Invalid)
	}
}

// A player who leaves without an answer leaves it open whether the operation happened.
func TestPlayersWhoLeave(t *testing.T) {
	p := planned(t)
	r := played(t, p, hosted(t, p, sim.Hosting{Engine: memory(t, "conditional")[0]}), 40, func(s *driver.Shopper) {
		if _, err := s.Next(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := s.Next(t.Context()); err == nil {
			t.Error("a second operation was given before the first had its answer")
		}
		s.Leave()
		if _, _, err := s.Do(); err == nil {
			t.Error("an operation was done that had its answer")
		}
	})
	if r.Orders.Unknown == 0 || r.Orders.Promised > 0 || r.Verdict == result.Fail || len(r.Errors) != 1 {
		t.Errorf("%+v, verdict %s, %+v", r.Orders, r.Verdict, r.Errors)
	}
}

// A run that ends before its last shopper has come was cut short.
func TestHostedRunIsCutShort(t *testing.T) {
	p := planned(t)
	h := hosted(t, p, sim.Hosting{Engine: memory(t, "conditional")[0]})
	f := h.Close(t.Context())
	if r := &f.Runs[0]; f.Complete || r.Verdict != result.Unknown || !strings.Contains(r.Error, "whose last shopper comes after") {
		t.Errorf("complete %v, verdict %s, error %q", f.Complete, r.Verdict, r.Error)
	}
	if again := h.Close(t.Context()); again != f {
		t.Error("closed twice, it gave two results")
	}
	never, err := p.Open(t.Context(), sim.Hosting{Engine: memory(t, "conditional")[0]})
	if err != nil {
		t.Fatal(err)
	}
	if r := &never.Close(t.Context()).Runs[0]; r.Complete || !strings.Contains(r.Error, "no shopper was ever taken") {
		t.Errorf("complete %v, error %q", r.Complete, r.Error)
	}
}

// common is an engine in memory that two parts share, as they share one on a server.
type common struct{ engines.Engine }

func (common) Adopt(context.Context, []int64) error { return nil }
func (common) Close() error                         { return nil }

// shared is a spec of one engine, stocked.
func shared(t *testing.T, p *sim.Plan, strategy string) engines.Spec {
	t.Helper()
	spec := memory(t, strategy)[0]
	e, err := spec.Open(t.Context(), engines.Setup{Env: catalog.Wall(time.Millisecond)})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Reset(t.Context(), p.Opening()); err != nil {
		t.Fatal(err)
	}
	spec.Open = func(context.Context, engines.Setup) (engines.Engine, error) { return common{e}, nil }
	return spec
}

// halves plays both halves of a plan at once, and returns their merged result and their journals.
func halves(t *testing.T, p *sim.Plan, spec engines.Spec) (*result.File, []io.Reader) {
	t.Helper()
	journals := make([]bytes.Buffer, 2)
	parts := make([]result.Part, 2)
	var both sync.WaitGroup
	for i, segment := range []string{"0:1/2", "1/2:1"} {
		own := func(_ engines.Channel, n uint64) bool { return n%2 == uint64(i) }
		h := hosted(t, p, sim.Hosting{Engine: spec, Segment: segment, Part: driver.Part{Own: own, Later: i > 0}, Journal: &journals[i]})
		both.Go(func() {
			played(t, p, h, 40, does(t))
			parts[i] = result.Part{Name: segment, File: h.Close(t.Context())}
		})
	}
	both.Wait()
	f, err := result.Merge(parts)
	if err != nil {
		t.Fatal(err)
	}
	return f, []io.Reader{&journals[0], &journals[1]}
}

// Parts that know nothing of each other are judged together: a safe engine passes, and naive is found out.
func TestPartsAreJudgedTogether(t *testing.T) {
	for _, strategy := range []string{"conditional", "naive"} {
		p := planned(t)
		spec := shared(t, p, strategy)
		f, journals := halves(t, p, spec)
		apart := f.Runs[0]
		if apart.Verdict != result.Unknown || apart.Orders.Asked < 50 {
			t.Errorf("%s: verdict %s of parts that can't know, %+v", strategy, apart.Verdict, apart.Orders)
		}
		if err := sim.Join(t.Context(), f, spec, journals); err != nil {
			t.Fatal(err)
		}
		r := &f.Runs[0]
		if r.Orders.Promised != apart.Orders.Promised || r.LatencyMS != apart.LatencyMS || r.Load != apart.Load || r.Segment != "" {
			t.Errorf("%s: joined %+v %+v, merged %+v %+v", strategy, r.Orders, r.LatencyMS, apart.Orders, apart.LatencyMS)
		}
		if oversold := check(t, r, "oversold").Verdict == result.Fail; oversold != (strategy == "naive") || oversold != (r.Units.Oversold.Min > 0) {
			t.Errorf("%s: %+v, %+v", strategy, check(t, r, "oversold"), r.Units)
		}
		for _, c := range r.Checks {
			if strategy == "conditional" && c.Verdict == result.Fail {
				t.Errorf("%+v", c)
			}
		}
	}
}

// A journal that breaks off is of a part that was cut short; one that is none is an error.
func TestBrokenJournals(t *testing.T) {
	p := planned(t)
	spec := shared(t, p, "conditional")
	f, journals := halves(t, p, spec)
	text, err := io.ReadAll(journals[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Join(t.Context(), f, spec, []io.Reader{journals[0], bytes.NewReader(text[:len(text)*2/3])}); err != nil {
		t.Fatal(err)
	}
	if r := &f.Runs[0]; f.Complete || r.Complete || r.Verdict == result.Pass {
		t.Errorf("complete %v, verdict %s: a third of a journal is missing", f.Complete, r.Verdict)
	}
	if err := sim.Join(t.Context(), f, spec, []io.Reader{strings.NewReader("nonsense")}); err == nil || !strings.Contains(err.Error(), "journal 1 of 1") {
		t.Errorf("error %v", err)
	}
}

// A scenario with a shop around its engine can't be dealt out to virtual users.
func TestNoPlanWithAShop(t *testing.T) {
	sc := flashSale(t, "channels.amazon.sync=webhook")
	if _, err := sim.NewPlan(sim.Options{Scenario: sc}); err == nil || !strings.Contains(err.Error(), "unified") {
		t.Errorf("error %v", err)
	}
}
