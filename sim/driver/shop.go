package driver

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/backoffice"
	"github.com/doorbuster/doorbuster/sim/channels"
	"github.com/doorbuster/doorbuster/sim/storefront"
	"github.com/doorbuster/doorbuster/sim/vtime"
)

// store is what stands around the engine: marketplaces that promise on what they display, the shelf, customers who wait, the
// till, the supplier. It is told times of the scenario's day. A plain day has none.
type store struct {
	Shop
	sc   *scenarios.Scenario
	seed uint64
	dice rand.PCG

	house    *backoffice.House
	waitlist *backoffice.Waitlist
	restock  *backoffice.Restock
	buffers  *backoffice.Buffers

	allocated [16]bool // channels that sell a share of stock
	pools     int
	keys      []known // by stock key, as replies told
	position  []int64 // available units of each SKU, summed over its keys

	deadlines *vtime.Lane
	waiting   map[engines.OrderID]uint32 // the visits of those who wait
	lines     []engines.Line             // room for a cart summed by SKU
	wanted    engines.SKU                // the first in the basket of the last shopper who had one
	baskets   bool                       // there has been such a shopper
	tilled    []engines.SKU              // sold at the till since its last report
	counts    vtime.Ring[[]engines.Line] // the warehouse's, on their way
	purchases []backoffice.PurchaseOrder
	feeds     [16]uint64 // operations of each source so far
}

// Shop is what a shop's run leaves to be written down.
type Shop struct {
	Book      *storefront.Book
	Market    *channels.Market
	Intake    *channels.Intake
	Broken    int64         // messages that can't be used, as injected
	TillUnits int64         // sold at the till
	Short     int64         // orders that fulfilment found short
	Purchases int64         // purchase orders
	ToldWhen  int64         // refused orders whose customers were told when there will be more
	ToldIn    time.Duration // how long that was, summed
}

// Shop is what a run leaves of the shop around its engine; nil after a plain day.
func (v *day) Shop() *Shop {
	if v.store == nil {
		return nil
	}
	v.store.Market.Settle(v.today())
	return &v.store.Shop
}

// known is the newest state of a stock key that a reply told.
type known struct {
	seq   uint64
	after int64
}

// Events of a shop. A is a visit, or as stated.
const (
	imported uint32 = iota + 64 // a marketplace's order reaches us
	unbacked                    // fulfilment looks at an order that was promised and never booked
	waitOver
	reportTill
	countFloor
	countComes
	review
	purchaseComes // A is the purchase
)

// openShop builds the shop around an engine that has its opening stock. A plain scenario has none.
func (v *day) openShop(ctx context.Context) error {
	sc := v.cfg.Scenario
	if sc.Plain() {
		return nil
	}
	books, err := v.engine.Books(ctx)
	if err != nil {
		return fmt.Errorf("reading the opening stock: %w", err)
	}
	if !v.cfg.Engine.Versions {
		return fmt.Errorf("scenario %s: its channels follow the versions that an engine gives, and %s gives none", sc.Name, v.cfg.Engine.Name)
	}
	s := &store{sc: sc, seed: v.cfg.Seed, pools: 1, waiting: map[engines.OrderID]uint32{}}
	if v.cfg.Engine.Pools {
		s.pools = len(scenarios.Sources)
	}
	opening := v.cfg.Demand.Opening
	s.Book = storefront.New(storefront.Config{
		Opening: opening, Channels: len(scenarios.Sources), Hot: v.hot(), Day: v.cfg.Demand.Length, Interval: v.scenarioTime(v.cfg.Interval),
	})
	s.Intake = channels.NewIntake(len(opening), intakeWindow, clocksDiffer)
	s.house = backoffice.NewHouse(opening, sc.Fulfilment.Rule, s.penalty)
	s.waitlist = backoffice.NewWaitlist(len(opening), sc.Overflow.Deadline)
	s.buffers = backoffice.NewBuffers(sc.Buffers, len(opening))
	s.restock = backoffice.NewRestock(sc.Restock, v.cfg.Seed, v.cfg.Demand.Daily)
	buffer := func(at time.Duration, _ engines.Channel, sku engines.SKU, lag time.Duration) int64 {
		return s.buffers.Buffer(at, sku, lag)
	}
	s.Market = channels.New(channels.Config{
		Scenario: sc, Seed: v.cfg.Seed, Opening: opening, Scale: v.cfg.Demand.Scale, Interval: v.scenarioTime(v.cfg.Interval), Buffer: buffer,
	})
	for _, c := range sc.Channels {
		s.allocated[c.Index] = c.Sync == scenarios.Allocated
	}
	s.deadlines = v.clock.NewLane(v.real(sc.Overflow.Deadline))
	v.store = s
	return s.learn(books, len(opening))
}

// learn reads what the engine made of the opening stock: how it divides it over pools is its own business.
func (s *store) learn(books engines.Books, skus int) error {
	s.keys, s.position = make([]known, skus*s.pools), make([]int64, skus)
	for k, err := range books.Stock {
		if err != nil {
			return fmt.Errorf("reading the opening stock: %w", err)
		}
		s.keys[int(k.SKU)*s.pools+int(k.Pool)] = known{k.Seq, k.Available}
		s.position[k.SKU] += k.Available
	}
	return nil
}

func (v *day) hot() (hot []engines.SKU) {
	for sku, is := range v.cfg.Demand.Hot {
		if is {
			hot = append(hot, engines.SKU(sku))
		}
	}
	return hot
}

func (s *store) penalty(ch engines.Channel) float64 { return s.sc.Costs.Penalty[scenarios.Sources[ch]] }

// today is the time of the scenario's day.
func (v *day) today() time.Duration { return v.scenarioTime(v.clock.Now()) }

// scenarioTime is the reverse of real.
func (v *day) scenarioTime(d time.Duration) time.Duration {
	if v.cfg.Pace == 0 {
		return d
	}
	return time.Duration(float64(d) * v.cfg.Pace)
}

// openDoors schedules what a shop does by itself.
func (v *day) openDoors() {
	s := v.store
	if s == nil {
		return
	}
	v.every(s.sc.Floor.TillReportEvery, reportTill, s.sc.Floor.TillShare > 0)
	v.every(s.sc.Floor.CountEvery, countFloor, s.sc.Floor.CountEvery > 0)
	v.every(s.sc.Restock.Every, review, s.sc.Restock.On)
}

// every schedules the next of what happens at an interval of the scenario's day, until the day is over.
func (v *day) every(interval time.Duration, kind uint32, on bool) {
	if at := v.today() + interval; on && at <= v.cfg.Demand.Length {
		v.clock.At(v.real(at), vtime.Event{Kind: kind})
	}
}

// happenInShop is the shop's part of the day.
func (v *day) happenInShop(ev vtime.Event) {
	s := v.store
	switch ev.Kind {
	case waitOver:
		v.endWaits()
	case reportTill:
		v.every(s.sc.Floor.TillReportEvery, reportTill, true)
		v.reportTill()
	case countFloor:
		v.every(s.sc.Floor.CountEvery, countFloor, true)
		v.countFloor()
	case countComes:
		v.send(wms, engines.Count, s.counts.Pop())
	case review:
		v.every(s.sc.Restock.Every, review, true)
		v.reviewStock()
	case purchaseComes:
		v.purchaseComes(s.purchases[ev.A])
	case imported:
		w := v.at(ev.A)
		w.open--
		v.takeIn(w)
	case unbacked:
		w := v.at(ev.A)
		w.open--
		v.lastTry(w)
	}
}

// asking notes that a customer asks for units, before the engine hears of it.
func (v *day) asking(c *call) {
	if op := &c.entry.Op; v.store != nil && op.Kind.TakesStock() {
		v.store.Book.Asked(v.today(), op.Order, op.Channel, c.entry.Lines)
	}
}

// follow takes in what an answer tells the shop: customers, the shelf, the channels. It comes before the shopper goes on.
func (v *day) follow(c *call) {
	s := v.store
	if s == nil || c.entry.Resend {
		return
	}
	v.moved(c) // before the sale is seen by those who watch demand: a snapshot may be taken as of before it
	op, at, lines := &c.entry.Op, v.today(), c.entry.Lines
	if c.entry.Reply.Outcome == engines.Done {
		switch op.Kind {
		case engines.Reserve:
			s.Book.Held(lines, 1)
		case engines.Confirm:
			s.Book.Held(lines, -1)
			v.promise(c)
		case engines.Sell:
			v.promise(c)
		case engines.Release, engines.Expire:
			s.Book.Held(lines, -1)
			s.Book.Cancelled(at, op.Order, op.Channel, lines, storefront.Payment)
		case engines.Cancel:
			s.Book.Cancelled(at, op.Order, op.Channel, lines, storefront.Buyer)
			if c.short {
				v.recount(lines)
			}
		case engines.Ship:
			s.Book.Shipped(at, op.Order)
		case engines.Count, engines.Adjust:
			s.reported(op.Kind, lines)
		}
	} else if op.Kind == engines.Confirm && c.entry.Reply.Outcome != engines.Contended {
		s.Book.Cancelled(at, op.Order, op.Channel, lines, storefront.Payment)
	}
}

// reported is what the engine has learned of units that went: a count tells of all of them.
func (s *store) reported(kind engines.Kind, lines []engines.Line) {
	for _, l := range lines {
		units := -int64(l.Qty)
		if kind == engines.Count {
			units = math.MaxInt64
		}
		s.Book.Reported(l.SKU, units)
	}
}

// promise is what a customer is told when an order is booked. Of one that a channel promised before they hear nothing new.
func (v *day) promise(c *call) {
	s, op, at := v.store, &c.entry.Op, v.today()
	s.Book.Promised(at, op.Order, op.Channel, c.entry.Lines, false)
	if !v.at(c.visit).has(displayed) {
		s.sold(at, c.entry.Lines)
	}
}

// sold lets those who watch demand see a sale.
func (s *store) sold(at time.Duration, lines []engines.Line) {
	for _, l := range lines {
		s.buffers.Sold(at, l.SKU, l.Qty)
		s.restock.Sold(at, l.SKU, l.Qty)
	}
}

// moved tells the channels of every stock key that an answer gave a version. Answers may come out of order: an older version is no news,
// but for the channel that hears that its own order is booked.
func (v *day) moved(c *call) {
	s, at := v.store, v.today()
	by := v.bookedFor(c)
	for _, ver := range c.entry.Reply.Versions {
		k := &s.keys[int(ver.SKU)*s.pools+int(ver.Pool)]
		change := int64(0)
		if ver.Seq > k.seq {
			change = ver.After - k.after
			*k = known{ver.Seq, ver.After}
			s.position[ver.SKU] += change
		}
		switch {
		case by != channels.NoChannel:
			s.Market.Moved(at, ver.SKU, s.position[ver.SKU], -quantity(c.entry.Lines, ver.SKU), by)
		case change != 0:
			s.Market.Moved(at, ver.SKU, s.position[ver.SKU], change, by)
		}
		if change > 0 {
			v.serve(ver.SKU)
		}
	}
}

// bookedFor is the channel whose own promise an answer books, or NoChannel.
func (v *day) bookedFor(c *call) engines.Channel {
	if c.entry.Op.Kind != engines.Sell || c.visit == none || c.entry.Reply.Outcome != engines.Done {
		return channels.NoChannel
	}
	if w := v.at(c.visit); w.has(displayed) && !w.has(givenBack) {
		return w.channel
	}
	return channels.NoChannel
}

func quantity(lines []engines.Line, sku engines.SKU) int64 {
	for _, l := range lines {
		if l.SKU == sku {
			return int64(l.Qty)
		}
	}
	return 0
}

// came puts units on the shelf, before the engine is told of them.
func (v *day) came(lines []engines.Line) {
	s := v.store
	if s == nil {
		return
	}
	for _, l := range lines {
		s.house.Arrive(l.SKU, int64(l.Qty))
		s.Book.Came(v.today(), l.SKU, int64(l.Qty))
		s.Market.Received(v.today(), l.SKU, int64(l.Qty))
	}
}

// Purposes of the shop's random figures.
const (
	staysStream = iota + 1
	tillStream
	brokenStream
)

// chance is a random fraction of (seed, number, purpose): it doesn't shift with what happens in a run.
func (s *store) chance(number uint64, purpose uint64) float64 {
	s.dice.Seed(s.seed^purpose<<56, number)
	return float64(s.dice.Uint64()>>11) / (1 << 53)
}

// tell sends an operation of a source that moves stock without an order.
func (v *day) tell(source engines.Channel, kind engines.Kind, lines []engines.Line) {
	c := v.newCall(kind, 0, source, none)
	c.entry.Op.ID = engines.FeedOp(source, shopFeed|v.store.feeds[source])
	v.store.feeds[source]++
	c.setLines(lines)
	v.ask(c)
}

// shopFeed sets the shop's operations apart from those that the demand's feed numbers.
const shopFeed = 1 << 40

var pos = source("pos")
