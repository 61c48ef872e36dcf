package redis_test

import (
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
)

// A second process sells from the stock that the first one set, to the last unit and not beyond.
func TestAdopt(t *testing.T) {
	url := database(t, 13)
	first := stocked(t, "conditional", url, engines.Tuning{}, 2, 5)
	second := opened(t, "conditional", url, engines.Tuning{}).(engines.Adopter)
	if err := second.Adopt(t.Context(), []int64{2, 5, 1}); err == nil || !strings.Contains(err.Error(), "found 2 stock keys of 3") {
		t.Errorf("error %v of another catalog", err)
	}
	if err := second.Adopt(t.Context(), []int64{2, 5}); err != nil {
		t.Fatal(err)
	}
	for order, e := range map[engines.OrderID]engines.Engine{1: first, 2: second} {
		wantDone(t, e, sale(order))
	}
	if r, err := second.Do(t.Context(), sale(3)); err != nil || r.Outcome != engines.SoldOut {
		t.Errorf("a third unit of two: %s, %v", r.Outcome, err)
	}
	queue := opened(t, "queue", url, engines.Tuning{}).(engines.Adopter)
	if err := queue.Adopt(t.Context(), []int64{2, 5}); err == nil || !strings.Contains(err.Error(), "one writer") {
		t.Errorf("error %v of the queue, whose writer is in one process", err)
	}
}

// sale is a unit of the first SKU.
func sale(order engines.OrderID) engines.Op {
	return engines.Op{ID: engines.OrderOp(order, engines.Sell), Order: order, Kind: engines.Sell, Lines: []engines.Line{{SKU: 0, Qty: 1}}}
}
