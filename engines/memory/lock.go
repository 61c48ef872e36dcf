package memory

import (
	"context"

	"github.com/doorbuster/doorbuster/engines"
)

// lock holds a lease on every row while it reads and then writes. A holder that is paused past its lease writes all
// the same, beside the next one.
type lock struct{ leases }

var _ strategy = lock{}

func (s lock) move(ctx context.Context, t *txn) (engines.Outcome, error) {
	o, err := s.acquire(ctx, t)
	defer s.release(t)
	if o != engines.Unknown || err != nil {
		return o, err
	}
	return naive{}.move(ctx, t)
}
