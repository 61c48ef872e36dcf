package ledger

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/doorbuster/doorbuster/engines"
)

// slowest is the longest latency that is told apart, in microseconds: an hour.
const slowest = int64(time.Hour / time.Microsecond)

// latencies are of Reserve, Confirm and Sell, which customers wait for, in microseconds.
type latencies struct {
	intended, service [2]*hdrhistogram.Histogram // served, refused
}

func newLatencies() latencies {
	fresh := func() *hdrhistogram.Histogram { return hdrhistogram.New(1, slowest, 3) }
	return latencies{
		intended: [2]*hdrhistogram.Histogram{fresh(), fresh()},
		service:  [2]*hdrhistogram.Histogram{fresh(), fresh()},
	}
}

// Intended are the latencies from the intended start, in microseconds, of the operations of customers that were served
// or refused. One whose answer was lost is in neither.
func (l *Ledger) Intended(served bool) *hdrhistogram.Histogram {
	return l.latency.intended[refusedIf(!served)]
}

// Service is like Intended, from the actual start.
func (l *Ledger) Service(served bool) *hdrhistogram.Histogram {
	return l.latency.service[refusedIf(!served)]
}

func refusedIf(refused bool) int {
	if refused {
		return 1
	}
	return 0
}

// measure records how long a customer waited.
func (l *Ledger) measure(e *Entry) {
	switch e.Op.Kind {
	case engines.Reserve, engines.Confirm, engines.Sell:
	default:
		return
	}
	if e.Reply.Outcome == engines.Unknown {
		l.totals.UnknownLatency++
		return
	}
	i := refusedIf(e.Reply.Outcome != engines.Done)
	felt := micros(e.End - e.Intended)
	record(l.latency.intended[i], felt)
	record(l.latency.service[i], micros(e.End-e.Start))
	record(l.series.latency[i], felt)
}

func micros(d time.Duration) int64 {
	return min(max(int64(d/time.Microsecond), 0), slowest)
}

func record(h *hdrhistogram.Histogram, us int64) {
	if err := h.RecordValue(us); err != nil {
		panic(err) // micros keeps within the histogram's range
	}
}
