package redis_test

import (
	"context"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// TestForeignKeys finds someone's keys under our prefix: refused and untouched, unless consented. Keys of other names stay in any case.
func TestForeignKeys(t *testing.T) {
	url, _ := private(t)
	c := client(t, url)
	ctx := context.Background()
	for key, value := range map[string]string{"doorbuster:mine": "keep", "doorbuster": "keep", "other": "keep"} {
		c.Set(ctx, key, value, 0)
	}
	for _, made := range []any{nil, "by somebody", []any{"a list"}} {
		c.Unlink(ctx, "doorbuster:made")
		switch made := made.(type) {
		case string:
			c.Set(ctx, "doorbuster:made", made, 0)
		case []any:
			c.RPush(ctx, "doorbuster:made", made...)
		}
		e := opened(t, "queue", url, engines.Tuning{})
		wantSaid(t, e.Reset(ctx, []int64{1}), "doorbuster did not make it", `"doorbuster:m`, "consent")
		wantError(t, e, sell(1, 1), "unknown SKU 0")
		if got := c.Get(ctx, "doorbuster:mine").Val(); got != "keep" {
			t.Errorf("a foreign key is now %q", got)
		}
		if n := c.Exists(ctx, "doorbuster:queue").Val(); n != 0 {
			t.Errorf("an engine that was refused has made keys")
		}
	}
	server := at(url)
	server.AllowReset = true
	e, err := find(t, "conditional", server).Open(ctx, engines.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.Reset(ctx, []int64{3}); err != nil {
		t.Errorf("with consent: %v", err)
	}
	if n := c.Exists(ctx, "doorbuster:mine").Val(); n != 0 {
		t.Errorf("with consent, the foreign key is still there")
	}
	if got := c.MGet(ctx, "doorbuster", "other").Val(); got[0] != "keep" || got[1] != "keep" {
		t.Errorf("keys that don't begin with our prefix are now %v", got)
	}
	stocked(t, "fenced", url, engines.Tuning{}, 4) // ours now: no consent needed
}

// TestResetForgets resets a store of many keys: the books are empty, and IDs are new.
func TestResetForgets(t *testing.T) {
	url := database(t, 11)
	e := stocked(t, "conditional", url, engines.Tuning{}, 5000)
	for order := engines.OrderID(1); order <= 3000; order++ {
		wantDone(t, e, sell(order, 1))
	}
	if err := e.Reset(context.Background(), []int64{7, 8}); err != nil {
		t.Fatal(err)
	}
	if n := client(t, url).DBSize(context.Background()).Val(); n != 3 {
		t.Errorf("%d keys are left, want two SKUs' stock and the mark", n)
	}
	wantDone(t, e, sell(1, 7))
}

// TestRetention: first replies go away a day after they were given. Then an order's operation meets what became of the order, and a receipt is a new one.
func TestRetention(t *testing.T) {
	url := database(t, 11)
	c := client(t, url)
	ctx := context.Background()
	e := stocked(t, "conditional", url, engines.Tuning{}, 10)
	receipt := engines.Op{ID: engines.FeedOp(6, 1), Kind: engines.Receive, Channel: 6, Lines: []engines.Line{{SKU: 0, Qty: 5}}}
	wantDone(t, e, sell(1, 2))
	wantDone(t, e, receipt)
	wantDone(t, e, receipt)
	if got := stockOf(t, e)[0].Available; got != 13 {
		t.Errorf("%d units after a sale and a receipt that came twice, want 13", got)
	}
	for keys := c.Scan(ctx, 0, "doorbuster:op:*", 100).Iterator(); keys.Next(ctx); {
		if left := c.PTTL(ctx, keys.Val()).Val(); left <= 23*time.Hour || left > 24*time.Hour {
			t.Errorf("%s is kept for %v, want a day", keys.Val(), left)
		}
		c.Unlink(ctx, keys.Val()) // as if the day were over
	}
	if r, err := e.Do(ctx, sell(1, 2)); err != nil || r.Outcome != engines.Conflict {
		t.Errorf("an order that was granted, sent again a day later: %v, %v, want conflict", r.Outcome, err)
	}
	wantDone(t, e, receipt)
	if s := stockOf(t, e)[0]; s.Available != 18 || s.Committed != 2 {
		t.Errorf("%+v, want 18 units available and 2 committed", s)
	}
}

// TestLongBooks streams more orders than one page has, each once.
func TestLongBooks(t *testing.T) {
	url := database(t, 11)
	opening := make([]int64, 2300)
	opening[0], opening[2299] = 5000, 7
	e := stocked(t, "conditional", url, engines.Tuning{}, opening...)
	if got := stockOf(t, e); len(got) != 2300 || got[2299].Available != 7 {
		t.Errorf("%d SKUs are in the books, want 2300", len(got))
	}
	const orders = 2500
	for order := engines.OrderID(1); order <= orders; order++ {
		wantDone(t, e, sell(order, 1))
	}
	books, err := e.Books(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[engines.OrderID]int{}
	for g, err := range books.Grants {
		if err != nil {
			t.Fatal(err)
		}
		seen[g.Order]++
	}
	for order := engines.OrderID(1); order <= orders; order++ {
		if seen[order] != 1 {
			t.Errorf("order %d came %d times", order, seen[order])
		}
	}
	for g, err := range books.Grants { // a reader may stop
		if g.Order == 0 || err != nil {
			t.Errorf("the first grant is %+v, %v", g, err)
		}
		break
	}
}
