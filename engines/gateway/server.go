// Package gateway puts an engine behind HTTP and back: Server answers for any engine, and Client is an engine whose
// storage is such a server. What travels is described in openapi.yaml.
//
// A status says what became of an operation. 200 is the engine's own answer, with an outcome, be it done or sold out. Any other
// comes with a problem (RFC 9457), and a problem's effect says whether the operation may have happened all the same.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// Options say what is served, and how much of it at once.
type Options struct {
	Name     string // the engine's, for people: backend/strategy
	Resets   bool   // POST /v1/reset is allowed
	InFlight int    // requests that may wait for the engine at once; 0: DefaultInFlight
	Timeout  time.Duration
}

// What is served unless Options say otherwise.
const (
	DefaultInFlight = 1024
	DefaultTimeout  = 10 * time.Second
)

// The limits to what a request may hold.
const (
	maxBody      = 64 << 10 // bytes
	maxResetBody = 16 << 20
	maxLines     = 1000
	maxSKUs      = 1 << 20
)

// Server answers for one engine. It needs an opening stock (see Reset) before it sells anything.
type Server struct {
	engine  engines.Engine
	options Options
	slots   chan struct{} // one for each request that waits for the engine
	metrics *metrics

	mu   sync.RWMutex // held for reading by operations: books and resets wait until nothing is in flight, and keep it so
	skus atomic.Int64 // in the catalog; changes under mu
}

// New returns a Server for an engine, which stays its caller's to close.
func New(engine engines.Engine, o Options) *Server {
	if o.InFlight == 0 {
		o.InFlight = DefaultInFlight
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	return &Server{engine: engine, options: o, slots: make(chan struct{}, o.InFlight), metrics: newMetrics()}
}

// Reset sets the engine's opening stock, in units, indexed by SKU.
func (s *Server) Reset(ctx context.Context, opening []int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.engine.Reset(ctx, opening); err != nil {
		return err
	}
	s.skus.Store(int64(len(opening)))
	return nil
}

// answer works out what a request gets: a value to send as JSON, or a problem.
type answer func(r *http.Request) (any, *Problem)

// Handler is the server as HTTP: see openapi.yaml.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	s.route(mux, http.MethodPost, "/v1/operations", maxBody, s.operate)
	s.route(mux, http.MethodPost, "/v1/reset", maxResetBody, s.reset)
	s.route(mux, http.MethodGet, "/v1/books/stock", 0, s.listStock)
	s.route(mux, http.MethodGet, "/v1/books/grants", 0, s.listGrants)
	s.route(mux, http.MethodGet, "/v1/books/outcomes/{id}", 0, s.showOutcome)
	s.route(mux, http.MethodGet, "/healthz", 0, s.health)
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) { s.expose(w) })
	s.elsewhere(mux, http.MethodGet, "/metrics")
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, notFound.of("%s: expected a path of openapi.yaml", r.URL.Path))
	})
	return mux
}

// route answers a method of a path, with bodies of at most so many bytes, and refuses the path's other methods.
func (s *Server) route(mux *http.ServeMux, method, path string, most int64, f answer) {
	mux.HandleFunc(method+" "+path, func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		value, p := f(r)
		if p != nil {
			s.refuse(w, p)
			return
		}
		sendJSON(w, "application/json", http.StatusOK, value)
	})
	s.elsewhere(mux, method, path)
}

func (s *Server) elsewhere(mux *http.ServeMux, method, path string) {
	mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", method)
		s.refuse(w, wrongMethod.of("%s %s: expected %s", r.Method, r.URL.Path, method))
	})
}

func (s *Server) refuse(w http.ResponseWriter, p *Problem) {
	s.metrics.problems[p.Type].Add(1)
	p.send(w)
}

// operate does one operation.
func (s *Server) operate(r *http.Request) (any, *Problem) {
	id, p := idOf(r)
	if p != nil {
		return nil, p
	}
	var body operation
	if p := read(r, &body); p != nil {
		return nil, p
	}
	if len(body.Lines) > maxLines {
		return nil, tooLarge.of("lines: found %d: expected at most %d", len(body.Lines), maxLines)
	}
	free, p := s.slot()
	if p != nil {
		return nil, p
	}
	defer free()
	s.mu.RLock()
	defer s.mu.RUnlock()
	op, err := body.op(id, int(s.skus.Load()))
	if err != nil {
		return nil, invalid.of("%v", err)
	}
	return s.do(r, op)
}

// do has the engine do op, within the time it has.
func (s *Server) do(r *http.Request, op engines.Op) (any, *Problem) {
	ctx, cancel := context.WithTimeout(r.Context(), s.options.Timeout)
	defer cancel()
	start := time.Now()
	out, err := s.engine.Do(ctx, op)
	s.metrics.done(op.Kind, out.Outcome, time.Since(start))
	if err != nil {
		return nil, s.failure(ctx, err)
	}
	return wireReply(out), nil
}

// failure is what an engine's error means to who asked.
func (s *Server) failure(ctx context.Context, err error) *Problem {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return timedOut.of("no answer within %v: expected one", s.options.Timeout)
	}
	return failed.of("%s: %v", s.options.Name, err)
}

// slot takes a place among the requests that wait for the engine, and returns how to give it back.
func (s *Server) slot() (free func(), p *Problem) {
	select {
	case s.slots <- struct{}{}:
		return func() { <-s.slots }, nil
	default:
		return nil, busy.of("%d requests are in flight, the most that may be: expected this one later", s.options.InFlight)
	}
}

// alone runs f while no operation is in flight.
func (s *Server) alone(r *http.Request, f func(ctx context.Context) error) *Problem {
	free, p := s.slot()
	if p != nil {
		return p
	}
	defer free()
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx, cancel := context.WithTimeout(r.Context(), s.options.Timeout)
	defer cancel()
	if err := f(ctx); err != nil {
		return s.failure(ctx, err)
	}
	return nil
}

// reset replaces the stock.
func (s *Server) reset(r *http.Request) (any, *Problem) {
	if !s.options.Resets {
		return nil, refused.of("reset: the stock of %s outlives this server: expected a server that allows it", s.options.Name)
	}
	var body opening
	if p := read(r, &body); p != nil {
		return nil, p
	}
	if err := checkOpening(body.Opening); err != nil {
		return nil, invalid.of("%v", err)
	}
	p := s.alone(r, func(ctx context.Context) error {
		err := s.engine.Reset(ctx, body.Opening)
		if err == nil {
			s.skus.Store(int64(len(body.Opening)))
		}
		return err
	})
	return health{"ok", s.options.Name, len(body.Opening)}, p
}

func checkOpening(units []int64) error {
	if len(units) == 0 || len(units) > maxSKUs {
		return fmt.Errorf("opening: found %d SKUs: expected 1 to %d", len(units), maxSKUs)
	}
	for sku, n := range units {
		if n < 0 {
			return fmt.Errorf("opening[%d]: found %d units: expected 0 or more", sku, n)
		}
	}
	return nil
}

func (s *Server) health(*http.Request) (any, *Problem) {
	return health{"ok", s.options.Name, int(s.skus.Load())}, nil
}
