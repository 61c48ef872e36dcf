package memory

import (
	"context"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// lease is a distributed lock that runs out by itself: SET key token NX PX life.
type lease struct {
	token uint64 // of the last holder; each has the next number
	held  bool
	until time.Duration
}

// leases are those of every key.
type leases []lease

// acquire takes the lease of each of t's keys in order, polling for those that are held, and keeps the tokens in
// t.tokens. Contended means that it was in vain; Unknown without an error, that all are held.
func (l leases) acquire(ctx context.Context, t *txn) (engines.Outcome, error) {
	t.tokens = t.tokens[:0]
	until := t.env.Now() + t.tuning.LockWait
	for _, k := range t.keys {
		for n := 0; ; n++ {
			if err := t.env.Step(ctx); err != nil {
				return engines.Unknown, err
			}
			if l.take(t, k) {
				break
			}
			if n == 0 {
				t.env.Count(engines.LockWaits, 1)
			}
			if t.env.Now() >= until {
				t.env.Count(engines.LockTimeouts, 1)
				return t.refuse(engines.Contended), nil
			}
			if err := t.backoff(ctx, n); err != nil {
				return engines.Unknown, err
			}
		}
	}
	return engines.Unknown, nil
}

// take takes one lease if it is free or has run out.
func (l leases) take(t *txn, k engines.Key) bool {
	e, now := &l[k], t.env.Now()
	if e.held {
		if now < e.until {
			return false
		}
		t.env.Count(engines.LeaseExpiries, 1)
	}
	*e = lease{token: e.token + 1, held: true, until: now + t.tuning.Lease}
	t.tokens = append(t.tokens, e.token)
	return true
}

// release gives back the leases that are still t's. The caller doesn't wait for that round trip.
func (l leases) release(t *txn) {
	for i, token := range t.tokens {
		if e := &l[t.keys[i]]; e.token == token {
			e.held = false
		}
	}
}
