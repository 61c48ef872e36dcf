package postgres_test

import (
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
)

// A second process sells from the stock that the first one set, to the last unit and not beyond.
func TestAdopt(t *testing.T) {
	url := database(t, "adopt")
	first := ready(t, "postgres/conditional", url)
	if err := first.Reset(t.Context(), []int64{2, 5}); err != nil {
		t.Fatal(err)
	}
	second := ready(t, "postgres/conditional", url).(engines.Adopter)
	if err := second.Adopt(t.Context(), []int64{2}); err == nil || !strings.Contains(err.Error(), "found 2 rows of stock: expected 1") {
		t.Errorf("error %v of another catalog", err)
	}
	if err := second.Adopt(t.Context(), []int64{2, 5}); err != nil {
		t.Fatal(err)
	}
	for order, e := range map[engines.OrderID]engines.Engine{1: first, 2: second} {
		if got := sold(t, e, order); got != engines.Done {
			t.Errorf("order %d: %s", order, got)
		}
	}
	if got := sold(t, second, 3); got != engines.SoldOut {
		t.Errorf("a third unit of two: %s", got)
	}
	queue := ready(t, "postgres/queue", url).(engines.Adopter)
	if err := queue.Adopt(t.Context(), []int64{2, 5}); err == nil || !strings.Contains(err.Error(), "one writer") {
		t.Errorf("error %v of the queue, whose writer is in one process", err)
	}
}

// ready opens an engine and leaves the stock as it is.
func ready(t *testing.T, name, url string) engines.Engine {
	t.Helper()
	e, err := find(t, name, at(url)).Open(t.Context(), engines.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// sold sells a unit of the first SKU.
func sold(t *testing.T, e engines.Engine, order engines.OrderID) engines.Outcome {
	t.Helper()
	r, err := e.Do(t.Context(), engines.Op{
		ID: engines.OrderOp(order, engines.Sell), Order: order, Kind: engines.Sell, Lines: []engines.Line{{SKU: 0, Qty: 1}},
	})
	if err != nil {
		t.Error(err)
	}
	return r.Outcome
}
