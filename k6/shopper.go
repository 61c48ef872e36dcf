package k6

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/common"
	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/metrics"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/gateway"
	"github.com/doorbuster/doorbuster/sim/driver"
)

// shopper is who Demand.next gives to JavaScript, until it is called again.
type shopper struct {
	Number     uint64
	Order      uint64
	Channel    string
	IntendedMS float64 `js:"intended_ms"`

	demand *demand
	state  *lib.State
	player *driver.Shopper
	tags   *metrics.TagSet
}

// become makes s the shopper who was taken.
func (s *shopper) become(d *demand, state *lib.State, taken *driver.Shopper, channel string) {
	tags := s.tags
	if tags == nil || s.Channel != channel {
		tags = d.gauges.tags(d.shared.opened().Engine().Name, channel)
	}
	*s = shopper{
		Number: taken.Number, Order: uint64(taken.Order), Channel: channel, IntendedMS: milliseconds(taken.At),
		demand: d, state: state, player: taken, tags: tags,
	}
}

// operation is what Shopper.next gives to JavaScript.
type operation struct {
	ID         string `js:"id"`
	Key        string
	Body       string
	Kind       string
	Order      uint64
	Lines      []line
	IntendedMS float64 `js:"intended_ms"`

	shopper *shopper
}

type line struct {
	SKU  uint32 `js:"sku"`
	Name string
	Qty  int32
}

// Next waits until the shopper's next operation is due; null: there is none.
func (s *shopper) Next() (sobek.Value, error) {
	op, err := s.player.Next(s.demand.vu.Context())
	if err != nil {
		return nil, fmt.Errorf("Shopper.next(): %w", err)
	}
	if op == nil {
		return sobek.Null(), nil
	}
	return s.demand.vu.Runtime().ToValue(s.operation(op)), nil
}

func (s *shopper) operation(op *engines.Op) *operation {
	key, body := gateway.Request(op)
	o := &operation{
		ID: key, Key: key, Body: string(body), Kind: op.Kind.String(), Order: uint64(op.Order),
		IntendedMS: milliseconds(s.player.Intended()), shopper: s,
	}
	for _, l := range op.Lines {
		o.Lines = append(o.Lines, line{uint32(l.SKU), s.demand.shared.plan.Names(l.SKU), l.Qty})
	}
	return o
}

// Play does all that the shopper wants done on the demand's engine.
func (s *shopper) Play() error {
	for {
		op, err := s.player.Next(s.demand.vu.Context())
		if err != nil {
			return fmt.Errorf("Shopper.play(): %w", err)
		}
		if op == nil {
			return nil
		}
		_, _ = s.do() // its errors are in the result
	}
}

// do has the engine do the operation. Its errors are the run's to count: what they mean to the shopper is that the outcome is unknown.
func (s *shopper) do() (engines.Outcome, error) {
	outcome, took, err := s.player.Do()
	s.took(outcome, took)
	return outcome, err
}

// took notes the latency of an operation that was served.
func (s *shopper) took(outcome engines.Outcome, took time.Duration) {
	if outcome == engines.Done {
		s.demand.gauges.took(s.demand.vu.Context(), s.state, s.tags, took)
	}
}

// Leave ends the playing early.
func (s *shopper) Leave() { s.player.Leave() }

// Do has the demand's engine do the operation, and gives the outcome.
func (o *operation) Do() string {
	outcome, _ := o.shopper.do()
	return outcome.String()
}

// Told records what the shopper was told by somebody else: an outcome, or a reply of doorbuster serve; null: nothing came.
func (o *operation) Told(what sobek.Value) error {
	reply, lost, err := told(what)
	if err != nil {
		return fmt.Errorf("Operation.told(): %w", err)
	}
	took, err := o.shopper.player.Told(reply, lost)
	if err != nil {
		return fmt.Errorf("Operation.told(): %w", err)
	}
	o.shopper.took(reply.Outcome, took)
	return nil
}

// errNothing is what the run counts where the shopper was told nothing.
var errNothing = errors.New("no answer, as the script says")

func told(what sobek.Value) (reply engines.Reply, lost, err error) {
	if what == nil || common.IsNullish(what) {
		return reply, errNothing, nil
	}
	value := what.Export()
	if outcome, ok := value.(string); ok {
		value = map[string]any{"outcome": outcome}
	}
	if _, ok := value.(map[string]any); !ok {
		return reply, nil, fmt.Errorf("found %v: expected an outcome such as %q, the reply of doorbuster serve, or null for no answer", what, engines.Done)
	}
	text, err := json.Marshal(value)
	if err == nil {
		reply, err = gateway.Reply(text)
	}
	return reply, nil, err
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
