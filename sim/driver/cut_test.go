package driver_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/driver"
	"github.com/doorbuster/doorbuster/sim/ledger"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// When a day is cut short, each operation inside the engine is answered, whether a coroutine or an event waits for it: nothing is known of it.
func TestCutDayAnswersWhatIsInside(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	sc := parse(t, append(busy, "storage.rtt=3s", "storage.pool=100000")...)
	open, unknown := map[engines.OpID]bool{}, map[engines.Kind]int{}
	v, err := driver.NewVirtual(ctx, driver.Config{
		Scenario: sc, Demand: workload.New(sc, 1), Engine: strategy(t, "conditional"), Seed: 1, Interval: time.Minute,
		Judge: witness{
			asked: func(e *ledger.Entry) {
				if open[e.Op.ID] = true; len(open) > 20 && e.Op.Kind == engines.Ship {
					cancel()
				}
			},
			answered: func(e *ledger.Entry) {
				if !e.Resend {
					delete(open, e.Op.ID)
				}
				if e.Reply.Outcome == engines.Unknown {
					unknown[e.Op.Kind]++
				}
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Run(); !errors.Is(err, context.Canceled) {
		t.Fatalf("ended with %v, want %v", err, context.Canceled)
	}
	if len(open) > 0 {
		t.Errorf("%d operations have no answer", len(open))
	}
	if unknown[engines.Sell] == 0 || unknown[engines.Confirm]+unknown[engines.Ship] == 0 {
		t.Errorf("unknown are %v: want some of each way to wait", unknown)
	}
}
