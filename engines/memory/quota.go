package memory

import (
	"context"

	"github.com/doorbuster/doorbuster/engines"
)

// quota keeps a pool of stock for each channel and writes conditionally in the caller's. If that is short, the richest other pool
// gives: half of what it can spare, or what is short if that is more, for else every sale from then on would need a transfer.
// Units are revoked before they are granted, so the pools never promise more than there is.
type quota struct {
	floor   []int64 // what a pool keeps for its own channel, by key
	transit []int64 // revoked, and not yet granted to this key
}

var (
	_ strategy = quota{}
	_ onTheWay = quota{}
)

// onTheWay is a strategy that has units between two keys.
type onTheWay interface {
	coming(k engines.Key) int64
}

func (s quota) coming(k engines.Key) int64 { return s.transit[k] }

// maxTransfers bounds how often one operation asks other pools.
const maxTransfers = 2

func newQuota(e *engine) strategy {
	floor := make([]int64, len(e.rows))
	for k, r := range e.rows {
		floor[k] = int64(e.tuning.Floor * float64(r.available))
	}
	return quota{floor: floor, transit: make([]int64, len(e.rows))}
}

func (s quota) move(ctx context.Context, t *txn) (engines.Outcome, error) {
	for n := 0; ; n++ {
		if err := t.env.Step(ctx, t.keys...); err != nil {
			return engines.Unknown, err
		}
		s.arrive(t)
		t.read()
		if t.fits() && s.solvent(t) {
			return t.write(), nil
		}
		if n == maxTransfers || !t.op.Kind.TakesStock() || !s.canFill(t) {
			return t.refuse(engines.SoldOut), nil
		}
		if err := s.fill(ctx, t); err != nil {
			return engines.Unknown, err
		}
	}
}

// solvent says whether all pools of a SKU together can still back a sale. One of them owes units after a count found less
// than was sold, and the others must not sell what it owes.
func (s quota) solvent(t *txn) bool {
	if !t.op.Kind.TakesStock() {
		return true
	}
	for i, own := range t.keys {
		sum := t.was[i].available + t.delta[i]
		for k := range t.siblings(own) {
			sum += t.rows[k].available
		}
		if sum < 0 {
			return false
		}
	}
	return true
}

// arrive grants what is on its way to t's pools, also what an operation that was cut short left there.
func (s quota) arrive(t *txn) {
	for _, k := range t.keys {
		if n := s.transit[k]; n != 0 {
			s.transit[k] = 0
			t.put(k, t.rows[k].available+n)
		}
	}
}

// spare is what a pool can give to others.
func (s quota) spare(t *txn, k engines.Key) int64 {
	return max(0, t.rows[k].available-s.floor[k])
}

// canFill says whether the other pools can spare what is short. If not, nothing is moved: the order is refused anyway.
func (s quota) canFill(t *txn) bool {
	for i, own := range t.keys {
		sum := int64(0)
		for k := range t.siblings(own) {
			sum += s.spare(t, k)
		}
		if sum < t.short(i) {
			return false
		}
	}
	return true
}

// fill revokes units from the richest other pool of each SKU that is short. They are granted with the next round trip.
func (s quota) fill(ctx context.Context, t *txn) error {
	for i, own := range t.keys {
		short := t.short(i)
		if short <= 0 {
			continue
		}
		donor := s.richest(t, own)
		if err := t.env.Step(ctx, t.one(donor)...); err != nil {
			return err
		}
		spare := s.spare(t, donor)
		if n := min(spare, max(short, spare/2)); n > 0 {
			t.put(donor, t.rows[donor].available-n)
			s.transit[own] += n
			t.env.Count(engines.PoolTransfers, 1)
		}
	}
	return nil
}

func (s quota) richest(t *txn, own engines.Key) engines.Key {
	best, most := own, int64(-1)
	for k := range t.siblings(own) {
		if n := s.spare(t, k); n > most {
			best, most = k, n
		}
	}
	return best
}

// siblings yields the other pools of a key's SKU.
func (t *txn) siblings(own engines.Key) func(func(engines.Key) bool) {
	n := engines.Key(len(t.pools))
	first := own - own%n
	return func(yield func(engines.Key) bool) {
		for k := first; k < first+n; k++ {
			if k != own && !yield(k) {
				return
			}
		}
	}
}

// one is a list of one key, in room that t keeps.
func (t *txn) one(k engines.Key) []engines.Key {
	t.donor[0] = k
	return t.donor[:]
}
