package redis_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/redis"
)

// unread is a queue whose process has no reader, on stock of its own.
func unread(t *testing.T, url string, tuning engines.Tuning, opening ...int64) engines.Engine {
	t.Helper()
	first := stocked(t, "queue", url, tuning, opening...)
	until(t, "the consumer group", func() bool { return client(t, url).XInfoGroups(context.Background(), "doorbuster:queue").Val() != nil })
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	return joined(t, "queue", url, tuning, opening...)
}

type told struct {
	engines.Reply
	error
}

func doing(ctx context.Context, e engines.Engine, op engines.Op) <-chan told {
	answer := make(chan told, 1)
	go func() { r, err := e.Do(ctx, op); answer <- told{r, err} }()
	return answer
}

// TestReaderDies has a reader take a request and die. Another takes it over after the lease and answers the caller, who is in another process.
func TestReaderDies(t *testing.T) {
	url := database(t, 10)
	tuning := engines.Tuning{Lease: 50 * time.Millisecond}
	caller := unread(t, url, tuning, 10)
	redis.Hear(caller)
	answer := doing(context.Background(), caller, sell(1, 3))
	c := client(t, url)
	taken := c.XReadGroup(context.Background(), &goredis.XReadGroupArgs{Group: "doorbuster", Consumer: "the dead", Streams: []string{"doorbuster:queue", ">"}}).Val()
	if len(taken) != 1 || len(taken[0].Messages) != 1 {
		t.Fatalf("the dead reader took %+v, want one request", taken)
	}
	select {
	case a := <-answer:
		t.Fatalf("answered without a reader: %+v", a)
	default:
	}
	other := joined(t, "queue", url, tuning, 10)
	redis.Read(other)
	if a := <-answer; a.error != nil || a.Outcome != engines.Done || len(a.Versions) != 1 || a.Versions[0].After != 7 {
		t.Errorf("taken over: %+v, want done, and 7 units left", a)
	}
	if left := c.XLen(context.Background(), "doorbuster:queue").Val(); left != 0 {
		t.Errorf("%d requests are left in the stream", left)
	}
	// The dead reader was only slow: what it applies now is no longer pending, and nothing happens.
	redis.ApplyLate(t.Context(), other, taken[0].Messages[0])
	if s := stockOf(t, other)[0]; s.Available != 7 || s.Seq != 1 {
		t.Errorf("applied by both readers: %+v, want 7 units left and one version", s)
	}
}

// TestWithdrawn gives requests up before a reader has them and after: nothing happens later.
func TestWithdrawn(t *testing.T) {
	url := database(t, 10)
	caller := unread(t, url, engines.Tuning{}, 10)
	c := client(t, url)
	ctx, cancel := context.WithCancel(context.Background())
	first, second := doing(ctx, caller, sell(1, 1)), doing(ctx, caller, sell(2, 1))
	until(t, "two requests", func() bool { return c.XLen(context.Background(), "doorbuster:queue").Val() == 2 })
	c.XReadGroup(context.Background(), &goredis.XReadGroupArgs{Group: "doorbuster", Consumer: "slow", Streams: []string{"doorbuster:queue", ">"}, Count: 1})
	cancel()
	for _, answer := range []<-chan told{first, second} {
		if a := <-answer; a.Outcome != engines.Unknown || !errors.Is(a.error, context.Canceled) {
			t.Errorf("given up: %+v, want unknown", a)
		}
	}
	if n := c.XLen(context.Background(), "doorbuster:queue").Val(); n != 0 {
		t.Errorf("%d requests are left in the stream, want none", n)
	}
	redis.Read(caller)
	wantDone(t, caller, sell(3, 1))
	if got := stockOf(t, caller)[0].Available; got != 9 {
		t.Errorf("%d units are left, want 9", got)
	}
}

// TestTwoProcesses has two readers share the stream: each caller gets its answer, and no unit is sold twice.
func TestTwoProcesses(t *testing.T) {
	url := database(t, 10)
	a := stocked(t, "queue", url, engines.Tuning{BatchMax: 4}, 100)
	b := joined(t, "queue", url, engines.Tuning{BatchMax: 4}, 100)
	redis.Read(b)
	var all sync.WaitGroup
	var mu sync.Mutex
	sold := map[engines.Outcome]int{}
	for i := range 150 {
		all.Go(func() {
			r, err := []engines.Engine{a, b}[i%2].Do(context.Background(), sell(engines.OrderID(i+1), 1))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			sold[r.Outcome]++
		})
	}
	all.Wait()
	if sold[engines.Done] != 100 || sold[engines.SoldOut] != 50 {
		t.Errorf("outcomes %v, want 100 done and 50 sold out", sold)
	}
	if consumers := client(t, url).XInfoConsumers(context.Background(), "doorbuster:queue", "doorbuster").Val(); len(consumers) != 2 {
		t.Errorf("%d readers took part, want 2", len(consumers))
	}
}

// TestResetUnderReader resets while the reader waits: it finds the new stream.
func TestResetUnderReader(t *testing.T) {
	e := stocked(t, "queue", database(t, 10), engines.Tuning{}, 5)
	for range 5 {
		if err := e.Reset(context.Background(), []int64{5}); err != nil {
			t.Fatal(err)
		}
		wantDone(t, e, sell(1, 1))
	}
}
