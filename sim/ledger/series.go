package ledger

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/doorbuster/doorbuster/engines"
)

// Series are values for equal intervals of the day. All slices have the same length.
type Series struct {
	Interval       time.Duration
	Asked          []int64   // orders
	Promised       []int64   // orders
	SoldOut        []int64   // orders refused: not enough units
	OtherRefused   []int64   // orders refused for another reason
	SupplyUnits    []int64   // of the hot SKUs, at the end of the interval
	PromisedUnits  []int64   // of the hot SKUs: promised and their cancellation not asked for, at the end of the interval
	OversoldUnits  []int64   // of all SKUs, cumulative
	P50MS          []float64 // served, from the intended start; 0 if nothing was
	P99MS          []float64 // served, from the intended start
	RefusedP99MS   []float64 // refused, from the intended start
	OperationsPerS []float64
}

// series gathers one interval at a time.
type series struct {
	done    Series
	edge    time.Duration              // where the interval under way ends
	hot     []engines.SKU              // see Config
	latency [2]*hdrhistogram.Histogram // of the interval: served, refused

	asked, promised, soldOut, otherRefused, operations int64
	oversold                                           int64 // cumulative
}

// newSeries uses coarser histograms than the run's: they are emptied each interval, and a chart shows no third digit.
func newSeries(day, interval time.Duration, hot []engines.SKU) series {
	if interval <= 0 {
		interval = time.Minute
	}
	n := int(day/interval) + 64
	ints := func() []int64 { return make([]int64, 0, n) }
	floats := func() []float64 { return make([]float64, 0, n) }
	return series{
		edge:    interval,
		hot:     hot,
		latency: [2]*hdrhistogram.Histogram{hdrhistogram.New(1, slowest, 2), hdrhistogram.New(1, slowest, 2)},
		done: Series{
			Interval: interval,
			Asked:    ints(), Promised: ints(), SoldOut: ints(), OtherRefused: ints(),
			SupplyUnits: ints(), PromisedUnits: ints(), OversoldUnits: ints(),
			P50MS: floats(), P99MS: floats(), RefusedP99MS: floats(), OperationsPerS: floats(),
		},
	}
}

// Series are the intervals that are over.
func (l *Ledger) Series() Series { return l.series.done }

// Oversold adds to the units oversold so far. The audit calls it: the ledger doesn't judge.
func (l *Ledger) Oversold(units int64) { l.series.oversold += units }

// reach closes the intervals that end at t or before. What happens at an edge belongs to the interval that begins there.
func (l *Ledger) reach(t time.Duration) {
	for t >= l.series.edge {
		l.closeInterval()
	}
}

func (s *series) busy() bool {
	return s.asked+s.promised+s.soldOut+s.otherRefused+s.operations > 0
}

func (l *Ledger) closeInterval() {
	s := &l.series
	d := &s.done
	d.Asked = append(d.Asked, s.asked)
	d.Promised = append(d.Promised, s.promised)
	d.SoldOut = append(d.SoldOut, s.soldOut)
	d.OtherRefused = append(d.OtherRefused, s.otherRefused)
	var supply, promised int64
	for _, sku := range s.hot {
		supply += l.facts[sku].Supply
		promised += l.facts[sku].Promised
	}
	d.SupplyUnits = append(d.SupplyUnits, supply)
	d.PromisedUnits = append(d.PromisedUnits, promised)
	d.OversoldUnits = append(d.OversoldUnits, s.oversold)
	d.P50MS = append(d.P50MS, quantileMS(s.latency[0], 50))
	d.P99MS = append(d.P99MS, quantileMS(s.latency[0], 99))
	d.RefusedP99MS = append(d.RefusedP99MS, quantileMS(s.latency[1], 99))
	d.OperationsPerS = append(d.OperationsPerS, float64(s.operations)/d.Interval.Seconds())
	s.asked, s.promised, s.soldOut, s.otherRefused, s.operations = 0, 0, 0, 0, 0
	s.edge += d.Interval
	for _, h := range s.latency {
		if h.TotalCount() > 0 {
			h.Reset()
		}
	}
}

func quantileMS(h *hdrhistogram.Histogram, percent float64) float64 {
	if h.TotalCount() == 0 {
		return 0
	}
	return float64(h.ValueAtQuantile(percent)) / 1000
}
