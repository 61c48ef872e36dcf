package channels

import (
	"slices"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

const second, minute = time.Second, time.Minute

// shop opens a market of equal channels, changed as a test wants it.
func shop(kind string, n int, opening []int64, change func(*scenarios.Scenario)) *Market {
	sc := &scenarios.Scenario{Day: 24 * time.Hour, Channels: marketplaces(kind, n), Sync: scenarios.Sync{
		Push:    "absolute",
		Polling: scenarios.PollingSync{Every: 15 * minute},
		Stream:  scenarios.StreamSync{CapacityS: 1},
	}}
	if change != nil {
		change(sc)
	}
	return New(Config{Scenario: sc, Seed: 1, Opening: opening, Scale: 1})
}

func (m *Market) expect(t *testing.T, at time.Duration, ch engines.Channel, want int64) {
	t.Helper()
	if got := m.Displayed(at, ch, 0); got != want {
		t.Errorf("at %v, channel %d displays %d, want %d", at, ch, got, want)
	}
}

func one(qty int32) []engines.Line { return []engines.Line{{SKU: 0, Qty: qty}} }

// TestPolling is the case study's oversell by hand: two channels sell the last ten units twice within one interval, and the snapshot puts
// back on offer what we have not heard of.
func TestPolling(t *testing.T) {
	m := shop(scenarios.Polling, 2, []int64{10}, nil)
	for ch := range engines.Channel(2) {
		if ok, _ := m.Accept(5*minute, ch, one(7)); !ok {
			t.Fatalf("channel %d promises nothing of the 10 that it displays", ch)
		}
	}
	m.expect(t, 6*minute, 0, 3)
	m.Moved(6*minute, 0, 3, -7, 0) // the first is imported
	m.expect(t, 15*minute-1, 1, 3) // and nobody else knows
	m.expect(t, 15*minute, 0, 3)
	m.expect(t, 15*minute, 1, 3) // by chance: its own 7 are erased, and the other's are taken off
	if got := m.Stats(); got.ErasedUnits != 7 || got.Pushes != 2 {
		t.Errorf("%d units erased by %d pushes, want 7 by 2", got.ErasedUnits, got.Pushes)
	}
	if ok, why := m.Accept(16*minute, 1, one(4)); ok || why != NotDisplayed {
		t.Errorf("4 of 3 displayed: %v, %v", ok, why)
	}
	m.Moved(30*minute, 0, 0, -3, NoChannel) // at a tick: that snapshot is over
	m.expect(t, 45*minute-1, 0, 3)
	m.expect(t, 45*minute, 0, 0)
	if h := m.UpdateLatency(); h.TotalCount() != 2 || h.Max() < 899_000_000 {
		t.Errorf("update latencies: %d up to %d µs, want 9 and 15 minutes", h.TotalCount(), h.Max())
	}
}

// TestOrderedLog: one movement a second, so that the second waits for the first, and both channels read them in their order.
func TestOrderedLog(t *testing.T) {
	m := shop(scenarios.Stream, 2, []int64{10}, nil)
	m.Moved(10*second, 0, 9, -1, NoChannel)
	m.Moved(10*second, 0, 8, -1, NoChannel)
	for i, want := range [][2]int64{{10, 10}, {9, 9}, {8, 8}} {
		for ch, n := range want {
			m.expect(t, time.Duration(10+i)*second, engines.Channel(ch), n)
		}
	}
	if got := m.Stats().LongestQueue; got != 2*second {
		t.Errorf("longest queue %v, want 2s", got)
	}
	if h := m.UpdateLatency(); h.Min() < 999_000 || h.Max() > 2_001_000 || h.TotalCount() != 2 {
		t.Errorf("update latencies: %d from %d to %d µs, want 1 and 2 s", h.TotalCount(), h.Min(), h.Max())
	}
}

// TestScaleOfTheLog: with half of the SKUs, half the capacity.
func TestScaleOfTheLog(t *testing.T) {
	sc := &scenarios.Scenario{Channels: marketplaces(scenarios.Stream, 1), Sync: scenarios.Sync{Stream: scenarios.StreamSync{CapacityS: 1}}}
	m := New(Config{Scenario: sc, Opening: []int64{10}, Scale: 0.5})
	m.Moved(0, 0, 9, -1, NoChannel)
	m.expect(t, 2*second-1, 0, 10)
	m.expect(t, 2*second, 0, 9)
}

// TestOverload is the 12× spike through a log with and without the capacity for it.
func TestOverload(t *testing.T) {
	p99 := func(capacity float64) (calm, spike float64) {
		m := shop(scenarios.Stream, 4, []int64{1 << 30}, func(sc *scenarios.Scenario) {
			sc.Sync.Stream = scenarios.StreamSync{Delay: 50 * time.Millisecond, CapacityS: capacity}
		})
		at, left := time.Duration(0), int64(1<<30)
		for at < 3*minute {
			left--
			m.Moved(at, 0, left, -1, NoChannel)
			if at += 12 * time.Millisecond; at >= minute && at < 2*minute {
				at -= 11 * time.Millisecond // 12 times the rate
			}
		}
		s := m.UpdateSeries()
		return s.P99MS[0], s.P99MS[1]
	}
	if calm, spike := p99(1250); calm > 500 || spike > 500 {
		t.Errorf("with capacity for 1,000 movements a second and a quarter more: p99 %v ms, %v ms in the spike, want less than 500", calm, spike)
	}
	if calm, spike := p99(625); calm > 500 || spike < 10_000 {
		t.Errorf("with half of it: p99 %v ms, %v ms in the spike, want less than 500 and minutes", calm, spike)
	}
}

// TestWebhook looks for an older quantity that overwrites a newer one, which heals with the next message, and for a lost one, which
// heals likewise as a quantity and never as a change.
func TestWebhook(t *testing.T) {
	const movements = 200
	for _, push := range []string{"absolute", "delta"} {
		m := shop(scenarios.Webhook, 2, []int64{1000}, func(sc *scenarios.Scenario) {
			sc.Sync.Push, sc.Sync.Webhook = push, scenarios.WebhookSync{Delay: second, Loss: 0.1, Duplicates: 0.1}
		})
		for i := range int64(movements) {
			m.Moved(time.Duration(i)*100*time.Millisecond, 0, 999-i, -1, NoChannel)
		}
		m.Settle(10 * minute)
		s := m.Stats()
		if s.Pushes != 2*movements || s.Lost < 10 || s.Lost > 80 || s.Duplicated < 10 || s.Duplicated > 80 {
			t.Errorf("%s: %+v: want 400 pushes, about 40 lost and as many twice", push, s)
		}
		lostUnits := int64(0)
		for ch := range engines.Channel(2) {
			lostUnits += m.Displayed(10*minute, ch, 0) - (1000 - movements)
		}
		if push == "delta" && (lostUnits != s.Lost || s.OutOfOrder != 0 || s.NeverShown == 0) {
			t.Errorf("delta: displays are %d units too high after %d losses (%+v)", lostUnits, s.Lost, s)
		}
		if push == "absolute" && s.OutOfOrder < 100 {
			t.Errorf("absolute: only %d overwrote a newer one, though ten are on their way at once", s.OutOfOrder)
		}
		if got := m.UpdateLatency().TotalCount() + s.NeverShown; got != movements {
			t.Errorf("%s: %d movements measured or never shown, want all %d", push, got, movements)
		}
	}
}

// TestDisabled: everything is lost; after three losses the receiver is deaf for a minute, and hears again.
func TestDisabled(t *testing.T) {
	m := shop(scenarios.Webhook, 1, []int64{100}, func(sc *scenarios.Scenario) {
		sc.Sync.Webhook = scenarios.WebhookSync{Loss: 1, DisabledAfter: 3, EnabledAfter: minute}
	})
	for i := range int64(3) {
		m.Moved(time.Duration(i)*second, 0, 99-i, -1, NoChannel)
	}
	m.sync.Webhook.Loss = 0
	m.Moved(61*second, 0, 96, -1, NoChannel)
	m.expect(t, 61*second, 0, 100)
	if s := m.Stats(); s.Disabled != 1 || s.Enabled != 0 || s.Lost != 4 {
		t.Errorf("deaf: %+v", s)
	}
	m.Moved(62*second, 0, 95, -1, NoChannel)
	m.expect(t, 62*second, 0, 95)
	if s := m.Stats(); s.Enabled != 1 || s.NeverShown != 0 || m.UpdateLatency().TotalCount() != 5 {
		t.Errorf("listening again: %+v, %d measured", s, m.UpdateLatency().TotalCount())
	}
}

// TestErased: a quantity on its way does not know of what the channel sells meanwhile. A change leaves it alone.
func TestErased(t *testing.T) {
	for push, want := range map[string]int64{"absolute": 9, "delta": 4} {
		m := shop(scenarios.Stream, 1, []int64{10}, func(sc *scenarios.Scenario) { sc.Sync.Push = push })
		m.Moved(0, 0, 9, -1, NoChannel)
		m.Accept(0, 0, one(5))
		m.expect(t, 0, 0, 5)
		m.expect(t, second, 0, want)
		if got := m.Stats().ErasedUnits; got != want-4 {
			t.Errorf("%s: %d units erased, want %d", push, got, want-4)
		}
		m.Moved(2*second, 0, 4, -5, 0) // it is imported
		m.expect(t, 4*second, 0, 4)
		if got := m.Stats(); got.ErasedUnits != want-4 || push == "delta" && got.Pushes != 1 {
			t.Errorf("%s: then %+v, want nothing more erased, and no change sent of what the channel knows", push, got)
		}
	}
}

// TestRefused: what was promised and could not be booked is missing on a display of changes until we make up for it.
func TestRefused(t *testing.T) {
	m := shop(scenarios.Stream, 2, []int64{10}, func(sc *scenarios.Scenario) { sc.Sync.Push = "delta" })
	m.Accept(0, 0, one(8))
	m.Accept(0, 1, one(8))
	m.Moved(0, 0, 2, -8, 0)
	m.Refused(0, 1, one(8))
	m.expect(t, minute, 0, 2)
	m.expect(t, minute, 1, 2)
}

// TestAccept takes all lines or none, and says why not.
func TestAccept(t *testing.T) {
	buffer := func(time.Duration, engines.Channel, engines.SKU, time.Duration) int64 { return 3 }
	sc := &scenarios.Scenario{Channels: marketplaces(scenarios.Polling, 1), Sync: scenarios.Sync{Polling: scenarios.PollingSync{Every: minute}}}
	m := New(Config{Scenario: sc, Opening: []int64{5, 2}, Scale: 1, Buffer: buffer})
	m.expect(t, 0, 0, 2)
	both := []engines.Line{{SKU: 0, Qty: 1}, {SKU: 1, Qty: 1}}
	if ok, why := m.Accept(0, 0, both); ok || why != BehindBuffer {
		t.Errorf("a line behind the buffer: %v, %v", ok, why)
	}
	m.expect(t, 0, 0, 2)
	if ok, why := m.Accept(0, 0, one(6)); ok || why != NotDisplayed {
		t.Errorf("more than there is: %v, %v", ok, why)
	}
	if ok, why := m.Accept(0, 0, one(2)); !ok || why != NotRefused {
		t.Errorf("what is displayed: %v, %v", ok, why)
	}
	m.expect(t, 0, 0, 0)
}

// TestLag is what a buffer is told of its channel's delay: a log's includes its queue.
func TestLag(t *testing.T) {
	kinds := []string{scenarios.Polling, scenarios.Webhook, scenarios.Stream}
	sc := &scenarios.Scenario{Channels: marketplaces("", 3), Sync: plausible("absolute")}
	for i := range sc.Channels {
		sc.Channels[i].Sync = kinds[i]
	}
	sc.Sync.Stream.CapacityS = 1
	lags := map[engines.Channel][]time.Duration{}
	m := New(Config{Scenario: sc, Opening: []int64{5}, Scale: 1, Buffer: func(_ time.Duration, ch engines.Channel, _ engines.SKU, lag time.Duration) int64 {
		lags[ch] = append(lags[ch], lag)
		return 0
	}})
	m.Moved(0, 0, 4, -1, NoChannel)
	m.Moved(0, 0, 3, -1, NoChannel)
	for ch, want := range [][]time.Duration{{15 * minute}, {2 * second, 2 * second, 2 * second}, {second / 10, second / 10, second + second/10}} {
		if got := lags[engines.Channel(ch)]; !slices.Equal(got, want) {
			t.Errorf("lags of %s are %v, want %v", kinds[ch], got, want)
		}
	}
}

// TestThrottle: a channel that takes one message a second shows a burst of four a second apart.
func TestThrottle(t *testing.T) {
	m := shop(scenarios.Webhook, 1, []int64{10}, func(sc *scenarios.Scenario) { sc.Sync.Webhook = scenarios.WebhookSync{ThrottleS: 1} })
	for left := int64(9); left > 5; left-- {
		m.Moved(10*second, 0, left, -1, NoChannel)
	}
	for i, want := range []int64{9, 8, 7, 6} {
		m.expect(t, time.Duration(10+i)*second, 0, want)
	}
}

// TestUnified: who asks the engine does not promise by itself, and displays what is available.
func TestUnified(t *testing.T) {
	m := shop(scenarios.Polling, 3, []int64{10}, func(sc *scenarios.Scenario) {
		sc.Channels[1].Sync = scenarios.Unified
		sc.Channels[2].Kind = scenarios.Own
	})
	m.Moved(0, 0, 4, -6, 1)
	for ch, want := range []int64{10, 4, 4} {
		m.expect(t, second, engines.Channel(ch), want)
		if got := m.Synced(engines.Channel(ch)); got != (ch == 0) {
			t.Errorf("channel %d promises by itself: %v", ch, got)
		}
	}
	if m.Synced(NoChannel) {
		t.Error("no channel promises by itself")
	}
}

// TestLate: a call that comes late counts as of the latest one.
func TestLate(t *testing.T) {
	m := shop(scenarios.Polling, 1, []int64{10}, nil)
	m.expect(t, 20*minute, 0, 10)
	m.Moved(10*minute, 0, 9, -1, NoChannel)
	m.expect(t, 10*minute, 0, 10)
	m.expect(t, 30*minute, 0, 9)
}
