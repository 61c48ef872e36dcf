package channels

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// TestLazyIsEager holds the Market against a model in which every tick and every arrival is an event, on random days in which many
// things fall on the same instant: displays, promises, counts and latencies are the same.
func TestLazyIsEager(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		if diff := compare(r, 0); diff != "" {
			r.Fatal(diff)
		}
	})
}

// TestLazyIsEagerCanFail gives the model another seed: some day must differ.
func TestLazyIsEagerCanFail(t *testing.T) {
	differs := false
	rapid.Check(t, func(r *rapid.T) { differs = compare(r, 1) != "" || differs })
	if !differs {
		t.Error("a model of other delays never differed: the comparison sees nothing")
	}
}

const (
	tinySKUs = 2
	tinyDay  = 400 * time.Millisecond

	allArrived = 5 * time.Second
)

// compare plays one random day on both, and says where they differ.
func compare(r *rapid.T, seedOff uint64) string {
	sc := drawShop(r)
	opening := rapid.SliceOfN(rapid.Int64Range(0, 30), tinySKUs, tinySKUs).Draw(r, "opening")
	buffered := rapid.Bool().Draw(r, "buffered")
	// What each side's buffers have observed: they go with what has happened to the SKU so far.
	var seenLazy, seenEager [tinySKUs]int64
	buffer := func(seen *[tinySKUs]int64) func(time.Duration, engines.Channel, engines.SKU, time.Duration) int64 {
		if !buffered {
			return nil
		}
		return func(at time.Duration, ch engines.Channel, sku engines.SKU, lag time.Duration) int64 {
			return (seen[sku] + int64(at/time.Millisecond) + int64(ch) + int64(lag/time.Millisecond)) % 4
		}
	}
	c := Config{Scenario: sc, Seed: 1, Opening: opening, Scale: 1, Buffer: buffer(&seenLazy), Interval: tinyDay / 4}
	lazy := New(c)
	c.Seed, c.Buffer = 1+seedOff, buffer(&seenEager)
	model := newEager(c)

	position := slices.Clone(opening)
	at := time.Duration(0)
	for at < tinyDay {
		at += time.Duration(rapid.IntRange(0, 12).Draw(r, "ms")) * time.Millisecond
		sku := engines.SKU(rapid.IntRange(0, tinySKUs-1).Draw(r, "sku"))
		ch := engines.Channel(rapid.IntRange(0, len(sc.Channels)-1).Draw(r, "channel"))
		lines := []engines.Line{{SKU: sku, Qty: int32(rapid.IntRange(1, 3).Draw(r, "qty"))}}
		switch rapid.IntRange(0, 4).Draw(r, "what") {
		case 0:
			change := rapid.Int64Range(-4, 4).Draw(r, "change")
			position[sku] += change
			by := ch
			if rapid.Bool().Draw(r, "foreign") {
				by = NoChannel
			}
			lazy.Moved(at, sku, position[sku], change, by)
			model.moved(at, sku, position[sku], change, by)
			seenLazy[sku]++
			seenEager[sku]++
		case 1, 2:
			got, _ := lazy.Accept(at, ch, lines)
			if want := model.accept(at, ch, lines[0]); got != want {
				return fmt.Sprintf("at %v, channel %d promised %v: %v, eagerly %v", at, ch, lines, got, want)
			}
		case 3:
			lazy.Refused(at, ch, lines)
			model.refused(at, ch, lines[0])
		}
		if got, want := lazy.Displayed(at, ch, sku), model.displayed(at, ch, sku); got != want {
			return fmt.Sprintf("at %v, channel %d displays %d of SKU %d, eagerly %d", at, ch, got, sku, want)
		}
	}
	lazy.Settle(allArrived)
	model.until(allArrived)
	return model.differs(lazy)
}

func drawShop(r *rapid.T) *scenarios.Scenario {
	ms := func(label string, least, most int) time.Duration {
		return time.Duration(rapid.IntRange(least, most).Draw(r, label)) * time.Millisecond
	}
	sc := &scenarios.Scenario{Day: tinyDay, Sync: scenarios.Sync{
		Push:    rapid.SampledFrom([]string{"absolute", "delta"}).Draw(r, "push"),
		Polling: scenarios.PollingSync{Every: ms("every", 5, 60)},
		Webhook: scenarios.WebhookSync{
			Delay: ms("webhook delay", 0, 40), Loss: rapid.SampledFrom([]float64{0, 0.1, 0.6}).Draw(r, "loss"),
			Duplicates:    rapid.SampledFrom([]float64{0, 0.3}).Draw(r, "duplicates"),
			DisabledAfter: rapid.IntRange(0, 3).Draw(r, "disabled after"), EnabledAfter: ms("enabled after", 0, 80),
			ThrottleS: rapid.SampledFrom([]float64{0, 0, 50, 1000}).Draw(r, "throttle"),
		},
		Stream:    scenarios.StreamSync{Delay: ms("stream delay", 0, 40), CapacityS: rapid.SampledFrom([]float64{0, 1000, 10000}).Draw(r, "capacity")},
		Allocated: scenarios.AllocatedSync{Redistribute: rapid.SampledFrom([]string{scenarios.Never, scenarios.Manually}).Draw(r, "redistribute")},
	}}
	if sc.Sync.Allocated.Redistribute == scenarios.Manually {
		sc.Sync.Allocated.At = []time.Duration{ms("first", 0, 200), ms("second", 200, 400)}
	}
	kinds := rapid.SliceOfN(rapid.SampledFrom([]string{
		scenarios.Polling, scenarios.Webhook, scenarios.Stream, scenarios.Allocated,
	}), 1, 4).Draw(r, "kinds")
	for i, k := range kinds {
		sc.Channels = append(sc.Channels, scenarios.Channel{Index: i, Kind: scenarios.Marketplace, Sync: k, Allocation: 0.25})
	}
	return sc
}

// eager is the model: plain lists, and an event for everything.
type eager struct {
	cfg    Config
	sync   scenarios.Sync
	now    time.Duration
	events []eagerEvent
	order  int
	chans  []*eagerChannel
	stock  [tinySKUs]int64
	seq    [tinySKUs]uint32
	moves  []*eagerMove
	free   float64
	record [2]uint32 // SKU and sequence of the movement that the log took last
	stats  Stats
	dice   *dice
}

type eagerEvent struct {
	at    time.Duration
	order int
	do    func()
}

type eagerChannel struct {
	scenarios.Channel
	key        uint64
	show, told [tinySKUs]int64
	newest     [tinySKUs]uint32
	last       [tinySKUs]time.Duration
	sales      [tinySKUs][]bool // each unit sold: whether an absolute quantity came since
	booked     [tinySKUs]int
	losses     int
	deaf       bool
	deafUntil  time.Duration
	free       float64
}

type eagerMove struct {
	sku   engines.SKU
	at    time.Duration
	seq   uint32
	shown map[int]time.Duration // by channel that is to be told; never: not yet
}

func newEager(c Config) *eager {
	e := &eager{cfg: c, sync: c.Scenario.Sync, dice: newDice()}
	copy(e.stock[:], c.Opening)
	for _, ch := range c.Scenario.Channels {
		e.chans = append(e.chans, &eagerChannel{Channel: ch, key: key(c.Seed, pushStream, uint64(ch.Index))})
	}
	for sku := range engines.SKU(tinySKUs) {
		for _, ch := range e.chans {
			ch.show[sku] = e.target(ch, sku)
			ch.told[sku] = ch.show[sku]
		}
		e.share(sku)
	}
	e.at(c.Scenario.Sync.Polling.Every, e.poll)
	for _, at := range c.Scenario.Sync.Allocated.At {
		e.at(at, func() {
			for sku := range engines.SKU(tinySKUs) {
				e.share(sku)
			}
		})
	}
	return e
}

func (e *eager) delta() bool { return e.sync.Push == "delta" }

func (e *eager) at(at time.Duration, do func()) {
	e.order++
	e.events = append(e.events, eagerEvent{at, e.order, do})
}

// until lets happen, one by one, everything that is due.
func (e *eager) until(at time.Duration) {
	for {
		next := -1
		for i, ev := range e.events {
			if ev.at <= at && (next < 0 || ev.at < e.events[next].at || ev.at == e.events[next].at && ev.order < e.events[next].order) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		ev := e.events[next]
		e.events = slices.Delete(e.events, next, next+1)
		e.now = ev.at
		ev.do()
	}
	e.now = at
}

func (e *eager) target(ch *eagerChannel, sku engines.SKU) int64 {
	buffer := int64(0)
	if e.cfg.Buffer != nil && ch.Sync != scenarios.Allocated {
		lag := map[string]time.Duration{
			scenarios.Polling: e.sync.Polling.Every, scenarios.Webhook: e.sync.Webhook.Delay,
			scenarios.Stream: e.sync.Stream.Delay + max(0, time.Duration(e.free)-e.now),
		}[ch.Sync]
		buffer = e.cfg.Buffer(e.now, engines.Channel(ch.Index), sku, lag)
	}
	return max(0, max(0, e.stock[sku])-buffer)
}

// share divides what is available among quarters: whole units to each, and of the rest one each to the largest claim.
func (e *eager) share(sku engines.SKU) {
	n := max(0, e.stock[sku])
	shared := slices.DeleteFunc(slices.Clone(e.chans), func(ch *eagerChannel) bool { return ch.Sync != scenarios.Allocated })
	claims := []float64{float64(4-len(shared)) * float64(n%4) / 4} // nobody's, and each channel's
	left := n%4 - int64(claims[0])
	claims[0] -= math.Floor(claims[0])
	for _, ch := range shared {
		e.overwrite(ch, sku, n/4, ch.booked[sku])
		claims = append(claims, float64(n%4)/4)
	}
	for ; left > 0 && len(shared) > 0; left-- {
		best := 1
		for i := 2; i <= len(claims); i++ { // nobody last
			if i := i % len(claims); claims[i] > claims[best] {
				best = i
			}
		}
		claims[best]--
		if best > 0 {
			shared[best-1].show[sku]++
		}
	}
}

func (e *eager) poll() {
	e.at(e.now+e.sync.Polling.Every, e.poll)
	for _, ch := range e.chans {
		if ch.Sync == scenarios.Polling {
			for sku := range engines.SKU(tinySKUs) {
				e.stats.Pushes++
				e.overwrite(ch, sku, e.target(ch, sku), ch.booked[sku])
				e.seesAll(ch, sku, e.seq[sku])
			}
		}
	}
}

func (e *eager) seesAll(ch *eagerChannel, sku engines.SKU, upTo uint32) {
	for _, mv := range e.moves {
		e.sees(ch, mv, sku, upTo)
	}
}

func (e *eager) sees(ch *eagerChannel, mv *eagerMove, sku engines.SKU, upTo uint32) {
	if was, ok := mv.shown[ch.Index]; ok && mv.sku == sku && was == never && mv.seq <= upTo {
		mv.shown[ch.Index] = e.now
	}
}

func (e *eager) overwrite(ch *eagerChannel, sku engines.SKU, quantity int64, booked int) {
	ch.show[sku] = quantity
	for i, old := range ch.sales[sku] {
		if !old && i >= booked {
			e.stats.ErasedUnits++
		}
		ch.sales[sku][i] = true
	}
}

func (e *eager) moved(at time.Duration, sku engines.SKU, available, change int64, by engines.Channel) {
	e.until(at)
	e.stock[sku] = available
	e.seq[sku]++
	if by != NoChannel && change < 0 {
		e.book(e.chans[by], sku, -change)
	}
	mv := &eagerMove{sku: sku, at: at, seq: e.seq[sku], shown: map[int]time.Duration{}}
	e.moves = append(e.moves, mv)
	for _, kind := range []string{scenarios.Stream, scenarios.Webhook} {
		for _, ch := range e.chans {
			if ch.Sync == kind && e.tell(ch, sku, mv) {
				mv.shown[ch.Index] = never
			}
		}
	}
	for _, ch := range e.chans {
		if ch.Sync == scenarios.Polling {
			mv.shown[ch.Index] = never
		}
	}
	e.until(at)
}

func (e *eager) book(ch *eagerChannel, sku engines.SKU, units int64) {
	ch.booked[sku] += int(units)
	ch.told[sku] -= units
}

// tell sends a message, and says whether there was something to tell.
func (e *eager) tell(ch *eagerChannel, sku engines.SKU, mv *eagerMove) bool {
	value := e.target(ch, sku)
	if e.delta() {
		value, ch.told[sku] = value-ch.told[sku], value
		if value == 0 {
			return false
		}
	}
	e.stats.Pushes++
	seq, booked := e.seq[sku], ch.booked[sku]
	arrive := func() { e.arrive(ch, sku, value, seq, booked, mv) }
	e.dice.set(ch.key, uint64(sku)<<32|uint64(seq))
	if ch.Sync == scenarios.Stream {
		if record := [2]uint32{uint32(sku), seq}; record != e.record {
			e.record, e.free = record, max(e.free, float64(e.now))
			if e.sync.Stream.CapacityS > 0 {
				e.free += 1e9 / e.sync.Stream.CapacityS
			}
		}
		e.stats.LongestQueue = max(e.stats.LongestQueue, time.Duration(e.free)-e.now)
		ch.last[sku] = max(ch.last[sku], time.Duration(e.free)+e.dice.exp(e.sync.Stream.Delay))
		e.at(ch.last[sku], arrive)
		return true
	}
	e.post(ch, arrive)
	return true
}

func (e *eager) post(ch *eagerChannel, arrive func()) {
	w := e.sync.Webhook
	if ch.deaf && e.now >= ch.deafUntil {
		ch.deaf, ch.losses = false, 0
		e.stats.Enabled++
	}
	loss, again := e.dice.pair()
	sent := e.now
	if w.ThrottleS > 0 {
		ch.free = max(ch.free, float64(e.now))
		sent = max(sent, time.Duration(ch.free))
		ch.free += 1e9 / w.ThrottleS
	}
	if ch.deaf || loss < w.Loss {
		e.stats.Lost++
		ch.losses++
		if !ch.deaf && ch.losses == w.DisabledAfter {
			e.stats.Disabled++
			ch.deaf, ch.deafUntil = true, sent+w.EnabledAfter
		}
		return
	}
	ch.losses = 0
	first := sent + e.dice.exp(w.Delay)
	e.at(first, arrive)
	if again < w.Duplicates {
		e.stats.Duplicated++
		if !e.delta() {
			e.at(first+e.dice.exp(w.Delay), arrive)
		}
	}
}

func (e *eager) arrive(ch *eagerChannel, sku engines.SKU, value int64, seq uint32, booked int, mv *eagerMove) {
	if e.delta() {
		ch.show[sku] += value
		if mv != nil {
			e.sees(ch, mv, sku, seq)
		}
		return
	}
	if seq < ch.newest[sku] {
		e.stats.OutOfOrder++
	}
	ch.newest[sku] = max(ch.newest[sku], seq)
	e.overwrite(ch, sku, value, booked)
	e.seesAll(ch, sku, seq)
}

func (e *eager) accept(at time.Duration, by engines.Channel, l engines.Line) bool {
	e.until(at)
	ch := e.chans[by]
	if ch.show[l.SKU] < int64(l.Qty) {
		return false
	}
	ch.show[l.SKU] -= int64(l.Qty)
	ch.sales[l.SKU] = append(ch.sales[l.SKU], make([]bool, l.Qty)...)
	return true
}

func (e *eager) refused(at time.Duration, by engines.Channel, l engines.Line) {
	e.until(at)
	ch := e.chans[by]
	e.book(ch, l.SKU, int64(l.Qty))
	if e.delta() && (ch.Sync == scenarios.Webhook || ch.Sync == scenarios.Stream) {
		e.seq[l.SKU]++
		e.tell(ch, l.SKU, nil)
	}
}

func (e *eager) displayed(at time.Duration, ch engines.Channel, sku engines.SKU) int64 {
	e.until(at)
	return max(0, e.chans[ch].show[sku])
}

// differs compares counts and latencies when everything has arrived.
func (e *eager) differs(m *Market) string {
	day := hdrhistogram.New(1, slowest.Microseconds(), 3)
	for _, mv := range e.moves {
		latest := mv.at
		for _, at := range mv.shown {
			latest = max(latest, at)
		}
		if latest == never {
			e.stats.NeverShown++
		} else if len(m.links) > len(m.of[allocated]) {
			count(day, (latest - mv.at).Microseconds())
		}
	}
	for _, ch := range e.chans {
		if ch.deaf {
			e.stats.Enabled++ // nobody has sent since
		}
	}
	got := m.Stats()
	got.RedistributedUnits = 0
	if got != e.stats {
		return fmt.Sprintf("counts %+v, eagerly %+v", got, e.stats)
	}
	if got := m.UpdateLatency(); !got.Equals(day) {
		return fmt.Sprintf("update latency of %d movements up to %d µs, eagerly %d up to %d µs",
			got.TotalCount(), got.Max(), day.TotalCount(), day.Max())
	}
	return ""
}
