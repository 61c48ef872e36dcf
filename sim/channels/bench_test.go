package channels

import (
	"fmt"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// BenchmarkMoved is one movement told to four channels of 4,000 SKUs, at the rate of a full day's mean and popularity that falls
// with the rank. The limits are 100 ns for snapshots, 400 ns for messages.
func BenchmarkMoved(b *testing.B) {
	for _, c := range []struct{ sync, push string }{
		{scenarios.Polling, "absolute"},
		{scenarios.Webhook, "absolute"}, {scenarios.Webhook, "delta"},
		{scenarios.Stream, "absolute"}, {scenarios.Stream, "delta"},
		{scenarios.Allocated, "absolute"},
	} {
		b.Run(fmt.Sprintf("sync=%s/push=%s", c.sync, c.push), func(b *testing.B) { benchmarkMoved(b, c.sync, c.push) })
	}
}

const (
	fullDay  = 50_000_000
	fullSKUs = 4000
)

func benchmarkMoved(b *testing.B, sync, push string) {
	sc := &scenarios.Scenario{Day: 24 * time.Hour, Channels: marketplaces(sync, 4), Sync: plausible(push)}
	opening := make([]int64, fullSKUs)
	for i := range opening {
		opening[i] = 1 << 36
	}
	m := New(Config{Scenario: sc, Seed: 1, Opening: opening, Scale: 1})
	r := newDice()
	b.ReportAllocs()
	b.ResetTimer()
	for n := range b.N {
		u, _ := r.pair()
		sku := engines.SKU(u * u * u * fullSKUs)
		opening[sku]--
		m.Moved(time.Duration(n%fullDay)*(24*time.Hour/fullDay)+time.Duration(n/fullDay)*24*time.Hour, sku, opening[sku], -1, NoChannel)
	}
}

// marketplaces are n channels of one kind, with equal shares.
func marketplaces(sync string, n int) []scenarios.Channel {
	all := make([]scenarios.Channel, n)
	for i := range all {
		all[i] = scenarios.Channel{
			Index: i, Name: scenarios.Sources[i], Kind: scenarios.Marketplace, Sync: sync, Allocation: 1 / float64(n),
		}
	}
	return all
}

// plausible are figures of a shop that works tolerably.
func plausible(push string) scenarios.Sync {
	return scenarios.Sync{
		Push:    push,
		Polling: scenarios.PollingSync{Every: 15 * time.Minute},
		Webhook: scenarios.WebhookSync{
			Delay: 2 * time.Second, Loss: 0.01, Duplicates: 0.01, DisabledAfter: 5, EnabledAfter: time.Hour,
		},
		Stream:    scenarios.StreamSync{Delay: 100 * time.Millisecond, CapacityS: 40_000},
		Allocated: scenarios.AllocatedSync{Redistribute: scenarios.Never},
		Imports:   scenarios.Imports{Delay: 30 * time.Second, Loss: 0.001, Duplicates: 0.01, ReconcileEvery: 6 * time.Hour},
	}
}
