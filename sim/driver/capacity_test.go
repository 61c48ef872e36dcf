package driver_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// promisedInTheMinute counts the orders that a strategy promises while so many a second are offered for one SKU.
func promisedInTheMinute(t *testing.T, name string, perSecond int, set ...string) float64 {
	t.Helper()
	sc := parse(t, append(set, fmt.Sprintf("demand.arrivals_per_day=%d", 60*perSecond))...)
	n := 0
	pass(t, sc, strategy(t, name), witness{answered: func(e *ledger.Entry) {
		if e.Op.Kind == engines.Sell && e.Reply.Outcome == engines.Done && e.End <= sc.Day {
			n++
		}
	}})
	return float64(n)
}

// A row lock is held for two round trips of 1.4 ms, one that reads and one that writes: 357 orders a second can get it in turn, however
// many want it.
func TestPessimisticStaysAtItsSerialLimit(t *testing.T) {
	limit := 60 / 0.0028
	for _, offered := range []int{500, 1000, 2000} {
		if got := promisedInTheMinute(t, "pessimistic", offered); math.Abs(got/limit-1) > 0.01 {
			t.Errorf("of %d orders a second, %.0f were promised in a minute; want %.0f, the limit of the lock", offered, got, limit)
		}
	}
	if got, all := promisedInTheMinute(t, "pessimistic", 200), 60*200.0; math.Abs(got/all-1) > 0.03 {
		t.Errorf("of 200 orders a second, %.0f were promised in a minute; want about all %.0f", got, all)
	}
}

// One writer makes one round trip a batch, so that what a SKU can sell grows with the batch.
func TestQueueGrowsWithItsBatch(t *testing.T) {
	for _, batch := range []int{1, 2, 4} {
		limit := float64(batch) * 60 / 0.0014
		got := promisedInTheMinute(t, "queue", 4000, "storage.pool=32", fmt.Sprintf("tuning.batch_max=%d", batch))
		if math.Abs(got/limit-1) > 0.02 {
			t.Errorf("batches of %d: %.0f orders were promised in a minute; want %.0f", batch, got, limit)
		}
	}
}

// Offered load above the capacity of storage makes operations wait, fills the pool and makes the others queue before it.
func TestLoadAboveCapacityQueues(t *testing.T) {
	const capacity = 200 // round trips a second: 2 servers, 10 ms each
	at := func(load float64) (p99 time.Duration, pool, queue, coroutines int, refused float64) {
		sc := parse(t, "storage.servers=2", "storage.service=10ms", "storage.distribution=exponential", "storage.pool=40", "storage.pool_wait=1s",
			fmt.Sprintf("demand.arrivals_per_day=%.0f", load*60*capacity))
		var felt []time.Duration
		contended := 0
		v := pass(t, sc, strategy(t, "conditional"), witness{answered: func(e *ledger.Entry) {
			switch {
			case e.Op.Kind != engines.Sell:
			case e.Reply.Outcome == engines.Done:
				felt = append(felt, e.End-e.Intended)
			case e.Reply.Outcome == engines.Contended:
				contended++
			}
		}})
		s := v.Stats()
		return percentile(0.99, felt), s.PoolPeak, s.QueuePeak, s.Coroutines, float64(contended) / float64(contended+len(felt))
	}
	calm, pool, queue, coroutines, refused := at(0.5)
	if pool > 40 || queue != 0 || coroutines > pool || refused > 0 {
		t.Errorf("at half of capacity: %d in the pool, %d before it, %d coroutines, %.2f refused", pool, queue, coroutines, refused)
	}
	over, pool, queue, coroutines, refused := at(1.5)
	if over < 10*calm || over < time.Second {
		t.Errorf("p99 is %v at 150 %% of capacity and %v at 50 %%", over, calm)
	}
	if pool != 40 || queue < 100 || coroutines > 40 {
		t.Errorf("above capacity: %d in the pool of 40, %d before it, %d coroutines", pool, queue, coroutines)
	}
	if want := 1 - 1/1.5; math.Abs(refused-want) > 0.05 {
		t.Errorf("%.3f of the orders got no connection in time; want about %.3f, what is offered beyond capacity", refused, want)
	}
}

// A row is written by one at a time: with load, the rows that everybody wants become slow long before storage does.
func TestHotRowsSlowDownFirst(t *testing.T) {
	at := func(perSecond int) (hot, cold time.Duration) {
		sc := parse(t, "skus=50", "demand.hot.skus=1", "storage.row_write=5ms", "storage.pool=100000",
			fmt.Sprintf("demand.arrivals_per_day=%d", 60*perSecond))
		felt := map[bool][]time.Duration{}
		v := pass(t, sc, strategy(t, "conditional"), witness{answered: func(e *ledger.Entry) {
			if e.Op.Kind == engines.Sell {
				first := e.Lines[0].SKU == 0
				felt[first] = append(felt[first], e.End-e.Intended)
			}
		}})
		if busy := v.Stats().BusyPeak; busy > 0.2 {
			t.Errorf("storage is busy to %.2f: not only rows are short", busy)
		}
		return percentile(0.99, felt[true]), percentile(0.99, felt[false])
	}
	hot, cold := at(200) // the first SKU has a fifth of it, and may be written 200 times a second
	if hot > 30*time.Millisecond || cold > 30*time.Millisecond {
		t.Errorf("below every capacity, p99 is %v on the hot row and %v on others", hot, cold)
	}
	hot, cold = at(1500)
	if hot < 5*time.Second || cold > 100*time.Millisecond {
		t.Errorf("above the hot row's capacity, p99 is %v on it and %v on others", hot, cold)
	}
}
