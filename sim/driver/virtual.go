package driver

import (
	"context"
	"fmt"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/vtime"
)

// Virtual is a day in simulated time. What shoppers do between operations is a typed event; an operation inside the engine is a
// coroutine, or two events where it is one round trip, and the connection pool bounds how many there are.
type Virtual struct {
	day
	ctx     context.Context
	env     *vtime.Env
	tripper engines.Tripper // the engine, if it is one
	gate
	lastBusy time.Duration
	ahead    ahead
}

// NewVirtual opens the engine in a world of its own, with the day's opening stock.
func NewVirtual(ctx context.Context, cfg Config) (*Virtual, error) {
	sc := cfg.Scenario
	v := &Virtual{ctx: ctx}
	v.begin(cfg)
	v.ask = v.throughGate
	v.env = vtime.NewEnv(v.clock, cfg.Seed, storage(sc.Storage), vtime.Pauses{Share: sc.Faults.PauseShare, For: sc.Faults.PauseFor})
	var err error
	if v.engine, err = cfg.Engine.Open(ctx, Setup(sc, v.env)); err != nil {
		return nil, fmt.Errorf("opening %s: %w", cfg.Engine.Name, err)
	}
	if err := v.engine.Reset(ctx, cfg.Demand.Opening); err != nil {
		return nil, fmt.Errorf("setting the opening stock of %s: %w", cfg.Engine.Name, err)
	}
	if err := v.openShop(ctx); err != nil {
		return nil, err
	}
	v.limit = max(1, sc.Storage.Pool)
	v.timeouts = v.clock.NewLane(sc.Storage.PoolWait)
	v.clock.Handle, v.clock.Run = v.handle, v.operate
	if v.tripper, _ = v.engine.(engines.Tripper); v.tripper != nil {
		v.clock.Trip = v.setOff
	}
	if v.ahead.fetcher, _ = v.engine.(fetcher); v.ahead.fetcher != nil {
		v.clock.Ahead = v.soon
	}
	return v, nil
}

func storage(s scenarios.Storage) vtime.Storage {
	st := vtime.Storage{
		RTT: s.RTT, Service: s.Service, Constant: s.Distribution == "constant", Servers: s.Servers, RowWrite: s.RowWrite,
	}
	if s.Handoff == "barging" {
		st.Handoff = vtime.Barging
	}
	return st
}

// Setup is what a scenario opens engines with.
func Setup(sc *scenarios.Scenario, env engines.Env) engines.Setup {
	var shares []float64
	for _, c := range sc.Channels {
		for len(shares) <= c.Index {
			shares = append(shares, 0)
		}
		shares[c.Index] = c.Share
	}
	return engines.Setup{Env: env, Shares: shares, Tuning: engines.Tuning(sc.Tuning)}
}

// Run lets the day pass, until the last hold has ended and the last order has left. An error is the context's, or an engine's panic.
func (v *Virtual) Run() error {
	v.dawn()
	err := v.clock.Go(v.ctx)
	v.strand()
	v.stats.PoolPeak, v.stats.QueuePeak, v.stats.Coroutines = v.gate.peak, v.gate.queuePeak, v.clock.Coroutines()
	v.stats.Paused, v.stats.Counts = v.env.Paused(), v.env.Counts()
	return err
}

// Books are the engine's own, after Run.
func (v *Virtual) Books() (engines.Books, error) { return v.engine.Books(v.ctx) }

// Stats are the driver's own, after Run.
func (v *Virtual) Stats() Stats { return v.stats }

// Close gives the engine up.
func (v *Virtual) Close() error { return v.engine.Close() }

// handle takes what the gate waits for, and else lets the day go on.
func (v *Virtual) handle(ev vtime.Event) {
	switch ev.Kind {
	case poolWaited:
		if c := v.calls[ev.A]; c.waiting && c.uses == ev.B {
			v.turnedAway(c)
		}
	case rowsReached:
		v.travel(v.calls[ev.A])
	case landed:
		v.land(v.calls[ev.A])
	case interval:
		v.tick()
	case ship:
		v.soonShipped()
		v.happen(ev)
	case expire:
		v.soonExpired()
		v.happen(ev)
	default:
		v.happen(ev)
	}
}

// tick closes an interval of the series.
func (v *Virtual) tick() {
	busy, seconds := v.env.BusyTime(), v.cfg.Interval.Seconds()
	servers := float64(max(1, v.cfg.Scenario.Storage.Servers))
	v.stats.BusyPeak = max(v.stats.BusyPeak, (busy-v.lastBusy).Seconds()/seconds/servers)
	v.lastBusy = busy
	v.sample(v.inside, v.waiting)
}
