package sim_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/catalog"
	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
)

// A run that is cut short passes nothing, whatever it has shown so far.
func TestCancelledRunIsUnknown(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	o := sim.Options{Scenario: flashSale(t), Engines: memory(t, "conditional", "queue"), Catalog: catalog.All(), Workers: 1}
	o.Progress = func(p sim.Progress) {
		if p.Operations > 1000 {
			cancel()
		}
	}
	f, err := sim.Run(ctx, o)
	if !errors.Is(err, context.Canceled) || f == nil || f.Complete {
		t.Fatalf("got the error %v and the file %v; want the context's error and a file that is not complete", err, f)
	}
	if n := f.Runs[0].Operations; n <= 1000 || n > 15_000 {
		t.Errorf("the first run was cancelled after %d operations; this tests nothing", n)
	}
	for i := range f.Runs {
		r := &f.Runs[i]
		if r.Complete || r.Valid || r.Verdict != result.Unknown || r.Error != "interrupted" {
			t.Errorf("%s: complete %v, valid %v, verdict %s, error %q", r.Engine, r.Complete, r.Valid, r.Verdict, r.Error)
		}
		for _, c := range r.Checks {
			if c.Verdict == result.Pass {
				t.Errorf("%s: %s passes in a run that was cut short", r.Engine, c.Name)
			}
		}
	}
}

// fused is an engine that panics in one of its functions.
type fused struct {
	engines.Engine
	left  int // operations until then
	books bool
}

func (e *fused) Do(ctx context.Context, op engines.Op) (engines.Reply, error) {
	if e.left--; e.left == 0 {
		e.blow()
	}
	return e.Engine.Do(ctx, op)
}

func (e *fused) Books(ctx context.Context) (engines.Books, error) {
	if e.books {
		e.blow()
	}
	return e.Engine.Books(ctx)
}

func (e *fused) blow() { panic("the fuse is blown") }

func fusedSpec(t *testing.T, name string, fuse fused) engines.Spec {
	spec := memory(t, "conditional")[0]
	spec.Name = "memory/" + name
	return behind(spec, func(e engines.Engine) engines.Engine {
		blown := fuse
		blown.Engine = e
		return &blown
	})
}

// An engine that panics costs its own run. The error names the function, and the other runs are as they would be without it.
func TestPanicOfAnEngineStopsItsRunAlone(t *testing.T) {
	good := memory(t, "conditional")[0]
	for _, bad := range []engines.Spec{
		fusedSpec(t, "blows-in-do", fused{left: 3000}),
		fusedSpec(t, "blows-in-books", fused{books: true}),
	} {
		f := run(t, sim.Options{Scenario: flashSale(t), Engines: []engines.Spec{bad, good}})
		r := of(t, f, bad.Name)
		if r.Complete || r.Valid || r.Verdict != result.Unknown || f.Complete {
			t.Errorf("%s: complete %v, valid %v, verdict %s, the file complete %v", r.Engine, r.Complete, r.Valid, r.Verdict, f.Complete)
		}
		for _, part := range []string{"the fuse is blown", "(*fused).blow"} {
			if !strings.Contains(r.Error, part) {
				t.Errorf("%s: the error has no %q:\n%s", r.Engine, part, r.Error)
			}
		}
		if other := of(t, f, good.Name); !other.Complete || !other.Valid || other.Verdict != result.Pass || other.Orders.Promised == 0 {
			t.Errorf("beside %s: complete %v, valid %v, verdict %s", bad.Name, other.Complete, other.Valid, other.Verdict)
		}
	}
}

// flawed is an engine whose books can't be read, or which can't be closed.
type flawed struct {
	engines.Engine
	books, closing error
}

func (e flawed) Books(ctx context.Context) (engines.Books, error) {
	if e.books != nil {
		return engines.Books{}, e.books
	}
	return e.Engine.Books(ctx)
}

func (e flawed) Close() error { return errors.Join(e.Engine.Close(), e.closing) }

// An engine that can't be opened, has no books to show or can't be closed proves nothing, whatever its answers were.
func TestEngineThatFailsIsUnknown(t *testing.T) {
	full := errors.New("the disk is full")
	wrapped := func(name string, flaw flawed, opening error) engines.Spec {
		spec := memory(t, "conditional")[0]
		open := spec.Open
		spec.Name = "memory/" + name
		spec.Open = func(ctx context.Context, s engines.Setup) (engines.Engine, error) {
			e, err := open(ctx, s)
			flaw.Engine = e
			return flaw, errors.Join(err, opening)
		}
		return spec
	}
	specs := []engines.Spec{
		wrapped("closed", flawed{}, full), wrapped("bookless", flawed{books: full}, nil), wrapped("unclosable", flawed{closing: full}, nil),
	}
	f := run(t, sim.Options{Scenario: flashSale(t), Engines: specs})
	for _, spec := range specs {
		if r := of(t, f, spec.Name); r.Verdict != result.Unknown || !strings.Contains(r.Error, "the disk is full") {
			t.Errorf("%s: verdict %s, error %q", spec.Name, r.Verdict, r.Error)
		}
	}
}
