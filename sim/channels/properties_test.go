package channels

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// TestConverges: when nothing has moved for long enough, every display is the position, however messages were delayed, doubled and
// reordered, and whatever channels sold meanwhile. Absolute webhooks are the exception: an older one may have come last.
func TestConverges(t *testing.T) {
	for _, c := range []struct{ sync, push string }{
		{scenarios.Stream, "absolute"}, {scenarios.Stream, "delta"}, {scenarios.Webhook, "delta"}, {scenarios.Polling, "absolute"},
	} {
		t.Run(c.sync+" "+c.push, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				if n := quiet(r, c.sync, c.push, 0); n != 0 {
					r.Errorf("displays are off by %d units when all is quiet", n)
				}
			})
		})
	}
}

// TestConvergesCanFail loses messages of changes.
func TestConvergesCanFail(t *testing.T) {
	off := int64(0)
	rapid.Check(t, func(r *rapid.T) { off += quiet(r, scenarios.Webhook, "delta", 0.2) })
	if off == 0 {
		t.Error("lost changes never showed: the check sees nothing")
	}
}

// quiet plays a shop whose channels' orders are imported and booked, or refused, and is by how much displays are off at last.
func quiet(r *rapid.T, sync, push string, loss float64) (off int64) {
	const nChannels = 3
	m := shop(sync, nChannels, []int64{50}, func(sc *scenarios.Scenario) {
		sc.Sync.Push = push
		sc.Sync.Stream = scenarios.StreamSync{Delay: second, CapacityS: 2}
		sc.Sync.Webhook = scenarios.WebhookSync{Delay: 5 * second, Duplicates: 0.3, Loss: loss}
	})
	position, at := int64(50), time.Duration(0)
	for range rapid.IntRange(1, 60).Draw(r, "steps") {
		at += time.Duration(rapid.IntRange(0, 3000).Draw(r, "ms")) * time.Millisecond
		ch, qty := engines.Channel(rapid.IntRange(0, nChannels-1).Draw(r, "channel")), rapid.Int32Range(1, 5).Draw(r, "qty")
		if rapid.Bool().Draw(r, "own store") {
			change := rapid.Int64Range(-min(5, position), 5).Draw(r, "change")
			position += change
			m.Moved(at, 0, position, change, NoChannel)
			continue
		}
		if ok, _ := m.Accept(at, ch, one(qty)); !ok {
			continue
		}
		at += time.Duration(rapid.IntRange(0, 3000).Draw(r, "import ms")) * time.Millisecond
		if position >= int64(qty) {
			position -= int64(qty)
			m.Moved(at, 0, position, -int64(qty), ch)
		} else {
			m.Refused(at, ch, one(qty))
		}
	}
	if sync == scenarios.Stream && push == "absolute" { // what was refused last is made up for with the next quantity
		m.Moved(at, 0, position, 0, NoChannel)
	}
	for ch := range engines.Channel(nChannels) {
		d := m.Displayed(at+time.Hour, ch, 0) - position
		off += max(d, -d)
	}
	return off
}

// TestSeeds: the same seed gives the same day, another one another.
func TestSeeds(t *testing.T) {
	day := func(seed uint64) (Stats, int64) {
		sc := &scenarios.Scenario{Day: 24 * time.Hour, Channels: marketplaces(scenarios.Webhook, 4), Sync: plausible("absolute")}
		m := New(Config{Scenario: sc, Seed: seed, Opening: []int64{5000, 5000}, Scale: 1})
		for i := range int64(4000) {
			m.Moved(time.Duration(i)*second/4, engines.SKU(i%2), 4999-i/2, -1, NoChannel)
		}
		m.Settle(24 * time.Hour)
		return m.Stats(), m.UpdateLatency().Max()
	}
	s1, l1 := day(1)
	s2, l2 := day(1)
	s3, l3 := day(2)
	if s1 != s2 || l1 != l2 {
		t.Errorf("two days of one seed: %+v, %d µs and %+v, %d µs", s1, l1, s2, l2)
	}
	if s1 == s3 || l1 == l3 {
		t.Errorf("two seeds give one day: %+v, %d µs", s3, l3)
	}
}

// TestImports: about as many as stated are lost or doubled, delays have the stated mean, a second copy doesn't come before the first,
// batches come at their interval, and one order's way doesn't depend on who asks when.
func TestImports(t *testing.T) {
	const orders = 20_000
	imports := scenarios.Imports{Delay: 30 * second, Loss: 0.02, Duplicates: 0.1, ReconcileEvery: 6 * time.Hour}
	m := shop(scenarios.Polling, 2, nil, func(sc *scenarios.Scenario) { sc.Sync.Imports = imports })
	at, sum := 7*time.Hour, time.Duration(0)
	for id := range engines.OrderID(orders) {
		first, second := m.Imports(at, 0, id)
		if second != 0 && second < first || first < at {
			t.Fatalf("order %d of %v comes at %v and %v", id, at, first, second)
		}
		if first != 12*time.Hour {
			sum += first - at
		}
	}
	s := m.Stats()
	if lost, twice := float64(s.ImportsLost)/orders, float64(s.ImportsDuplicated)/orders; lost < 0.015 || lost > 0.025 || twice < 0.09 || twice > 0.11 {
		t.Errorf("%v lost and %v doubled, want 0.02 and 0.1", lost, twice)
	}
	if mean := sum / time.Duration(orders-s.ImportsLost); mean < 29*second || mean > 31*second {
		t.Errorf("the mean delay is %v, want 30s", mean)
	}
	one, _ := m.Imports(at, 0, 1)
	other, _ := m.Imports(at, 1, 1)
	if again, _ := m.Imports(at, 0, 1); again != one || other == one {
		t.Errorf("an order comes at %v and %v, one of another channel at %v", one, again, other)
	}
	m.sync.Imports.Every = 5 * minute
	for id := range engines.OrderID(100) {
		if first, second := m.Imports(at, 0, id); first%(5*minute) != 0 || second%(5*minute) != 0 {
			t.Fatalf("batches every 5 minutes: order %d comes at %v and %v", id, first, second)
		}
	}
	m.sync.Imports.Loss, m.sync.Imports.ReconcileEvery = 1, 0
	if first, second := m.Imports(at, 0, 1); first != 24*time.Hour || second != 0 {
		t.Errorf("a lost order without reconciliation comes at %v and %v, want at the end of the day", first, second)
	}
}

// TestInbox takes messages out in the order of arrival.
func TestInbox(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var q inbox
		for i, at := range rapid.SliceOfN(rapid.IntRange(0, 20), 1, 100).Draw(r, "at") {
			q.push(message{at: time.Duration(at), seq: uint32(i)})
		}
		for last := q.pop(); len(q) > 0; {
			next := q.pop()
			if next.before(&last) {
				r.Fatalf("%v came before %v", last, next)
			}
			last = next
		}
	})
}
