package gateway_test

import (
	"sync/atomic"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/gateway"
	"github.com/doorbuster/doorbuster/engines/memory"
)

// BenchmarkSell is a sale of a unit through client and server on the loopback address, by several callers at once.
func BenchmarkSell(b *testing.B) {
	conditional := spec(b, "conditional")
	engine, err := conditional.Open(b.Context(), engines.Setup{Env: memory.NewWall(0)})
	if err != nil {
		b.Fatal(err)
	}
	s := serve(engine, gateway.Options{Name: conditional.Name, Resets: true}, untouched)
	defer s.Close()
	if err := s.Reset(b.Context(), []int64{1 << 40}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetParallelism(8)
	var orders atomic.Uint64
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			order := engines.OrderID(orders.Add(1))
			r, err := s.Do(b.Context(), engines.Op{
				ID: engines.OrderOp(order, engines.Sell), Kind: engines.Sell, Order: order, Lines: []engines.Line{{SKU: 0, Qty: 1}},
			})
			if err != nil || r.Outcome != engines.Done {
				b.Errorf("order %d: %v, %v", order, r.Outcome, err)
				return
			}
		}
	})
}
