package redis

import "context"

// lock holds a lease on every SKU while it reads and then writes. A holder that is paused past its lease writes all
// the same, beside the next one.
type lock struct{}

var _ strategy = lock{}

func (lock) try(ctx context.Context, t *txn) error {
	return t.underLease(ctx, func([]int64) error { return naive{}.try(ctx, t) })
}
