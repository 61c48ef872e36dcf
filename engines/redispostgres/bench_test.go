package redispostgres_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

const (
	benchRounds  = 5
	benchCallers = 50
	benchOrders  = 20_000 // in a round
)

// BenchmarkServersPredecrement sells single units of one SKU: how many orders a second customers have their answer to, and how many a second
// are in Postgres when all are. Medians of some rounds.
func BenchmarkServersPredecrement(b *testing.B) {
	atRedis, atPostgres := stores(b)
	e := opened(b, atRedis, atPostgres, 1)
	b.Run("callers=50/appendfsync="+client(b, atRedis).ConfigGet(context.Background(), "appendfsync").Val()["appendfsync"], func(b *testing.B) {
		var answered, copied, p99 []float64
		for b.Loop() {
			for range benchRounds {
				if err := e.Reset(context.Background(), []int64{1 << 40}); err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				took := sellAll(b, e)
				answered = append(answered, benchOrders/time.Since(start).Seconds())
				if ids, _ := sold(b, e); len(ids) != benchOrders {
					b.Fatalf("Postgres has %d orders, want %d", len(ids), benchOrders)
				}
				copied = append(copied, benchOrders/time.Since(start).Seconds())
				p99 = append(p99, took[len(took)*99/100])
			}
		}
		b.ReportMetric(median(answered), "orders/s")
		b.ReportMetric(median(copied), "copied/s")
		b.ReportMetric(median(p99), "p99-ms")
		b.ReportMetric(0, "ns/op")
	})
}

// sellAll has all callers sell, and returns how long each order took, in ms, ascending.
func sellAll(b *testing.B, e engines.Engine) []float64 {
	b.Helper()
	var last, failed atomic.Int64
	var all sync.WaitGroup
	took := make([][]float64, benchCallers)
	for i := range benchCallers {
		all.Go(func() {
			for n := last.Add(1); n <= benchOrders; n = last.Add(1) {
				began := time.Now()
				if r, err := e.Do(context.Background(), sell(engines.OrderID(n))); err != nil || r.Outcome != engines.Done {
					failed.Add(1)
				}
				took[i] = append(took[i], float64(time.Since(began).Microseconds())/1000)
			}
		})
	}
	all.Wait()
	if failed.Load() > 0 {
		b.Fatalf("%d of %d orders failed", failed.Load(), benchOrders)
	}
	each := slices.Concat(took...)
	slices.Sort(each)
	return each
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}
