package sweep

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// Limits of a plan.
const (
	maxPoints = int64(1e12) // so that positions can be counted
	maxSample = int64(1e6)  // a sample is kept in memory
)

// Plan is the points of a sweep. They are worked out one by one: a plan of any size takes next to no memory.
//
// Points come in a fixed order that is mixed up, so that what is done of a sweep that was cut short is spread over all of it, and
// every shard gets its share of quick and slow points.
type Plan struct {
	axes   []axis
	cells  int64 // of the full grid
	sample int64 // as asked for; 0: the full grid
	seed   uint64
	shard  Shard
	order  shuffle         // of the full grid
	chosen []int64         // cells of a sample, in order
	place  map[int64]int64 // of these cells
}

// Point is one combination of values.
type Point struct {
	Place    int64 // in the order of the whole sweep
	Settings result.Settings
}

// NewPlan reads the --set list. A sample above 0 is a Latin hypercube of so many points, drawn from seed; two of its points that
// fall together count once.
func NewPlan(set []string, sample int64, seed uint64, shard Shard) (*Plan, error) {
	if sample < 0 || sample > maxSample {
		return nil, fmt.Errorf("--sample %d: expected 1 to %d points, or 0 for the full grid", sample, maxSample)
	}
	p := &Plan{sample: sample, cells: 1, shard: shard}
	for _, s := range set {
		a, err := parseAxis(s)
		if err == nil {
			err = p.add(a)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(p.axes) == 0 {
		return nil, fmt.Errorf("nothing to sweep: expected --set KEY=VALUES, as in --set buffers.z=0:3:0.5")
	}
	p.order = newShuffle(p.cells, 0)
	if sample > 0 && sample < p.cells {
		p.seed = seed
		p.draw()
	}
	return p, nil
}

func (p *Plan) add(a axis) error {
	if slices.ContainsFunc(p.axes, func(b axis) bool { return b.key == a.key }) {
		return fmt.Errorf("--set %s=%s: %s is set twice: expected all of its values in one --set", a.key, a.text, a.key)
	}
	if n := a.values.len(); n > maxPoints/p.cells {
		return fmt.Errorf("--set %s=%s makes more than %d points", a.key, a.text, maxPoints)
	}
	p.cells *= a.values.len()
	p.axes = append(p.axes, a)
	return nil
}

// draw takes a Latin hypercube: along every axis the points are spread evenly, each in a stratum of its own.
func (p *Plan) draw() {
	jitter := rand.New(rand.NewPCG(p.seed, uint64(p.sample)))
	p.place = make(map[int64]int64, p.sample)
	for i := range p.sample {
		cell := int64(0)
		for k, a := range p.axes {
			stratum := newShuffle(p.sample, jitterKey(p.seed, k)).at(i)
			u := (float64(stratum) + jitter.Float64()) / float64(p.sample)
			cell = cell*a.values.len() + min(int64(u*float64(a.values.len())), a.values.len()-1)
		}
		if _, twice := p.place[cell]; !twice {
			p.place[cell] = int64(len(p.chosen))
			p.chosen = append(p.chosen, cell)
		}
	}
}

// jitterKey gives each axis an order of its strata of its own.
func jitterKey(seed uint64, axis int) uint64 { return (seed+1)*0xd1342543de82ef95 + uint64(axis+1) }

// Points counts those of the whole sweep, all shards together.
func (p *Plan) Points() int64 {
	if p.place != nil {
		return int64(len(p.chosen))
	}
	return p.cells
}

// Mine counts those of this shard.
func (p *Plan) Mine() int64 { return p.shard.share(p.Points()) }

// All yields this shard's points.
func (p *Plan) All() iter.Seq[Point] {
	return func(yield func(Point) bool) {
		for place := p.shard.first(); place < p.Points(); place += p.shard.stride() {
			if !yield(Point{place, p.settings(p.cell(place))}) {
				return
			}
		}
	}
}

func (p *Plan) cell(place int64) int64 {
	if p.place != nil {
		return p.chosen[place]
	}
	return p.order.at(place)
}

// settings are the values of a cell of the grid, which counts through the last axis first.
func (p *Plan) settings(cell int64) result.Settings {
	s := make(result.Settings, len(p.axes))
	for k := len(p.axes) - 1; k >= 0; k-- {
		a := &p.axes[k]
		s[k] = result.Setting{Key: a.key, Value: a.values.at(cell % a.values.len())}
		cell /= a.values.len()
	}
	return s
}

// Label names a point by the values that vary.
func (p *Plan) Label(s result.Settings) string {
	var varying result.Settings
	for k, a := range p.axes {
		if a.values.len() > 1 {
			varying = append(varying, s[k])
		}
	}
	return varying.String()
}

// Place finds a point by its settings; false: it is none of this shard's.
func (p *Plan) Place(s result.Settings) (int64, bool) {
	if len(s) != len(p.axes) {
		return 0, false
	}
	cell := int64(0)
	for k, a := range p.axes {
		i := a.values.index(s[k].Value)
		if s[k].Key != a.key || i < 0 {
			return 0, false
		}
		cell = cell*a.values.len() + i
	}
	place, ok := p.place[cell]
	if p.place == nil {
		place, ok = p.order.of(cell), true
	}
	return place, ok && p.shard.has(place)
}

// Describe is the plan as a result file has it.
func (p *Plan) Describe() result.Sweep {
	d := result.Sweep{Points: p.Points(), Shard: p.shard.String()}
	for _, a := range p.axes {
		d.Axes = append(d.Axes, result.Axis{Key: a.key, Values: a.text})
	}
	if p.place != nil {
		d.Sample, d.Seed = p.sample, p.seed
	}
	return d
}

// Keys are those of the axes.
func (p *Plan) Keys() []string {
	keys := make([]string, len(p.axes))
	for i, a := range p.axes {
		keys[i] = a.key
	}
	return keys
}

// String says what is swept, as typed.
func (p *Plan) String() string {
	words := make([]string, len(p.axes))
	for i, a := range p.axes {
		words[i] = fmt.Sprintf("%s (%d)", a.key, a.values.len())
	}
	return strings.Join(words, " × ")
}
