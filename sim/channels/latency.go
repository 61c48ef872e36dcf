package channels

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// slowest is the longest update latency that is told apart.
const slowest = 24 * time.Hour

// Series is the update latency of the movements of each interval of the day, in milliseconds. All slices have the same length.
type Series struct {
	Interval  time.Duration
	Movements []int64
	P50MS     []float64 // 0 without movements
	P99MS     []float64
}

// latencies are from a movement until every channel that is synchronised displays it or something newer: the whole day in
// microseconds, each interval in milliseconds with two digits (20 KB). A movement can be told late, so no interval is ever closed.
type latencies struct {
	interval time.Duration
	day      *hdrhistogram.Histogram
	of       []*hdrhistogram.Histogram // by interval; nil: no movement
}

func (l *latencies) init(interval time.Duration) {
	if interval <= 0 {
		interval = time.Minute
	}
	l.interval = interval
	l.day = hdrhistogram.New(1, slowest.Microseconds(), 3)
}

func (l *latencies) record(at, latest time.Duration) {
	d := min(latest-at, slowest)
	i := int(at / l.interval)
	for i >= len(l.of) {
		l.of = append(l.of, nil)
	}
	if l.of[i] == nil {
		l.of[i] = hdrhistogram.New(1, slowest.Milliseconds(), 2)
	}
	count(l.day, d.Microseconds())
	count(l.of[i], d.Milliseconds())
}

func count(h *hdrhistogram.Histogram, v int64) {
	if err := h.RecordValue(v); err != nil {
		panic(err) // slowest is within the range
	}
}

// UpdateLatency is the time from a movement until every channel that is synchronised by messages or snapshots displays it or
// something newer, in microseconds. Movements that some channel has not displayed yet are not in it: see Stats.NeverShown.
func (m *Market) UpdateLatency() *hdrhistogram.Histogram { return m.latency.day }

// UpdateSeries is UpdateLatency by the interval in which the movement was.
func (m *Market) UpdateSeries() Series {
	l := &m.latency
	s := Series{
		Interval: l.interval, Movements: make([]int64, len(l.of)), P50MS: make([]float64, len(l.of)), P99MS: make([]float64, len(l.of)),
	}
	for i, h := range l.of {
		if h != nil {
			s.Movements[i] = h.TotalCount()
			s.P50MS[i], s.P99MS[i] = float64(h.ValueAtQuantile(50)), float64(h.ValueAtQuantile(99))
		}
	}
	return s
}

// glimpse is a movement that has not come to every webhook yet, and when the last of the other channels displays it.
type glimpse struct{ at, latest time.Duration }

// window holds the movements of one SKU that webhooks have not brought to every channel, up to the latest, in order. A message heals
// what was lost before it, so that there are no more than come within a delay, or while a receiver doesn't listen.
type window struct {
	list []glimpse
	gone int // from the front
}

func (w *window) push(g glimpse) { w.list = append(w.list, g) }

func (w *window) len() int { return len(w.list) - w.gone }

func (w *window) pop() glimpse {
	g := w.list[w.gone]
	if w.gone++; 2*w.gone >= len(w.list) {
		w.list = w.list[:copy(w.list, w.list[w.gone:])]
		w.gone = 0
	}
	return g
}
