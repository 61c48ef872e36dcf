package redis_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/redis"
)

// The benchmarks sell single units of one SKU. Each figure is the median of some rounds; what is compared takes turns within one round.
const (
	benchRounds  = 7
	benchCallers = 50
	benchOrders  = 50_000 // in a round
)

// BenchmarkServersRedisHarness compares the engine driving conditional's script with redis-benchmark running the same one.
func BenchmarkServersRedisHarness(b *testing.B) {
	url := database(b, 15)
	tool, err := exec.LookPath("redis-benchmark")
	if err != nil {
		b.Skip(err)
	}
	e := opened(b, "conditional", url, engines.Tuning{})
	b.Run("conditional/callers=50/"+durability(b, url), func(b *testing.B) {
		var ours, theirs, ratios []float64
		for b.Loop() {
			for range benchRounds {
				ours = append(ours, sellAll(b, e).perSecond)
				theirs = append(theirs, redisBenchmark(b, tool, e, url))
				ratios = append(ratios, ours[len(ours)-1]/theirs[len(theirs)-1])
			}
		}
		b.ReportMetric(median(ours), "orders/s")
		b.ReportMetric(median(theirs), "redis-benchmark-orders/s")
		b.ReportMetric(median(ratios), "harness/redis-benchmark")
		b.ReportMetric(0, "ns/op")
	})
}

// BenchmarkServersRedisHotSKU sells with two strategies, on a server that syncs its log once a second and on one that syncs before it answers.
// The strategies take turns. To be run with -benchtime 1x: the rounds are what is measured.
func BenchmarkServersRedisHotSKU(b *testing.B) {
	for _, fsync := range []string{"everysec", "always"} {
		url, _ := private(b, "--appendonly", "yes", "--appendfsync", fsync)
		names := []string{"conditional", "queue"}
		rounds := map[string][]round{}
		for range benchRounds {
			for _, name := range names {
				e := opened(b, name, url, engines.Tuning{})
				rounds[name] = append(rounds[name], sellAll(b, e))
				if err := e.Close(); err != nil {
					b.Fatal(err)
				}
			}
		}
		for _, name := range names {
			b.Run(fmt.Sprintf("%s/callers=%d/%s", name, benchCallers, durability(b, url)), func(b *testing.B) {
				of := func(f func(round) float64) float64 {
					var all []float64
					for _, r := range rounds[name] {
						all = append(all, f(r))
					}
					return median(all)
				}
				b.ReportMetric(of(func(r round) float64 { return r.perSecond }), "orders/s")
				b.ReportMetric(of(func(r round) float64 { return r.p50 }), "p50-ms")
				b.ReportMetric(of(func(r round) float64 { return r.p99 }), "p99-ms")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// durability is what the server keeps over a crash.
func durability(b *testing.B, url string) string {
	b.Helper()
	c := client(b, url)
	setting := func(name string) string {
		got, err := c.ConfigGet(context.Background(), name).Result()
		if err != nil {
			b.Fatal(err)
		}
		return got[name]
	}
	if setting("appendonly") != "yes" {
		return "appendonly=no"
	}
	return "appendfsync=" + setting("appendfsync")
}

// round is what one round measured.
type round struct{ perSecond, p50, p99 float64 } // latencies in ms

// sellAll resets the stock and has all callers sell.
func sellAll(b *testing.B, e engines.Engine) round {
	b.Helper()
	if err := e.Reset(context.Background(), []int64{1 << 40}); err != nil {
		b.Fatal(err)
	}
	var last, failed atomic.Int64
	var all sync.WaitGroup
	took := make([][]float64, benchCallers)
	start := time.Now()
	for i := range benchCallers {
		all.Go(func() {
			room := make([]engines.Version, 0, 1)
			for n := last.Add(1); n <= benchOrders; n = last.Add(1) {
				op := sell(engines.OrderID(n), 1)
				op.Versions = room
				began := time.Now()
				if r, err := e.Do(context.Background(), op); err != nil || r.Outcome != engines.Done {
					failed.Add(1)
				}
				took[i] = append(took[i], float64(time.Since(began).Microseconds())/1000)
			}
		})
	}
	all.Wait()
	elapsed := time.Since(start).Seconds()
	if failed.Load() > 0 {
		b.Fatalf("%d of %d orders failed", failed.Load(), benchOrders)
	}
	each := slices.Concat(took...)
	slices.Sort(each)
	return round{benchOrders / elapsed, each[len(each)/2], each[len(each)*99/100]}
}

// redisBenchmark resets the stock and runs conditional's script with the arguments of a sale, each of another order. It returns orders per second.
func redisBenchmark(b *testing.B, tool string, e engines.Engine, url string) float64 {
	b.Helper()
	if err := e.Reset(context.Background(), []int64{1 << 40}); err != nil {
		b.Fatal(err)
	}
	c := exec.Command(tool, append(connection(b, url), "-c", strconv.Itoa(benchCallers), "-n", strconv.Itoa(benchOrders), "-r", "2000000000", "--csv",
		"EVALSHA", redis.ConditionalSHA, "3", "doorbuster:op:__rand_int__", "doorbuster:orders", "doorbuster:{0}:stock",
		"1234567890abc", "__rand_int__", "", "2|0|0,0,1;", "86400000", "take", "0,0,", "-1")...)
	out, err := c.Output()
	if err != nil {
		b.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 2 {
		b.Fatalf("redis-benchmark wrote %q: %v", out, err)
	}
	rate, err := strconv.ParseFloat(rows[1][1], 64)
	if err != nil {
		b.Fatal(err)
	}
	if sold := stockOf(b, e)[0].Committed; sold < benchOrders*99/100 {
		b.Fatalf("redis-benchmark sold %d units of %d: it didn't run what we run", sold, benchOrders)
	}
	return rate
}

// connection are redis-benchmark's arguments for the server at url.
func connection(b *testing.B, url string) []string {
	b.Helper()
	o, err := goredis.ParseURL(url)
	if err != nil {
		b.Fatal(err)
	}
	host, port, _ := bytes.Cut([]byte(o.Addr), []byte(":"))
	args := []string{"-h", string(host), "-p", string(port), "--dbnum", strconv.Itoa(o.DB)}
	if o.Password != "" {
		args = append(args, "-a", o.Password)
	}
	return args
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}
