package redis_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/redis"
)

// cluster starts two nodes that share the slots, and returns the URL of one.
func cluster(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	a, _ := private(t, "--cluster-enabled", "yes")
	b, _ := private(t, "--cluster-enabled", "yes")
	for node, slots := range map[string][2]int{a: {0, 8191}, b: {8192, 16383}} {
		if err := client(t, node).ClusterAddSlotsRange(ctx, slots[0], slots[1]).Err(); err != nil {
			t.Fatal(err)
		}
	}
	u, err := url.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(u.Host)
	client(t, a).ClusterMeet(ctx, host, port)
	for _, node := range []string{a, b} {
		until(t, "the cluster", func() bool {
			return strings.Contains(client(t, node).ClusterInfo(ctx).Val(), "cluster_state:ok") &&
				strings.Contains(client(t, node).ClusterInfo(ctx).Val(), "cluster_slots_ok:16384")
		})
	}
	return a
}

// TestCluster runs every strategy on a cluster of two nodes: what one slot can hold works, and what it can't is refused.
func TestCluster(t *testing.T) {
	at := cluster(t)
	for sku := range engines.SKU(100) {
		tag := fmt.Sprintf("{%d}", sku)
		if want := client(t, at).ClusterKeySlot(context.Background(), tag).Val(); int64(redis.Slot(tag)) != want {
			t.Fatalf("slot of %s is %d, want %d", tag, redis.Slot(tag), want)
		}
	}
	for _, name := range strategies() {
		if name == "queue" {
			queueOnCluster(t, at)
			continue
		}
		t.Run(name, func(t *testing.T) { onCluster(t, stocked(t, name, at, engines.Tuning{}, make100()...)) })
	}
}

func make100() []int64 {
	all := make([]int64, 30)
	for i := range all {
		all[i] = 100
	}
	return all
}

func queueOnCluster(t *testing.T, url string) {
	t.Helper()
	_, err := find(t, "queue", at(url)).Open(context.Background(), engines.Setup{})
	wantSaid(t, err, "part of a cluster", "one slot")
}

// onCluster sells SKUs of both nodes, and takes their orders to their ends.
func onCluster(t *testing.T, e engines.Engine) {
	t.Helper()
	op := func(kind engines.Kind, order engines.OrderID) engines.Op {
		return engines.Op{ID: engines.OrderOp(order, kind), Kind: kind, Order: order}
	}
	for order := engines.OrderID(1); order <= 30; order++ {
		reserve := op(engines.Reserve, order)
		reserve.Lines, reserve.HoldFor = []engines.Line{{SKU: engines.SKU(order - 1), Qty: 2}, {SKU: engines.SKU(order - 1), Qty: 1}}, 1000
		first := wantDone(t, e, reserve)
		if again := wantDone(t, e, reserve); len(again.Versions) != 1 || again.Versions[0] != first.Versions[0] {
			t.Errorf("order %d again: %v, first %v", order, again.Versions, first.Versions)
		}
		wantDone(t, e, op(engines.Confirm, order))
		end := engines.Ship
		if order%2 == 0 {
			end = engines.Cancel
		}
		wantDone(t, e, op(end, order))
		feed := engines.Op{ID: engines.FeedOp(6, uint64(order)), Kind: engines.Receive, Lines: []engines.Line{{SKU: engines.SKU(order - 1), Qty: 7}}}
		wantDone(t, e, feed)
		wantDone(t, e, feed)
	}
	if r, err := e.Do(context.Background(), op(engines.Confirm, 77)); err != nil || r.Outcome != engines.NotFound {
		t.Errorf("an order that never was: %v, %v, want not found", r.Outcome, err)
	}
	two := sell(78, 1)
	two.Lines = append(two.Lines, engines.Line{SKU: 1, Qty: 1})
	wantError(t, e, two, "SKUs 0 and 1 are in slots", "can't be written at once")
	other := sell(1, 1)
	other.Lines[0].SKU = 7
	if r, err := e.Do(context.Background(), other); err != nil || r.Outcome != engines.Conflict {
		t.Errorf("order 1 again, of a SKU in another slot: %v, %v, want conflict", r.Outcome, err)
	}
	clusterBooks(t, e)
}

func clusterBooks(t *testing.T, e engines.Engine) {
	t.Helper()
	sum := map[engines.SKU]int64{}
	for _, s := range stockOf(t, e) {
		sum[s.SKU] += s.Available
	}
	for sku, got := range sum {
		if want := 104 + 3*int64(sku%2); got != want {
			t.Errorf("SKU %d has %d units, want %d", sku, got, want)
		}
	}
	books, err := e.Books(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	grants := 0
	for _, err := range books.Grants {
		if err != nil {
			t.Fatal(err)
		}
		grants++
	}
	out, err := books.Outcome(engines.FeedOp(6, 3))
	if grants != 30 || out != engines.Done || err != nil {
		t.Errorf("the books have %d grants, want 30, and of a receipt they say %v (%v)", grants, out, err)
	}
}
