package driver

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/vtime"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// Virtual is a day in simulated time. What shoppers do between operations is a typed event; an operation inside the engine is
// a coroutine, and the connection pool bounds how many there are.
type Virtual struct {
	cfg    Config
	ctx    context.Context
	clock  *vtime.Scheduler
	env    *vtime.Env
	engine engines.Engine

	arrivals workload.Arrivals
	next     workload.Plan // the shopper who arrives next
	feed     *workload.Feed
	delivery workload.Movement // the movement that comes next
	feedSeq  uint64
	retrySeq uint64
	orders   engines.OrderID // how many there have been

	visits
	parcels   vtime.Ring[parcel]       // promised orders, in the order in which they leave the house
	contents  vtime.Ring[engines.Line] // their lines
	comers    *vtime.Lane              // the shopper who arrives next
	expiries  *vtime.Lane
	holding   bits // orders whose hold is to be ended: the sweeper looks here before it looks for the visit
	shipments *vtime.Lane

	gate
	stats    Stats
	lastBusy time.Duration
	lastOps  int64
}

// Events of the day. A is a visit, or as stated.
const (
	arrive   uint32 = iota
	reserve         // the shopper has come to where units are held
	goOn            // the holder of a cart goes on, or has left
	pay             // a payment attempt
	giveBack        // the shopper says that they leave
	expire          // B is the order
	cancel          // the buyer wants the order cancelled
	ship            // the oldest promised order leaves the house
	deliver
	again      // A is a call that the back office repeats
	poolWaited // A is a call, B which use of it
	interval
)

// NewVirtual opens the engine in a world of its own, with the day's opening stock.
func NewVirtual(ctx context.Context, cfg Config) (*Virtual, error) {
	sc := cfg.Scenario
	v := &Virtual{cfg: cfg, ctx: ctx, clock: &vtime.Scheduler{}}
	v.env = vtime.NewEnv(v.clock, cfg.Seed, storage(sc.Storage), vtime.Pauses{Share: sc.Faults.PauseShare, For: sc.Faults.PauseFor})
	var err error
	if v.engine, err = cfg.Engine.Open(ctx, Setup(sc, v.env)); err != nil {
		return nil, fmt.Errorf("opening %s: %w", cfg.Engine.Name, err)
	}
	if err := v.engine.Reset(ctx, cfg.Demand.Opening); err != nil {
		return nil, fmt.Errorf("setting the opening stock of %s: %w", cfg.Engine.Name, err)
	}
	v.gate.limit = max(1, sc.Storage.Pool)
	v.gate.timeouts = v.clock.NewLane(sc.Storage.PoolWait)
	v.comers = v.clock.NewLane(0)
	v.expiries = v.clock.NewLane(sc.Holds.For)
	v.shipments = v.clock.NewLane(0)
	v.clock.Handle, v.clock.Run = v.handle, v.operate
	v.arrivals, v.feed = cfg.Demand.Arrivals(cfg.Seed), cfg.Demand.Feed(cfg.Seed)
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
	if v.arrivals.Next(&v.next) {
		v.comers.PushAt(v.next.At, vtime.Event{Kind: arrive})
	}
	if v.feed.Next(&v.delivery) {
		v.clock.At(v.delivery.At, vtime.Event{Kind: deliver})
	}
	v.clock.At(v.cfg.Interval, vtime.Event{Kind: interval})
	err := v.clock.Go(v.ctx)
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

// handle is the day, event by event. An event that asks the engine does so last, for the clock may move on in it.
func (v *Virtual) handle(ev vtime.Event) {
	switch ev.Kind {
	case arrive:
		v.arrive()
	case deliver:
		v.deliver()
	case expire:
		v.expire(ev.A, uint32(ev.B))
	case ship:
		v.ship()
	case poolWaited:
		if c := v.calls[ev.A]; c.waiting && c.uses == ev.B {
			v.turnedAway(c)
		}
	case again:
		v.askAgain(v.calls[ev.A])
	case interval:
		v.tick()
	default:
		v.shop(ev.Kind, ev.A)
	}
}

// tick closes an interval of the series.
func (v *Virtual) tick() {
	s := &v.stats
	busy, seconds := v.env.BusyTime(), v.cfg.Interval.Seconds()
	servers := float64(max(1, v.cfg.Scenario.Storage.Servers))
	s.BusyPeak = max(s.BusyPeak, (busy-v.lastBusy).Seconds()/seconds/servers)
	s.InEngine = append(s.InEngine, int64(v.gate.inside))
	s.Waiting = append(s.Waiting, int64(v.gate.waiting))
	s.OperationsPerS = append(s.OperationsPerS, float64(s.Operations-v.lastOps)/seconds)
	v.lastBusy, v.lastOps = busy, s.Operations
	if v.cfg.Progress != nil {
		v.cfg.Progress(v.clock.Now(), s.Operations)
	}
	if v.clock.Now() < v.cfg.Demand.Length {
		v.clock.At(v.clock.Now()+v.cfg.Interval, vtime.Event{Kind: interval})
	}
}

// deliver asks the engine to book what came in.
func (v *Virtual) deliver() {
	c := v.newCall(v.delivery.Kind, 0, wms, none)
	c.entry.Op.ID = engines.FeedOp(wms, v.feedSeq)
	v.feedSeq++
	c.setLines(v.delivery.Lines)
	if v.feed.Next(&v.delivery) {
		v.clock.At(v.delivery.At, vtime.Event{Kind: deliver})
	}
	v.ask(c)
}

// The sources that move stock without a shopper.
var wms, oms = source("wms"), source("oms")

func source(name string) engines.Channel {
	return engines.Channel(slices.Index(scenarios.Sources, name))
}
