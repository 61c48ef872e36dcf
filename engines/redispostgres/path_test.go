package redispostgres

import (
	"testing"

	"github.com/doorbuster/doorbuster/engines"
)

// TestPath walks every path: each kind applies where the one before it led, and the last leads to the end.
func TestPath(t *testing.T) {
	paths := 0
	for from := engines.NoGrant; from <= engines.Shipped; from++ {
		for to := engines.NoGrant; to <= engines.Shipped; to++ {
			at := from
			kinds := path(from, to)
			for _, k := range kinds {
				if k.Needs() != at {
					t.Errorf("from %v to %v by %v: %v doesn't apply to %v", from, to, kinds, k, at)
				}
				at = k.Becomes()
			}
			if kinds != nil && at != to {
				t.Errorf("from %v to %v by %v: it ends at %v", from, to, kinds, at)
			}
			if kinds != nil {
				paths++
			}
		}
	}
	if paths != 9 { // 2 from none, 5 from held, 2 from committed
		t.Errorf("%d paths, want 9", paths)
	}
}
