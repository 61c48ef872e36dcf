package postgres_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/postgres"
)

// BenchmarkHotSKU sells one unit of one SKU, 16 callers at once.
func BenchmarkHotSKU(b *testing.B) {
	if serverURL == "" {
		b.Skip("no Postgres server")
	}
	const callers = 16
	for _, spec := range postgres.Specs(at(serverURL)) {
		b.Run(fmt.Sprintf("%s/callers=%d", spec.Strategy(), callers), func(b *testing.B) {
			e, err := spec.Open(context.Background(), engines.Setup{})
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			if err := e.Reset(context.Background(), []int64{1 << 40}); err != nil {
				b.Fatal(err)
			}
			sold := sellFrom(b, e, callers)
			b.ReportMetric(float64(sold)/b.Elapsed().Seconds(), "orders/s")
		})
	}
}

// sellFrom has callers sell b.N orders and returns how many were done.
func sellFrom(b *testing.B, e engines.Engine, callers int) int64 {
	var order, sold atomic.Int64
	ended := make(chan error, callers)
	start := time.Now()
	for range callers {
		go func() {
			var err error
			for n := order.Add(1); n <= int64(b.N) && err == nil; n = order.Add(1) {
				var r engines.Reply
				if r, err = e.Do(context.Background(), sell(engines.OrderID(n), 1)); r.Outcome == engines.Done {
					sold.Add(1)
				}
			}
			ended <- err
		}()
	}
	for range callers {
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}
	b.ReportMetric(float64(time.Since(start).Microseconds())*float64(callers)/float64(b.N), "µs/order")
	return sold.Load()
}
