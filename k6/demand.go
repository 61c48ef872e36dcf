package k6

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/common"
	"go.k6.io/k6/v2/js/modules"
	"go.k6.io/k6/v2/lib"

	"github.com/doorbuster/doorbuster/sim/result"
)

// demand is what new Demand gives to JavaScript. Its methods are described in index.d.ts.
type demand struct {
	vu      modules.VU
	shared  *shared
	gauges  *gauges
	playing *shopper    // who was taken last; nil: nobody was
	object  sobek.Value // playing, as JavaScript has it: to make one anew takes longer than to play
}

// newDemand is the constructor of Demand.
func (i *instance) newDemand(call sobek.ConstructorCall) *sobek.Object {
	rt := i.vu.Runtime()
	d, err := i.demand(call.Arguments)
	if err != nil {
		common.Throw(rt, err)
	}
	return rt.ToValue(d).ToObject(rt)
}

func (i *instance) demand(args []sobek.Value) (*demand, error) {
	init := i.vu.InitEnv()
	if init == nil || i.vu.State() != nil {
		return nil, errors.New("new Demand(): expected in the init context, outside of all functions")
	}
	s, err := readSettings(args)
	if err != nil {
		return nil, err
	}
	d := &demand{vu: i.vu}
	if d.shared, err = i.root.shared(s); err == nil {
		d.gauges, err = newGauges(init.Registry)
	}
	return d, err
}

// Scenarios gives k6's option scenarios: one for each channel, of its name.
func (d *demand) Scenarios() map[string]any { return d.shared.scenarios() }

// Thresholds gives k6's option thresholds.
func (d *demand) Thresholds() map[string][]string { return d.shared.settings.thresholds() }

// Open readies the engine.
func (d *demand) Open() error {
	state, err := d.state("open", "setup()")
	if err == nil {
		err = d.shared.open(d.vu.Context(), &state.Options)
	}
	return of("open", err)
}

// Prepare sets the opening stock for parts that share an engine, and nothing else.
func (d *demand) Prepare() error {
	if _, err := d.state("prepare", "setup()"); err != nil {
		return of("prepare", err)
	}
	return of("prepare", d.shared.prepare(d.vu.Context()))
}

// Next takes the next shopper of a channel, by default that of k6's scenario; null: no more will come.
func (d *demand) Next(channel sobek.Value) (sobek.Value, error) {
	state, err := d.state("next", "the function of a scenario")
	if err != nil {
		return nil, of("next", err)
	}
	s, err := d.next(state, channel)
	if err != nil {
		return nil, of("next", err)
	}
	if s == nil {
		return sobek.Null(), nil
	}
	return d.object, nil
}

func (d *demand) next(state *lib.State, channel sobek.Value) (*shopper, error) {
	scenario, run := lib.GetScenarioState(d.vu.Context()), d.shared.opened()
	switch {
	case scenario == nil:
		return nil, errors.New("not in setup() or teardown(): expected in the function of a scenario")
	case run == nil:
		return nil, errors.New("the demand is not open: expected a call of open() in setup()")
	}
	name := scenario.Name
	if channel != nil && !common.IsNullish(channel) {
		name = channel.String()
	}
	from, ok := d.shared.plan.Channel(name)
	if !ok {
		return nil, fmt.Errorf("channel: found %q: expected a k6 scenario with the name of a channel, or that name as the argument: one of %s", name, d.shared.channels())
	}
	if d.playing != nil {
		d.playing.Leave()
	}
	run.Begin(scenario.StartTime.Add(d.shared.lead()))
	s, err := run.Take(d.vu.Context(), from)
	if s == nil || err != nil {
		return nil, err
	}
	if d.playing == nil {
		d.playing = new(shopper)
		d.object = d.vu.Runtime().ToValue(d.playing)
	}
	d.playing.become(d, state, s, name)
	return d.playing, nil
}

// Audit ends the run, counts, and pushes the metrics. It gives the run as the result file has it.
func (d *demand) Audit() (sobek.Value, error) {
	state, err := d.state("audit", "teardown()")
	if err != nil {
		return nil, of("audit", err)
	}
	f, err := d.shared.close(d.vu.Context())
	if err != nil {
		return nil, of("audit", err)
	}
	r := &f.Runs[0]
	if err := d.gauges.audited(d.vu.Context(), state, r); err != nil {
		return nil, of("audit", err)
	}
	for _, why := range r.Invalid {
		state.Logger.Warn("doorbuster: the run proves nothing: " + why)
	}
	parsed, err := d.parsed(f)
	if err != nil {
		return nil, of("audit", err)
	}
	return parsed.ToObject(d.vu.Runtime()).Get("runs").ToObject(d.vu.Runtime()).Get("0"), nil
}

// Result gives the result file, as JSON. A run that was not audited before was cut short.
func (d *demand) Result() (string, error) {
	f, err := d.shared.close(d.context())
	if err != nil {
		return "", of("result", err)
	}
	var text bytes.Buffer
	err = result.Encode(&text, f)
	return text.String(), of("result", err)
}

// Summary gives what handleSummary returns: the result file, in the folder of the option out, and a few lines for the terminal.
func (d *demand) Summary() (map[string]any, error) {
	text, err := d.Result()
	if err != nil {
		return nil, err
	}
	f, err := d.shared.close(d.context())
	if err != nil {
		return nil, of("summary", err)
	}
	path := filepath.Join(d.shared.settings.Out, "result.json")
	return map[string]any{path: text, "stdout": inWords(&f.Runs[0], path)}, nil
}

// inWords is a run for the terminal.
func inWords(r *result.Run, path string) string {
	lines := []string{fmt.Sprintf("%s: %s", r.Engine, r.Verdict)}
	for _, why := range r.Invalid {
		lines = append(lines, "proves nothing: "+why)
	}
	for _, c := range r.Checks {
		switch {
		case c.Verdict != result.Fail:
		case c.Promised:
			lines = append(lines, fmt.Sprintf("failed: %s: %s", c.Name, c.Detail))
		default:
			lines = append(lines, fmt.Sprintf("failed, and not promised: %s: %s", c.Name, c.Detail))
		}
	}
	lines = append(lines,
		fmt.Sprintf("orders: %d promised, %d refused, %d of them falsely; units oversold: %d", r.Orders.Promised, r.Orders.Refused, r.Orders.RefusedFalsely, r.Units.Oversold.Min),
		fmt.Sprintf("served, from the intended start: p50 %.1f ms, p99 %.1f ms; dropped %d of %d operations", r.LatencyMS.Intended.P50, r.LatencyMS.Intended.P99, r.Load.Dropped, r.Load.Planned),
		"result: "+path)
	return strings.Join(lines, "\n") + "\n"
}

// parsed is a file as JavaScript has it.
func (d *demand) parsed(f *result.File) (sobek.Value, error) {
	var text bytes.Buffer
	if err := result.Encode(&text, f); err != nil {
		return nil, err
	}
	parse, _ := sobek.AssertFunction(d.vu.Runtime().Get("JSON").ToObject(d.vu.Runtime()).Get("parse"))
	return parse(sobek.Undefined(), d.vu.Runtime().ToValue(text.String()))
}

// state is the virtual user's. In the init context there is none, and no I/O.
func (d *demand) state(method, where string) (*lib.State, error) {
	state := d.vu.State()
	if state == nil {
		return nil, fmt.Errorf("it does I/O, which the init context doesn't allow: expected %s in %s", method, where)
	}
	return state, nil
}

// context of the virtual user; handleSummary has one, too.
func (d *demand) context() context.Context { return d.vu.Context() }

func of(method string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("Demand.%s(): %w", method, err)
}

// channels of the scenario, for people.
func (d *shared) channels() string {
	var names []string
	for _, s := range d.stages {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

// prepare opens the engine, sets the stock and closes it.
func (d *shared) prepare(ctx context.Context) error {
	spec, release, err := connect(ctx, d.settings)
	if err != nil {
		return err
	}
	return errors.Join(d.plan.Stock(ctx, spec), release())
}
