package postgres_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/postgres"
)

func openQueue(t *testing.T, s postgres.Server, wait time.Duration) (engines.Engine, error) {
	t.Helper()
	return find(t, "postgres/queue", s).Open(context.Background(), engines.Setup{Tuning: engines.Tuning{LockWait: wait}})
}

func sell(order engines.OrderID, qty int32) engines.Op {
	return engines.Op{
		ID: engines.OrderOp(order, engines.Sell), Kind: engines.Sell, Order: order, Lines: []engines.Line{{SKU: 0, Qty: qty}},
	}
}

func mustSell(t *testing.T, e engines.Engine, order engines.OrderID) {
	t.Helper()
	if r, err := e.Do(context.Background(), sell(order, 1)); err != nil || r.Outcome != engines.Done {
		t.Errorf("order %d: %v, %v, want done", order, r.Outcome, err)
	}
}

// TestSecondWriter opens the queue twice: the second is refused, until the first is closed.
func TestSecondWriter(t *testing.T) {
	server := at(database(t, "writers"))
	first, err := openQueue(t, server, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openQueue(t, server, 50*time.Millisecond); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("a second writer: %v, want a refusal", err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	second, err := openQueue(t, server, time.Second)
	if err != nil {
		t.Fatalf("after the first was closed: %v", err)
	}
	defer second.Close()
}

// TestOldEpoch lets another writer take over in the database: the old one applies nothing more.
func TestOldEpoch(t *testing.T) {
	url := database(t, "epoch")
	e, err := openQueue(t, at(url), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.Reset(context.Background(), []int64{10}); err != nil {
		t.Fatal(err)
	}
	mustSell(t, e, 1)
	execOn(t, url, `UPDATE doorbuster.writer SET epoch = epoch + 1`)
	if r, err := e.Do(context.Background(), sell(2, 1)); err == nil || r.Outcome != engines.Unknown || !strings.Contains(err.Error(), "epoch") {
		t.Errorf("under an old epoch: %v, %v, want an error that names the epoch", r.Outcome, err)
	}
	if got := stockOf(t, e)[0].Available; got != 9 {
		t.Errorf("%d units are left, want 9", got)
	}
}

// TestConnectionsLost cuts every connection to the server: what was in flight is an error, and then work goes on.
func TestConnectionsLost(t *testing.T) {
	for _, name := range []string{"postgres/queue", "postgres/pessimistic", "postgres/conditional"} {
		url := database(t, "lost")
		e, err := find(t, name, at(url)).Open(context.Background(), engines.Setup{})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Reset(context.Background(), []int64{10}); err != nil {
			t.Fatal(err)
		}
		mustSell(t, e, 1)
		execOn(t, url, `SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		if r, err := e.Do(context.Background(), sell(2, 1)); err == nil && r.Outcome != engines.Done || err != nil && r.Outcome != engines.Unknown {
			t.Errorf("%s: on a lost connection: %v, %v, want done, or unknown with an error", name, r.Outcome, err)
		}
		mustSell(t, e, 2) // sent again, it happens once
		if got := stockOf(t, e)[0].Available; got != 8 {
			t.Errorf("%s: %d units are left, want 8", name, got)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}
