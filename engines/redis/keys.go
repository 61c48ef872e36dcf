package redis

import (
	"strconv"

	"github.com/doorbuster/doorbuster/engines"
)

// prefix begins all our keys. The package comment lists them.
const prefix = "doorbuster:"

const (
	madeKey  = prefix + "made"
	madeBy   = "by doorbuster, layout 1"
	queueKey = prefix + "queue"
)

// tag is what the keys of a SKU have in common, and what a cluster places them by.
func tag(sku engines.SKU) string { return "{" + strconv.FormatUint(uint64(sku), 10) + "}" }

// stockKey is where the stock of a SKU's pool is kept. With one pool it has no number.
func stockKey(sku engines.SKU, pool, pools int) string {
	key := prefix + tag(sku) + ":stock"
	if pools > 1 {
		key += ":" + strconv.Itoa(pool)
	}
	return key
}

func leaseKey(sku engines.SKU) string { return prefix + tag(sku) + ":lease" }
func tokenKey(sku engines.SKU) string { return prefix + tag(sku) + ":token" }

// beside is what the keys of orders and operations begin with: on a cluster they live beside a SKU.
func (e *engine) beside(sku engines.SKU) string {
	if e.cluster {
		return prefix + tag(sku) + ":"
	}
	return prefix
}

func ordersKey(home string) string { return home + "orders" }

func opKey(home string, id engines.OpID) string {
	return home + "op:" + strconv.FormatUint(uint64(id), 10)
}

func homeKey(order engines.OrderID) string {
	return prefix + "home:" + strconv.FormatUint(uint64(order), 10)
}
