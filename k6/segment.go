package k6

import (
	"fmt"
	"strings"

	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/lib/executor"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/driver"
)

// hosting says which part of the demand this process plays: that of its execution segment.
func (d *shared) hosting(options *lib.Options) (sim.Hosting, error) {
	segment := options.ExecutionSegment
	whole := segment == nil || segment.Equal(nil)
	switch {
	case whole && !d.settings.Part:
		return sim.Hosting{Lead: 2 * d.lead()}, nil
	case whole:
		return sim.Hosting{Segment: segment.String(), Lead: 2 * d.lead()}, nil
	case !d.settings.Part:
		return sim.Hosting{}, fmt.Errorf("k6 runs the segment %v of the demand: expected the option part: true, and a folder of its own in the option out", segment)
	}
	owned, err := d.owned(options)
	if err != nil {
		return sim.Hosting{}, err
	}
	name := segment.String()
	part := driver.Part{Own: owned.has, Later: !strings.HasPrefix(name, "0:")}
	return sim.Hosting{Segment: name, Part: part, Lead: 2 * d.lead()}, nil
}

// shares say which of a channel's shoppers are ours, by their number modulo so many.
type shares map[engines.Channel][]bool

func (s shares) has(from engines.Channel, n uint64) bool {
	of := s[from]
	return len(of) > 0 && of[n%uint64(len(of))]
}

// owned are the shoppers whose iterations k6 starts in this process: the same striping as its arrival-rate executors use.
func (d *shared) owned(options *lib.Options) (shares, error) {
	tuple, err := lib.NewExecutionTuple(options.ExecutionSegment, options.ExecutionSegmentSequence)
	if err != nil {
		return nil, fmt.Errorf("execution segment %v of %v: %w", options.ExecutionSegment, options.ExecutionSegmentSequence, err)
	}
	all := shares{}
	for _, s := range d.stages {
		its := tuple
		if c, ok := options.Scenarios[s.Name].(*executor.RampingArrivalRateConfig); ok {
			if its, err = tuple.GetNewExecutionTupleFromValue(c.MaxVUs.Int64); err != nil {
				continue // too few virtual users for all segments: this one starts none of the channel's iterations
			}
		}
		all[s.Channel] = striped(its)
	}
	return all, nil
}

// striped are the iterations of a segment, within one round of all segments.
func striped(t *lib.ExecutionTuple) []bool {
	start, offsets, round := t.GetStripedOffsets()
	ours := make([]bool, round)
	at := start
	for _, offset := range offsets {
		ours[at%round] = true
		at += offset
	}
	return ours
}
