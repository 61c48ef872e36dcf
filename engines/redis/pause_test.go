package redis_test

import (
	"context"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/redis"
)

// TestPausedHolder pauses the holder of a lock between its read and its write, until its lease is over and another has sold the only unit.
// lock sells it again; fenced doesn't.
func TestPausedHolder(t *testing.T) {
	for name, want := range map[string]engines.Outcome{"lock": engines.Done, "fenced": engines.SoldOut} {
		t.Run(name, func(t *testing.T) {
			url := database(t, 8)
			tuning := engines.Tuning{Lease: 50 * time.Millisecond}
			p, through := newProxy(t, url, redis.WriteSHAs[name])
			paused := stocked(t, name, through, tuning, 1)
			other := joined(t, name, url, tuning, 1)
			answer := make(chan engines.Outcome)
			go func() {
				r, err := paused.Do(context.Background(), sell(1, 1))
				if err != nil {
					t.Error(err)
				}
				answer <- r.Outcome
			}()
			<-p.held
			c := client(t, url)
			if n := c.Exists(context.Background(), "doorbuster:{0}:lease").Val(); n != 1 {
				t.Errorf("the paused holder has no lease")
			}
			until(t, "the end of the lease", func() bool { return c.Exists(context.Background(), "doorbuster:{0}:lease").Val() == 0 })
			wantDone(t, other, sell(2, 1))
			close(p.release)
			if got := <-answer; got != want {
				t.Errorf("the paused holder's order: %v, want %v", got, want)
			}
		})
	}
}

// joined opens an engine on stock that another engine was reset to.
func joined(t testing.TB, strategy, url string, tuning engines.Tuning, opening ...int64) engines.Engine {
	t.Helper()
	e := opened(t, strategy, url, tuning)
	redis.Join(e, len(opening))
	return e
}
