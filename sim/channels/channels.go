// Package channels is what each marketplace displays, when it learns of a movement, and how its orders reach us.
//
// A marketplace promises by itself, on the quantity that it displays, and takes its own sales off that display. We hear of a sale
// when it is imported, and the marketplace hears of everybody else's in the way that the scenario gives it: a polled snapshot, a
// webhook, an ordered log, or not at all where it sells a share of its own. Oversells between systems are made in these two gaps.
//
// A day has 50 million movements, so nothing here is an event. When a movement happens, its messages and their arrivals are drawn
// at once, each from a random stream of (seed, channel, SKU, sequence); they change a display when somebody next looks at that SKU.
// A model that takes every arrival as an event shows the same, as a test.
package channels

import (
	"math"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// NoChannel stands for a movement that is no marketplace's own sale.
const NoChannel = ^engines.Channel(0)

// Config is the shop around one run.
type Config struct {
	Scenario *scenarios.Scenario
	Seed     uint64
	Opening  []int64       // units, by SKU
	Scale    float64       // share of the SKUs that is run: the ordered log's capacity goes with it
	Interval time.Duration // of the latency series; 0: a minute
	// Buffer is how many units of a SKU a channel's display holds back, when something is pushed at a time; nil: none. Lag is the
	// channel's mean delay then. It is first asked by New. For a snapshot the time may be earlier than that of the latest call, but
	// nothing has happened to the SKU since: who observes movements and sales does so after telling the Market of them.
	Buffer func(at time.Duration, ch engines.Channel, sku engines.SKU, lag time.Duration) int64
}

// Market is every marketplace that promises by itself. Calls come in the order of time; one that comes late counts as of the
// latest. Whatever is due at the time of a call has happened before it. Not for concurrent use.
type Market struct {
	cfg   Config
	sync  scenarios.Sync
	delta bool // messages carry changes, not quantities

	links []link
	slots [256]int16    // of a channel: its link, or -1
	of    [kinds][]int  // the links of each kind
	cells []cell        // by SKU, then link
	items []item        // by SKU
	now   time.Duration // of the latest call

	tick     int64 // the last snapshot
	nextTick time.Duration
	round    int     // how many redistributions by hand are over
	free     float64 // when the ordered log has dealt with all it has, in ns
	service  float64 // what it takes for one movement, in ns
	record   uint64  // the movement that it took last: SKU and sequence

	dice  *dice
	pause float64 // what a throttled webhook waits after each message, in ns

	importKey uint64
	latency   latencies
	stats     Stats
}

// kind is how a channel is synchronised.
type kind uint8

const (
	polling kind = iota
	webhook
	ordered
	allocated
	kinds
)

var kindOf = map[string]kind{
	scenarios.Polling: polling, scenarios.Webhook: webhook, scenarios.Stream: ordered, scenarios.Allocated: allocated,
}

// link is one channel that promises by itself.
type link struct {
	channel   engines.Channel
	kind      kind
	key       uint64        // of its random streams
	weight    int64         // allocated: its share of stock, in parts of whole
	lostInRow int           // webhook
	deaf      bool          // webhook: it has stopped listening
	deafUntil time.Duration // webhook
	free      float64       // webhook: when a throttled channel takes the next message, in ns
}

// item is what we know of a SKU.
type item struct {
	available int64
	seq       uint32 // of the latest movement
	round     int32  // redistributions that it has had
	tick      int64  // the snapshot that polled channels display
	box       inbox  // on the way to every channel
	unseen    window // movements that webhooks have not brought to every channel
}

// cell is one SKU on one channel. The counts of units are cumulative.
type cell struct {
	shown    int64         // may fall below 0 by deltas
	told     int64         // delta: what it displays as far as we know
	credit   int64         // allocated: how far it is below its share, in parts of whole
	last     time.Duration // ordered: when the newest message arrives
	accepted uint32        // its own sales
	booked   uint32        // of these, what was imported
	mark     uint32        // accepted when an absolute quantity last came
	seen     uint32        // the newest movement that has arrived
	held     int64         // units that the buffer held back from the last push
}

// New opens the day: every channel displays the opening stock, less its buffer, or its share of it.
// The scenario is one that its parser has checked.
func New(c Config) *Market {
	sc := c.Scenario
	m := &Market{cfg: c, sync: sc.Sync, delta: sc.Sync.Push == "delta", nextTick: sc.Sync.Polling.Every, dice: newDice()}
	m.importKey = key(c.Seed, importStream, 0)
	for i := range m.slots {
		m.slots[i] = -1
	}
	for _, ch := range sc.Channels {
		if k, ok := kindOf[ch.Sync]; ok && ch.Kind == scenarios.Marketplace {
			m.link(ch, k)
		}
	}
	if rate := sc.Sync.Stream.CapacityS * c.Scale; rate > 0 {
		m.service = float64(time.Second) / rate
	}
	if rate := sc.Sync.Webhook.ThrottleS * c.Scale; rate > 0 {
		m.pause = float64(time.Second) / rate
	}
	m.latency.init(c.Interval)
	m.open(c.Opening)
	return m
}

func (m *Market) link(ch scenarios.Channel, k kind) {
	slot := len(m.links)
	m.slots[uint8(ch.Index)] = int16(slot)
	m.of[k] = append(m.of[k], slot)
	m.links = append(m.links, link{
		channel: engines.Channel(ch.Index), kind: k, key: key(m.cfg.Seed, pushStream, uint64(ch.Index)),
		weight: int64(math.Round(ch.Allocation * whole)),
	})
}

func (m *Market) open(opening []int64) {
	m.items = make([]item, len(opening))
	m.cells = make([]cell, len(opening)*len(m.links))
	for sku := range m.items {
		it := &m.items[sku]
		it.available = opening[sku]
		cells := m.cellsOf(engines.SKU(sku))
		for i := range m.links {
			if m.links[i].kind != allocated {
				c := &cells[i]
				c.shown, c.held = m.target(0, it, &m.links[i], engines.SKU(sku))
				c.told = c.shown
			}
		}
		m.divide(cells, opening[sku])
	}
}
