package postgres_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/postgres"
	"github.com/doorbuster/doorbuster/engines/servers"
)

// opened opens an engine with 10 units of one SKU.
func opened(t *testing.T, name, url string, tuning engines.Tuning) engines.Engine {
	t.Helper()
	spec := find(t, name, at(url))
	e, err := spec.Open(context.Background(), engines.Setup{Tuning: tuning, Shares: []float64{1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() }) // its server may be gone
	if err := e.Reset(context.Background(), []int64{10}); err != nil {
		t.Fatal(err)
	}
	return e
}

// TestLostCommit loses the answer to a commit: the operation is Unknown, the books know that it happened, and sent again
// it gets its first reply.
func TestLostCommit(t *testing.T) {
	committed := map[string]string{"conditional": "INSERT 0 1\x00", "queue": "INSERT 0 1\x00"} // commits without saying so
	for _, spec := range postgres.Specs(postgres.Server{}) {
		t.Run(spec.Strategy(), func(t *testing.T) {
			t.Parallel()
			p, url := through(t, database(t, "commit_"+spec.Strategy()))
			e := opened(t, spec.Name, url, engines.Tuning{Lease: 20 * time.Millisecond})
			mustSell(t, e, 1)
			marker := committed[spec.Strategy()]
			if marker == "" {
				marker = "COMMIT\x00"
			}
			p.lose(marker)
			r, err := e.Do(context.Background(), sell(2, 1))
			if p.armed() || err == nil || r.Outcome != engines.Unknown {
				t.Fatalf("its commit's answer was lost (%v): %v, %v, want unknown and an error", !p.armed(), r.Outcome, err)
			}
			books, err := e.Books(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if o, err := books.Outcome(engines.OrderOp(2, engines.Sell)); o != engines.Done || err != nil {
				t.Errorf("the books say %v (%v), want done", o, err)
			}
			r, err = e.Do(context.Background(), sell(2, 1))
			if want := (engines.Version{Seq: 2, After: 8}); err != nil || r.Outcome != engines.Done || !slices.Equal(r.Versions, []engines.Version{want}) {
				t.Errorf("sent again: %+v, %v, want done with %+v", r, err, want)
			}
			if got := stockOf(t, e)[0]; got.Available != 8 || got.Committed != 2 {
				t.Errorf("the stock is %+v, want 8 units and 2 sold", got)
			}
		})
	}
}

// TestSilentServer waits for a server that says nothing more, no longer than is stated.
func TestSilentServer(t *testing.T) {
	const lockWait, slack = 100 * time.Millisecond, 5 * time.Second
	for _, strategy := range []string{"pessimistic", "conditional", "queue"} {
		t.Run(strategy, func(t *testing.T) {
			t.Parallel()
			p, url := through(t, database(t, "silent_"+strategy))
			e := opened(t, "postgres/"+strategy, url, engines.Tuning{LockWait: lockWait})
			mustSell(t, e, 1)
			p.hang()
			start := time.Now()
			r, err := e.Do(context.Background(), sell(2, 1))
			if took := time.Since(start); err == nil || r.Outcome != engines.Unknown || took > postgres.Silence+lockWait+slack {
				t.Errorf("%v, %v after %v, want unknown and an error after %v", r.Outcome, err, took, postgres.Silence+lockWait)
			}
		})
	}
}

// TestCancelledInLine cancels an operation that waits for a row lock: it ends at once, and doesn't happen later.
func TestCancelledInLine(t *testing.T) {
	for _, strategy := range []string{"pessimistic", "conditional", "quota"} {
		t.Run(strategy, func(t *testing.T) {
			url := database(t, "cancelled_"+strategy)
			e := opened(t, "postgres/"+strategy, url, engines.Tuning{LockWait: time.Minute})
			release := lockStock(t, url)
			ctx, cancel := context.WithCancel(context.Background())
			answered := make(chan error, 1)
			go func() {
				r, err := e.Do(ctx, sell(1, 1))
				if r.Outcome != engines.Unknown {
					err = nil
				}
				answered <- err
			}()
			waitForWaiters(t, url, 1)
			start := time.Now()
			cancel()
			if err := <-answered; err == nil || time.Since(start) > 10*time.Second {
				t.Errorf("%v after %v, want unknown and an error at once", err, time.Since(start))
			}
			release()
			waitForWaiters(t, url, 0)
			mustSell(t, e, 2)
			if got := stockOf(t, e)[0].Available; got != 9 {
				t.Errorf("%d units are left, want 9: the order that was cancelled is not to happen", got)
			}
		})
	}
}

// lockStock locks the stock from outside until release is called.
func lockStock(t *testing.T, url string) (release func()) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(ctx, `BEGIN; SELECT FROM doorbuster.stock FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	return sync.OnceFunc(func() { _ = c.Close(ctx) })
}

// waitForWaiters returns when so many sessions of the database wait for a lock.
func waitForWaiters(t *testing.T, url string, want int) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(ctx) }()
	got := -1
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		err := c.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&got)
		if err != nil {
			t.Fatal(err)
		}
		if got == want {
			return
		}
	}
	t.Fatalf("%d sessions wait for a lock, want %d", got, want)
}

// TestCrash has one process of a private server killed while callers sell, which takes all of it down and through recovery. Nobody waits
// longer than is stated; what was Unknown is settled by the books and by sending it again; and nothing is sold twice.
func TestCrash(t *testing.T) {
	if serverURL == "" {
		t.Skip("no Postgres server")
	}
	t.Setenv(servers.PostgresEnv, "") // not a server that somebody needs
	server, err := servers.Postgres(context.Background(), servers.Options{})
	if err != nil {
		t.Skip(err)
	}
	defer func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	}()
	for _, strategy := range []string{"pessimistic", "conditional", "fenced", "queue"} {
		t.Run(strategy, func(t *testing.T) { crash(t, server.URL, "postgres/"+strategy) })
	}
}

const seats = 8 // callers

func crash(t *testing.T, url, name string) {
	e := opened(t, name, url, engines.Tuning{Lease: 20 * time.Millisecond})
	if err := e.Reset(context.Background(), []int64{1 << 40}); err != nil {
		t.Fatal(err)
	}
	s := &selling{engine: e, outcomes: map[engines.OrderID]engines.Outcome{}}
	s.all.Go(func() {
		for s.done.Load() < 50 && !t.Failed() {
			s.sell(t)
		}
		kill(t, url)
	})
	for range seats {
		s.all.Go(func() {
			for end := time.Now().Add(time.Minute); s.recovered.Load() < 50 && time.Now().Before(end) && !t.Failed(); {
				s.sell(t)
			}
		})
	}
	s.all.Wait()
	s.resolve(t)
}

// selling is what callers of one engine were told.
type selling struct {
	engine          engines.Engine
	all             sync.WaitGroup
	order           atomic.Uint64
	done, recovered atomic.Int64 // orders, and orders after the first that was lost
	mu              sync.Mutex
	outcomes        map[engines.OrderID]engines.Outcome
	lost            int
}

func (s *selling) sell(t *testing.T) {
	order := engines.OrderID(s.order.Add(1))
	start := time.Now()
	r, err := s.engine.Do(context.Background(), sell(order, 1))
	const bound = postgres.Silence + 2*time.Second + 10*time.Second // silence, LockWait, and a busy machine
	if took := time.Since(start); took > bound {
		t.Errorf("order %d took %v, want %v at most", order, took, bound)
	}
	if (err != nil) != (r.Outcome == engines.Unknown) {
		t.Errorf("order %d: %v, %v, want an error with unknown alone", order, r.Outcome, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outcomes[order] = r.Outcome
	switch {
	case err != nil:
		s.lost++
	case s.lost > 0:
		s.recovered.Add(1)
	default:
		s.done.Add(1)
	}
}

// resolve settles what is unknown, first by the books and then by sending it again, and holds the stock against it.
func (s *selling) resolve(t *testing.T) {
	ctx := context.Background()
	books, err := s.engine.Books(ctx)
	if err != nil {
		t.Fatal(err)
	}
	sold := int64(0)
	for order, told := range s.outcomes {
		o, err := books.Outcome(engines.OrderOp(order, engines.Sell))
		if err != nil || told != engines.Unknown && o != told {
			t.Errorf("order %d: the books say %v (%v), its caller was told %v", order, o, err, told)
		}
		if o == engines.Unknown {
			r, err := s.engine.Do(ctx, sell(order, 1))
			if o = r.Outcome; err != nil || o != engines.Done {
				t.Errorf("order %d, sent again: %v, %v, want done", order, o, err)
			}
		}
		if o == engines.Done {
			sold++
		}
	}
	got := stockOf(t, s.engine)[0]
	if got.Committed != sold || got.Available != 1<<40-sold {
		t.Errorf("the stock is %+v, want %d sold", got, sold)
	}
	if s.lost == 0 || s.recovered.Load() == 0 {
		t.Errorf("%d orders were lost and %d done after: the crash proves nothing", s.lost, s.recovered.Load())
	}
}

// kill ends one server process that works for an engine, without a word.
func kill(t *testing.T, url string) {
	ctx := context.Background()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = c.Close(ctx) }()
	var pid int
	err = c.QueryRow(ctx, `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'doorbuster%' AND state <> 'idle' LIMIT 1`).Scan(&pid)
	if errors.Is(err, pgx.ErrNoRows) {
		err = c.QueryRow(ctx, `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'doorbuster%' LIMIT 1`).Scan(&pid)
	}
	if err == nil {
		err = syscall.Kill(pid, syscall.SIGKILL)
	}
	if err != nil {
		t.Error(err)
	}
}

// TestServerGone: where there is no server any more, every operation ends with an error.
func TestServerGone(t *testing.T) {
	p, url := through(t, database(t, "gone"))
	gone := map[string]engines.Engine{}
	for _, strategy := range []string{"pessimistic", "queue"} {
		gone[strategy] = opened(t, "postgres/"+strategy, url, engines.Tuning{})
	}
	p.close()
	for strategy, e := range gone {
		for range 3 {
			if r, err := e.Do(context.Background(), sell(1, 1)); err == nil || r.Outcome != engines.Unknown {
				t.Errorf("%s: %v, %v, want unknown and an error", strategy, r.Outcome, err)
			}
		}
		if _, err := e.Books(context.Background()); err != nil {
			t.Errorf("%s: %v, want books that fail when they are read", strategy, err)
		}
	}
}
