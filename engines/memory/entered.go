package memory

import (
	"context"
	"iter"

	"github.com/doorbuster/doorbuster/engines"
)

// entered is an engine in a world in which goroutines run at once: one of them is inside at a time. It leaves even if a strategy panics.
type entered struct {
	*engine
	world engines.Shared
}

func (e entered) Reset(ctx context.Context, opening []int64) error {
	e.world.Enter()
	defer e.world.Leave()
	return e.engine.Reset(ctx, opening)
}

func (e entered) Do(ctx context.Context, op engines.Op) (engines.Reply, error) {
	e.world.Enter()
	defer e.world.Leave()
	return e.engine.Do(ctx, op)
}

func (e entered) Books(ctx context.Context) (engines.Books, error) {
	b, err := e.engine.Books(ctx)
	outcome := func(id engines.OpID) (engines.Outcome, error) {
		e.world.Enter()
		defer e.world.Leave()
		return b.Outcome(id)
	}
	return engines.Books{Stock: within(e.world, b.Stock), Grants: within(e.world, b.Grants), Outcome: outcome}, err
}

// within is a sequence that is ranged over inside.
func within[T any](world engines.Shared, seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		world.Enter()
		defer world.Leave()
		seq(yield)
	}
}
