package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/postgres"
)

// How the figures are taken: everything is measured once in each round, so that what else the machine does hits all alike, and
// medians of the rounds are compared.
const (
	rounds  = 5
	callers = 16
	crowd   = 256
	warm    = 200 * time.Millisecond // not counted
	counted = time.Second
)

// clientCounts are those among which the pessimistic engine's best is looked for.
var clientCounts = []int{1, 2, 4, 8, 32}

// BenchmarkServersPostgres sells one unit at a time of one SKU. Each order is a transaction of its own to its caller, durable
// when it is answered. pgbench sends the very statement that the conditional engine sends, from as many clients.
func BenchmarkServersPostgres(b *testing.B) {
	needServer(b)
	printSettings(b)
	b.Run("HotSKU", func(b *testing.B) {
		for range b.N {
			figures(b)
		}
	})
}

// figures takes all rounds and reports what they come to.
func figures(b *testing.B) {
	pgbench := newPgbench(b)
	var tps, ratio, bestOf []float64
	by := map[string][]sample{}
	for range rounds {
		bench := pgbench.run(b)
		conditional := sellFor(b, "conditional", callers)
		queue, pessimistic, many := sellFor(b, "queue", callers), sellFor(b, "pessimistic", callers), sellFor(b, "queue", crowd)
		best := pessimistic.perSecond
		for _, n := range clientCounts {
			best = max(best, sellFor(b, "pessimistic", n).perSecond)
		}
		tps, bestOf = append(tps, bench), append(bestOf, best)
		ratio = append(ratio, conditional.perSecond/bench)
		by["conditional"] = append(by["conditional"], conditional)
		by["queue"] = append(by["queue"], queue)
		by["pessimistic"] = append(by["pessimistic"], pessimistic)
		by["crowd"] = append(by["crowd"], many)
	}
	speed := func(of string) float64 { return median(by[of], func(s sample) float64 { return s.perSecond }) }
	p99 := func(of string) float64 { return median(by[of], func(s sample) float64 { return s.p99 }) }
	same := func(v float64) float64 { return v }
	b.ReportMetric(0, "ns/op") // the rounds' own length says nothing
	b.ReportMetric(median(tps, same), "pgbench-orders/s")
	b.ReportMetric(speed("conditional"), "conditional-orders/s")
	b.ReportMetric(median(ratio, same), "conditional/pgbench")
	b.ReportMetric(speed("queue"), "queue-orders/s")
	b.ReportMetric(speed("pessimistic"), "pessimistic-orders/s")
	b.ReportMetric(speed("queue")/speed("pessimistic"), "queue/pessimistic")
	b.ReportMetric(p99("conditional"), "conditional-p99-ms")
	b.ReportMetric(p99("queue"), "queue-p99-ms")
	b.ReportMetric(p99("pessimistic"), "pessimistic-p99-ms")
	b.ReportMetric(p99("queue")/p99("pessimistic"), "queue-p99/pessimistic-p99")
	b.ReportMetric(speed("crowd"), "queue-256-orders/s")
	b.ReportMetric(p99("crowd"), "queue-256-p99-ms")
	b.ReportMetric(median(bestOf, same), "pessimistic-best-orders/s")
	b.ReportMetric(speed("crowd")/median(bestOf, same), "queue-256/pessimistic-best")
}

func median[T any](of []T, value func(T) float64) float64 {
	values := make([]float64, 0, len(of))
	for _, v := range of {
		values = append(values, value(v))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// sample is what one engine did in one round.
type sample struct {
	perSecond float64 // orders that were done
	p99       float64 // of an order that was done, in ms
	contended float64 // share of the orders that were asked
}

// sellFor has so many callers sell one order after the other.
func sellFor(b *testing.B, strategy string, callers int) sample {
	b.Helper()
	e := openFor(b, strategy, callers)
	defer e.Close()
	if err := e.Reset(context.Background(), []int64{1 << 40}); err != nil {
		b.Fatal(err)
	}
	var next atomic.Uint64
	sellUntil(b, e, &next, callers, warm)
	asked, begin := next.Load(), time.Now()
	took := sellUntil(b, e, &next, callers, counted)
	elapsed := time.Since(begin)
	if len(took) == 0 {
		b.Fatalf("%s sold nothing", strategy)
	}
	slices.Sort(took)
	return sample{
		perSecond: float64(len(took)) / elapsed.Seconds(), p99: took[len(took)*99/100].Seconds() * 1000,
		contended: 1 - float64(len(took))/float64(next.Load()-asked),
	}
}

// openFor gives every caller a connection, and the queue's batches room for all of them.
func openFor(b *testing.B, strategy string, callers int) engines.Engine {
	b.Helper()
	url := withOption(b, serverURL, "pool_max_conns", strconv.Itoa(max(4, min(callers, 64))))
	e, err := find(b, "postgres/"+strategy, at(url)).Open(context.Background(), engines.Setup{Tuning: engines.Tuning{BatchMax: crowd / 2}})
	if err != nil {
		b.Fatal(err)
	}
	return e
}

// sellUntil returns how long each order took that was done. The context could end, as it could in a run.
func sellUntil(b *testing.B, e engines.Engine, next *atomic.Uint64, callers int, d time.Duration) []time.Duration {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	end := time.Now().Add(d)
	all := make([][]time.Duration, callers)
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			lines := []engines.Line{{SKU: 0, Qty: 1}}
			versions := make([]engines.Version, 0, 1)
			for start := time.Now(); start.Before(end); {
				op := sell(engines.OrderID(next.Add(1)), 1)
				op.Lines, op.Versions = lines, versions
				r, err := e.Do(ctx, op)
				now := time.Now()
				switch {
				case err != nil || r.Outcome != engines.Done && r.Outcome != engines.Contended:
					b.Errorf("order %d: %v, %v, want done or contended", op.Order, r.Outcome, err)
					return
				case r.Outcome == engines.Done:
					all[i] = append(all[i], now.Sub(start))
				}
				start = now
			}
		})
	}
	group.Wait()
	return slices.Concat(all...)
}

// BenchmarkServersPostgresStrategies is every strategy on the same SKU.
func BenchmarkServersPostgresStrategies(b *testing.B) {
	needServer(b)
	for _, spec := range postgres.Specs(postgres.Server{}) {
		if spec.Pools {
			continue // its channels don't meet in one row
		}
		b.Run(fmt.Sprintf("%s/callers=%d", spec.Strategy(), callers), func(b *testing.B) {
			for range b.N {
				s := sellFor(b, spec.Strategy(), callers)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(s.perSecond, "orders/s")
				b.ReportMetric(s.p99, "p99-ms")
				b.ReportMetric(s.contended, "contended/order")
			}
		})
	}
}
