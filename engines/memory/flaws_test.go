package memory

import (
	"context"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/enginetest"
)

// promising is the strategy of a name, as an engine that promises not to oversell whether it can keep that or not.
func promising(name string) engines.Spec {
	for _, s := range Specs() {
		if s.Strategy() == name {
			s.PromisesNoOversell = true
			return s
		}
	}
	panic("no strategy " + name)
}

// grantsFirst is quota with the order of a transfer reversed: the units are in two pools for a while.
type grantsFirst struct{ quota }

func (s grantsFirst) move(ctx context.Context, t *txn) (engines.Outcome, error) {
	if t.op.Kind.TakesStock() && t.rows[t.keys[0]].available+t.delta[0] < 0 {
		donor := s.richest(t, t.keys[0])
		t.put(t.keys[0], t.rows[t.keys[0]].available-t.delta[0])
		if err := t.env.Step(ctx, t.one(donor)...); err != nil {
			return engines.Unknown, err
		}
		t.put(donor, t.rows[donor].available+t.delta[0])
	}
	return s.quota.move(ctx, t)
}

// certain claims to know what became of operations that were cut short.
type certain struct{ engines.Engine }

func (e certain) Do(ctx context.Context, op engines.Op) (engines.Reply, error) {
	r, err := e.Engine.Do(ctx, op)
	if err != nil && op.Check(3) == nil {
		return engines.Reply{Outcome: engines.SoldOut}, nil
	}
	return r, err
}

// skipping numbers versions with gaps.
type skipping struct{ engines.Engine }

func (e skipping) Do(ctx context.Context, op engines.Op) (engines.Reply, error) {
	r, err := e.Engine.Do(ctx, op)
	for i := range r.Versions {
		r.Versions[i].Seq *= 2
	}
	return r, err
}

func wrapped(s engines.Spec, wrap func(engines.Engine) engines.Engine) engines.Spec {
	inner := s.Open
	s.Open = func(ctx context.Context, setup engines.Setup) (engines.Engine, error) {
		e, err := inner(ctx, setup)
		return wrap(e), err
	}
	return s
}

// TestFlaws shows that the suite finds what is wrong with strategies that break under concurrency and under faults.
func TestFlaws(t *testing.T) {
	idle := promising("conditional")
	idle.PromisesNoOversell = false
	for _, f := range []struct {
		name, caught string
		spec         engines.Spec
	}{
		{"naive promises", "oversell", promising("naive")},
		{"naive promises", "linearizable", promising("naive")},
		{"naive promises", "versions", promising("naive")},
		{"naive promises", "conservation", promising("naive")},
		{"lock promises", "oversell", promising("lock")},
		{"a control that can't oversell", "oversell", idle},
		{"grants before it revokes", "pools", pooled("grants-first", "", func(e *engine) strategy { return grantsFirst{newQuota(e).(quota)} })},
		{"is certain of what it can't know", "cut short", wrapped(promising("conditional"), func(e engines.Engine) engines.Engine { return certain{e} })},
		{"numbers versions with gaps", "versions", wrapped(promising("conditional"), func(e engines.Engine) engines.Engine { return skipping{e} })},
	} {
		for _, c := range enginetest.Concerns() {
			if c.Name != f.caught {
				continue
			}
			var r enginetest.Recorder
			c.Check(&r, f.spec, enginetest.Virtual(1))
			if len(r.Errors()) == 0 {
				t.Errorf("%s: %q lets it pass", f.name, f.caught)
			}
		}
	}
}

// unread is fenced with tokens shown by writes alone: an old holder can write between the next one's read and write.
type unread struct{ fenced }

func (s unread) move(ctx context.Context, t *txn) (engines.Outcome, error) {
	o, err := s.acquire(ctx, t)
	defer s.release(t)
	if o != engines.Unknown || err != nil {
		return o, err
	}
	if err := t.env.Step(ctx); err != nil {
		return engines.Unknown, err
	}
	t.read()
	if !t.fits() {
		return t.refuse(engines.SoldOut), nil
	}
	if err := t.env.Step(ctx, t.keys...); err != nil {
		return engines.Unknown, err
	}
	if !s.show(t) {
		return t.refuse(engines.Contended), nil
	}
	return t.write(), nil
}

// TestPausedHolders pauses callers for longer than their leases. The lock then oversells, and so does a fence that only
// writes pass; a fence that reads pass too does not, nor does a queue whose writers are paused.
func TestPausedHolders(t *testing.T) {
	for _, c := range []struct {
		spec      engines.Spec
		oversells bool
	}{
		{promising("lock"), true},
		{safe("unread", "", func(e *engine) strategy {
			return unread{fenced{make(leases, len(e.rows)), make([]uint64, len(e.rows))}}
		}), true},
		{promising("fenced"), false},
		{promising("queue"), false},
	} {
		most := int64(0)
		for seed := range uint64(40) {
			pause := 9*time.Millisecond + time.Duration(seed%8)*500*time.Microsecond // with its round trips, beyond the lease
			w := enginetest.VirtualWithPauses(seed, 0.3, pause)
			most = max(most, sellAll(t, c.spec, w))
		}
		if (most > stockAtHand) != c.oversells {
			t.Errorf("%s sold %d of %d units with holders paused past their leases: oversells %v, want %v",
				c.spec.Name, most, stockAtHand, most > stockAtHand, c.oversells)
		}
	}
}

const stockAtHand = 12

// sellAll lets a crowd buy, under leases of 10 ms, and returns how many units were sold.
func sellAll(t *testing.T, spec engines.Spec, w enginetest.World) (sold int64) {
	t.Helper()
	o := enginetest.Options{Opening: []int64{stockAtHand}, Tuning: engines.Tuning{Lease: 10 * time.Millisecond, Retries: 50}}
	w.Open(t, spec, o, func(h *enginetest.House) {
		h.AtOnce(24, func(i int) {
			if h.Do(sellOne(i)).Outcome == engines.Done {
				sold++
			}
		})
	})
	return sold
}
