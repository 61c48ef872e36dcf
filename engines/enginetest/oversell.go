package enginetest

import (
	"sync/atomic"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// Oversell lets a crowd buy the same few units at once: under ordinary leases, and under leases that are over before
// their holders are done. An engine that promises never sells more than there is. One that doesn't must oversell
// in one of the two, or the crowd proves nothing.
func Oversell(t TB, spec engines.Spec, w World) {
	t.Helper()
	sold := crowdBuys(t, spec, w, engines.Tuning{})
	hurried := crowdBuys(t, spec, w, engines.Tuning{Lease: time.Nanosecond})
	switch most := max(sold, hurried); {
	case spec.PromisesNoOversell && most > crowdStock:
		t.Errorf("%s sold %d of %d units", spec.Name, most, crowdStock)
	case spec.PromisesNoOversell && sold == 0:
		t.Errorf("%s sold nothing of %d units", spec.Name, crowdStock)
	case !spec.PromisesNoOversell && most <= crowdStock:
		t.Errorf("%s makes no promise, and oversold nothing: this crowd catches no engine", spec.Name)
	}
}

const (
	crowdStock = 20
	crowdSize  = 64
)

func crowdBuys(t TB, spec engines.Spec, w World, tuning engines.Tuning) int64 {
	t.Helper()
	var sold atomic.Int64
	w.Open(t, spec, Options{Opening: []int64{crowdStock, crowdStock}, Tuning: tuning}, func(h *House) {
		h.AtOnce(crowdSize, func(i int) {
			op := orderOp(engines.Sell, engines.OrderID(i+1), line(0, 1), line(1, 1))
			if h.Do(op).Outcome == engines.Done {
				sold.Add(1)
			}
		})
	})
	return sold.Load()
}
