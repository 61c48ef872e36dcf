package redis_test

import (
	"context"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
)

func sell(order engines.OrderID, qty int32) engines.Op {
	return engines.Op{
		ID: engines.OrderOp(order, engines.Sell), Kind: engines.Sell, Order: order, Lines: []engines.Line{{SKU: 0, Qty: qty}},
	}
}

func stockOf(t testing.TB, e engines.Engine) (all []engines.Stock) {
	t.Helper()
	books, err := e.Books(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for s, err := range books.Stock {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}
