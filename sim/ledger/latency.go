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
	// inTime are of operations that started when they were intended to, as nearly all of a virtual run do: recorded once, they go
	// into both of the others when those are read.
	inTime [2]*hdrhistogram.Histogram
}

func newLatencies() latencies {
	fresh := func() [2]*hdrhistogram.Histogram {
		return [2]*hdrhistogram.Histogram{hdrhistogram.New(1, slowest, 3), hdrhistogram.New(1, slowest, 3)}
	}
	return latencies{intended: fresh(), service: fresh(), inTime: fresh()}
}

// Intended are the latencies from the intended start, in microseconds, of the operations of customers that were served
// or refused. One whose answer was lost is in neither.
func (l *Ledger) Intended(served bool) *hdrhistogram.Histogram {
	l.latency.share()
	return l.latency.intended[refusedIf(!served)]
}

// Service is like Intended, from the actual start.
func (l *Ledger) Service(served bool) *hdrhistogram.Histogram {
	l.latency.share()
	return l.latency.service[refusedIf(!served)]
}

// share moves what is in inTime to where it belongs. The buckets are the same, so nothing is lost.
func (l *latencies) share() {
	for i, h := range l.inTime {
		if h.TotalCount() > 0 {
			l.intended[i].Merge(h)
			l.service[i].Merge(h)
			h.Reset()
		}
	}
}

func refusedIf(refused bool) int {
	if refused {
		return 1
	}
	return 0
}

// measure records how long a customer waited.
func (l *Ledger) measure(e *Entry) {
	if e.Resend {
		return // it was measured when it was answered first
	}
	if e.Reply.Outcome == engines.Unknown {
		l.totals.UnknownLatency++
		return
	}
	i := refusedIf(e.Reply.Outcome != engines.Done)
	felt := micros(e.End - e.Intended)
	record(l.series.latency[i], felt)
	if e.Start == e.Intended {
		record(l.latency.inTime[i], felt)
		return
	}
	record(l.latency.intended[i], felt)
	record(l.latency.service[i], micros(e.End-e.Start))
}

func micros(d time.Duration) int64 {
	return min(max(int64(d/time.Microsecond), 0), slowest)
}

func record(h *hdrhistogram.Histogram, us int64) {
	if err := h.RecordValue(us); err != nil {
		panic(err) // micros keeps within the histogram's range
	}
}
