package enginetest

import (
	"context"
	"errors"

	"github.com/doorbuster/doorbuster/engines"
)

var errFuse = errors.New("the connection was cut")

// fuse cuts the connection to storage after a number of round trips.
type fuse struct{ left int }

// arm lets so many round trips through; below 0, all.
func (f *fuse) arm(steps int) { f.left = steps }

// tap puts the fuse between an engine and its world.
func (f *fuse) tap(env engines.Env) engines.Env {
	f.arm(-1)
	if s, ok := env.(engines.Shared); ok {
		return fusedShared{fused{env, f}, s}
	}
	return fused{env, f}
}

type fused struct {
	engines.Env
	fuse *fuse
}

func (e fused) Step(ctx context.Context, writes ...engines.Key) error {
	if e.fuse.left == 0 {
		return errFuse
	}
	if e.fuse.left > 0 {
		e.fuse.left--
	}
	return e.Env.Step(ctx, writes...)
}

type fusedShared struct {
	fused
	shared engines.Shared
}

func (e fusedShared) Enter() { e.shared.Enter() }
func (e fusedShared) Leave() { e.shared.Leave() }
