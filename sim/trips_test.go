package sim_test

import (
	"bytes"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim"
)

// counted is an engine whose trips are counted.
type counted struct {
	engines.Tripper
	trips *int
}

func (c counted) Trip(op *engines.Op) engines.Trip {
	trip := c.Tripper.Trip(op)
	if trip != nil {
		*c.trips++
	}
	return trip
}

// plain is an engine that tells nothing of its operations beforehand: each is a coroutine.
type plain struct{ engines.Engine }

// An operation of one round trip ends when and as it would end as a coroutine: behind rows that others write, through pauses, in every strategy.
func TestTripsChangeNothing(t *testing.T) {
	sc := flashSale(t, "faults={pause_share: 0.01, pause_for: 8s}", "storage.row_write=2ms", "storage.servers=2")
	for _, spec := range memory(t) {
		trips := 0
		play := func(front func(engines.Engine) engines.Engine) (file []byte, coroutines int) {
			o := sim.Options{Scenario: sc, Engines: []engines.Spec{behind(spec, front)}}
			f := run(t, o)
			r := of(t, f, spec.Name)
			coroutines, r.Load.CoroutinesPeak = r.Load.CoroutinesPeak, 0
			return written(t, f), coroutines
		}
		with, some := play(func(e engines.Engine) engines.Engine { return counted{e.(engines.Tripper), &trips} })
		without, more := play(func(e engines.Engine) engines.Engine { return plain{e} })
		if !bytes.Equal(with, without) {
			t.Errorf("%s: %s", spec.Name, difference(with, without))
		}
		if trips < 1000 || some > more {
			t.Errorf("%s: %d operations were trips; %d coroutines were needed with them, %d without", spec.Name, trips, some, more)
		}
	}
}
