package driver

import (
	"slices"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/vtime"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// day is what shoppers, the warehouse and the back office do, whatever the clock: each step is a typed event. An operation is handed
// over with ask, and comes back through answer. It is used by one goroutine at a time.
type day struct {
	cfg    Config
	clock  *vtime.Scheduler
	engine engines.Engine
	ask    func(*call) // sends an operation now

	arrivals workload.Arrivals
	next     *workload.Plan // the shopper who arrives next; nil: nobody
	feed     *workload.Feed
	delivery workload.Movement // the movement that comes next
	feedSeq  uint64
	retrySeq uint64
	orders   engines.OrderID // how many there have been

	visits
	calls     []*call
	freeCalls []uint32
	parcels   vtime.Ring[parcel]       // promised orders, in the order in which they leave the house
	contents  vtime.Ring[engines.Line] // their lines
	comers    *vtime.Lane              // the shopper who arrives next
	expiries  *vtime.Lane
	holding   bits // orders whose hold is to be ended: the sweeper looks here before it looks for the visit
	shipments *vtime.Lane

	store *store // what stands around the engine; nil on a plain day

	holdFor    time.Duration // on the clock of the run
	officeWait time.Duration // likewise
	stats      Stats
	lastOps    int64
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
	again       // A is a call that the back office repeats
	poolWaited  // A is a call, B which use of it
	rowsReached // A is a call on its only round trip
	landed      // A is a call whose only round trip is over
	interval
)

// begin readies a day that has not begun.
func (v *day) begin(cfg Config) {
	v.cfg, v.clock = cfg, &vtime.Scheduler{}
	v.holdFor, v.officeWait = v.real(cfg.Scenario.Holds.For), officeWait
	v.comers = v.clock.NewLane(0)
	v.expiries = v.clock.NewLane(v.holdFor)
	v.shipments = v.clock.NewLane(0)
	v.arrivals, v.feed = cfg.Demand.Arrivals(cfg.Seed), cfg.Demand.Feed(cfg.Seed)
}

// real is how long a duration of the scenario's day takes on the clock of the run.
func (v *day) real(d time.Duration) time.Duration {
	if v.cfg.Pace == 0 {
		return d
	}
	return time.Duration(float64(d) / v.cfg.Pace)
}

// dawn schedules what begins by itself.
func (v *day) dawn() {
	v.lookOut()
	v.expect()
	v.clock.At(v.cfg.Interval, vtime.Event{Kind: interval})
	v.openDoors()
}

// happen is the day, event by event. An event that asks the engine does so last, for the clock may move on in it.
func (v *day) happen(ev vtime.Event) {
	switch ev.Kind {
	case arrive:
		v.arrive()
	case deliver:
		v.deliver()
	case expire:
		v.expire(ev.A, uint32(ev.B))
	case ship:
		v.ship()
	case again:
		v.askAgain(v.calls[ev.A])
	case imported, unbacked, waitOver, reportTill, countFloor, countComes, review, purchaseComes:
		v.happenInShop(ev)
	default:
		v.shop(ev.Kind, ev.A)
	}
}

// sample closes an interval of the series.
func (v *day) sample(inside, waiting int) {
	s := &v.stats
	s.InEngine = append(s.InEngine, int64(inside))
	s.Waiting = append(s.Waiting, int64(waiting))
	s.OperationsPerS = append(s.OperationsPerS, float64(s.Operations-v.lastOps)/v.cfg.Interval.Seconds())
	v.lastOps = s.Operations
	if v.cfg.Progress != nil {
		v.cfg.Progress(v.clock.Now(), s.Operations)
	}
	if v.clock.Now() < v.real(v.cfg.Demand.Length) {
		v.clock.At(v.clock.Now()+v.cfg.Interval, vtime.Event{Kind: interval})
	}
}

// deliver asks the engine to book what came in.
func (v *day) deliver() {
	c := v.newCall(v.delivery.Kind, 0, wms, none)
	c.entry.Op.ID = engines.FeedOp(wms, v.feedSeq)
	v.feedSeq++
	c.setLines(v.delivery.Lines)
	v.came(c.lines)
	v.expect()
	v.ask(c)
}

// expect schedules the movement that comes next.
func (v *day) expect() {
	if v.feed.Next(&v.delivery) {
		v.clock.At(v.real(v.delivery.At), vtime.Event{Kind: deliver})
	}
}

// The sources that move stock without a shopper.
var wms, oms = source("wms"), source("oms")

func source(name string) engines.Channel {
	return engines.Channel(slices.Index(scenarios.Sources, name))
}
