package memory

import (
	"context"

	"github.com/doorbuster/doorbuster/engines"
)

// fenced holds leases as lock does, and shows their tokens to storage, which refuses one that is older than the newest
// it has seen. The token is shown when reading too: if only writes showed it, an old holder could still write
// between the next one's read and write.
type fenced struct {
	leases
	seen []uint64 // the newest token shown, by key
}

var _ strategy = fenced{}

func (s fenced) move(ctx context.Context, t *txn) (engines.Outcome, error) {
	for n := 0; ; n++ {
		o, err := s.try(ctx, t)
		if o != engines.Unknown || err != nil {
			return o, err
		}
		t.env.Count(engines.FencedWrites, 1)
		if again, err := t.retry(ctx, n); err != nil {
			return engines.Unknown, err
		} else if !again {
			return t.refuse(engines.Contended), nil
		}
	}
}

// try is one attempt under new leases; Unknown without an error means that storage refused a token.
func (s fenced) try(ctx context.Context, t *txn) (engines.Outcome, error) {
	o, err := s.acquire(ctx, t)
	defer s.release(t)
	if o != engines.Unknown || err != nil {
		return o, err
	}
	if err := t.env.Step(ctx); err != nil {
		return engines.Unknown, err
	}
	if !s.show(t) {
		return engines.Unknown, nil
	}
	t.read()
	if !t.fits() {
		return t.refuse(engines.SoldOut), nil
	}
	if err := t.env.Step(ctx, t.keys...); err != nil {
		return engines.Unknown, err
	}
	if !s.show(t) {
		return engines.Unknown, nil
	}
	return t.write(), nil
}

// show says whether storage accepts all of t's tokens, and lets it remember them.
func (s fenced) show(t *txn) bool {
	for i, k := range t.keys {
		if t.tokens[i] < s.seen[k] {
			return false
		}
	}
	for i, k := range t.keys {
		s.seen[k] = t.tokens[i]
	}
	return true
}
