package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

// watch counts what no statement of ours can see without changing what it measures: who waits for a lock, and for a connection. It looks
// at the server's list of sessions every few milliseconds and counts each waiting statement once. Waits that are shorter may
// be over between two looks, so lock_waits is a lower bound here, and the share that is seen grows with their length. What finds
// a lock taken without waiting in the server (NOWAIT, a lease) is counted exactly. A connection that had to be opened first counts as waited for.
type watch struct {
	engine *engine
	stop   chan struct{}
	done   sync.WaitGroup

	mu      sync.Mutex
	conn    *pgx.Conn
	waiting map[statement]bool // at the last look
	waited  int64              // for connections, that were counted
}

// statement is one that a session runs, by when it began.
type statement struct {
	pid   int32
	begun time.Time
}

// lookEvery is how often the sessions are looked at. It costs the server some tenths of a millisecond.
const lookEvery = 10 * time.Millisecond

const whoWaits = `SELECT pid, query_start FROM pg_stat_activity
	WHERE datname = current_database() AND application_name = $1 AND wait_event_type = 'Lock'`

func newWatch(ctx context.Context, e *engine) (*watch, error) {
	config := e.pool.Config().ConnConfig
	config.RuntimeParams["application_name"] = "doorbuster watch"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	w := &watch{engine: e, conn: conn, stop: make(chan struct{}), waiting: map[statement]bool{}}
	w.done.Go(w.run)
	return w, nil
}

func (w *watch) run() {
	again := time.NewTicker(lookEvery)
	defer again.Stop()
	for {
		select {
		case <-again.C:
			w.look(context.Background())
		case <-w.stop:
			return
		}
	}
}

// look counts what is new since the last look.
func (w *watch) look(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := w.engine.pool.Stat().EmptyAcquireCount(); n > w.waited {
		w.engine.count(engines.ConnWaits, int(n-w.waited))
		w.waited = n
	}
	if w.conn.IsClosed() { // the server was away
		conn, err := pgx.ConnectConfig(ctx, w.conn.Config())
		if err != nil {
			return
		}
		w.conn = conn
	}
	rows, _ := w.conn.Query(ctx, whoWaits, w.engine.name()) // its error comes with the rows
	now := map[statement]bool{}
	var s statement
	_, err := pgx.ForEachRow(rows, []any{&s.pid, &s.begun}, func() error {
		now[s] = true
		if !w.waiting[s] {
			w.engine.count(engines.LockWaits, 1)
		}
		return nil
	})
	if err == nil {
		w.waiting = now
	}
}

func (w *watch) close() error {
	close(w.stop)
	w.done.Wait()
	w.look(context.Background())
	return w.conn.Close(context.Background())
}
