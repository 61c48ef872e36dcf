package gateway

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

const (
	kindCount    = int(engines.Expire) + 1
	outcomeCount = int(engines.Conflict) + 1
)

// bounds of the latency histogram, in seconds; the last bucket has none.
var bounds = [...]float64{
	0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
}

// metrics count what passed through. All of it is counted from the start, zeros included, so that a rate has its beginning.
type metrics struct {
	operations [kindCount][outcomeCount]atomic.Int64
	latency    [outcomeCount]histogram
	problems   map[string]*atomic.Int64 // by type
}

type histogram struct {
	buckets [len(bounds) + 1]atomic.Int64
	sumNS   atomic.Int64
}

func newMetrics() *metrics {
	m := &metrics{problems: map[string]*atomic.Int64{}}
	for _, c := range causes {
		m.problems[typePrefix+c.name] = new(atomic.Int64)
	}
	return m
}

// done counts an operation that the engine answered, or that it left unknown.
func (m *metrics) done(k engines.Kind, o engines.Outcome, took time.Duration) {
	m.operations[k][o].Add(1)
	h := &m.latency[o]
	i := 0
	for i < len(bounds) && took.Seconds() > bounds[i] {
		i++
	}
	h.buckets[i].Add(1)
	h.sumNS.Add(int64(took))
}

// expose answers with the counters in Prometheus' text format.
func (s *Server) expose(w http.ResponseWriter) {
	var b bytes.Buffer
	head(&b, "doorbuster_operations_total", "counter", "Operations that reached the engine, by kind and outcome.")
	for _, k := range engines.Kinds() {
		for o := range outcomeCount {
			fmt.Fprintf(&b, "doorbuster_operations_total{kind=%q,outcome=%q} %d\n", k, engines.Outcome(o), s.metrics.operations[k][o].Load())
		}
	}
	head(&b, "doorbuster_operation_seconds", "histogram", "Time that operations spent in the engine, by outcome.")
	for o := range outcomeCount {
		s.metrics.latency[o].expose(&b, engines.Outcome(o).String())
	}
	head(&b, "doorbuster_problems_total", "counter", "Requests that were answered with a problem, by its type.")
	for _, c := range causes {
		fmt.Fprintf(&b, "doorbuster_problems_total{type=%q} %d\n", c.name, s.metrics.problems[typePrefix+c.name].Load())
	}
	head(&b, "doorbuster_requests_in_flight", "gauge", "Requests that wait for the engine now.")
	fmt.Fprintf(&b, "doorbuster_requests_in_flight %d\n", len(s.slots))
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // a caller who has gone hears nothing
}

func head(b *bytes.Buffer, name, kind, help string) {
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

func (h *histogram) expose(b *bytes.Buffer, outcome string) {
	const name = "doorbuster_operation_seconds"
	sum := int64(0)
	for i := range h.buckets {
		sum += h.buckets[i].Load()
		le := "+Inf"
		if i < len(bounds) {
			le = strconv.FormatFloat(bounds[i], 'g', -1, 64)
		}
		fmt.Fprintf(b, "%s_bucket{outcome=%q,le=%q} %d\n", name, outcome, le, sum)
	}
	fmt.Fprintf(b, "%s_sum{outcome=%q} %g\n", name, outcome, time.Duration(h.sumNS.Load()).Seconds())
	fmt.Fprintf(b, "%s_count{outcome=%q} %d\n", name, outcome, sum)
}
