package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/memory"
)

// tapped is an engine that asks before each thing it does.
type tapped struct {
	engines.Engine
	before func(ctx context.Context) error
}

func (e *tapped) Reset(ctx context.Context, opening []int64) error {
	if err := e.before(ctx); err != nil {
		return err
	}
	return e.Engine.Reset(ctx, opening)
}

func (e *tapped) Do(ctx context.Context, op engines.Op) (engines.Reply, error) {
	if err := e.before(ctx); err != nil {
		return engines.Reply{}, err
	}
	return e.Engine.Do(ctx, op)
}

func (e *tapped) Books(ctx context.Context) (engines.Books, error) {
	if err := e.before(ctx); err != nil {
		return engines.Books{}, err
	}
	return e.Engine.Books(ctx)
}

func atOnce(context.Context) error { return nil }

func inMemory(t testing.TB, setup engines.Setup) engines.Engine {
	t.Helper()
	all := memory.Specs()
	i := slices.IndexFunc(all, func(s engines.Spec) bool { return s.Strategy() == "conditional" })
	e, err := all[i].Open(context.Background(), setup)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// stocked is a server with three SKUs of 10 units each, one of which order 1 holds, and its engine.
func stocked(t testing.TB, o Options) (*Server, *tapped) {
	t.Helper()
	e := &tapped{inMemory(t, engines.Setup{Env: memory.NewWall(0)}), atOnce}
	s := New(e, o)
	if err := s.Reset(context.Background(), []int64{10, 10, 10}); err != nil {
		t.Fatal(err)
	}
	if got := ask(s, post("17", `{"kind":"reserve","order":1,"lines":[{"sku":0,"qty":1}],"hold_for_ns":1000}`)); got.Code != 200 {
		t.Fatalf("%d: %s", got.Code, got.Body)
	}
	return s, e
}

func ask(s *Server, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

// post is an operation as it is sent.
func post(key, body string) *http.Request {
	r := to(http.MethodPost, "/v1/operations", body)
	r.Header.Set(keyHeader, key)
	return r
}

func to(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// books are stock and grants as text, to compare.
func books(s *Server) string {
	return ask(s, to(http.MethodGet, "/v1/books/stock", "")).Body.String() + ask(s, to(http.MethodGet, "/v1/books/grants", "")).Body.String()
}

// bad are requests that must be refused, and how.
var bad = map[string]struct {
	key, body string
	status    int
	detail    string // part of the problem's
}{
	"no body":            {"32", ``, 400, "found nothing"},
	"blanks":             {"32", `  `, 400, "found nothing"},
	"cut off":            {"32", `{"kind":"sell"`, 400, "unexpected EOF"},
	"not JSON":           {"32", `kind=sell`, 400, "invalid character"},
	"array":              {"32", `[]`, 400, "found array: expected an object"},
	"two values":         {"32", `{"kind":"ship","order":1} {}`, 400, "something follows"},
	"garbage behind":     {"32", `{"kind":"ship","order":1}x`, 400, "something follows"},
	"unknown field":      {"32", `{"kind":"ship","order":1,"qty":3}`, 400, `unknown field "qty"`},
	"text for a number":  {"32", `{"kind":"sell","order":"2","lines":[{"sku":0,"qty":1}]}`, 400, "order: found string: expected an integer from 0"},
	"number for text":    {"32", `{"kind":4}`, 400, "kind: found number: expected a string"},
	"number for lines":   {"32", `{"kind":"sell","order":2,"lines":3}`, 400, "lines: found number: expected an array"},
	"number for a line":  {"32", `{"kind":"sell","order":2,"lines":[3]}`, 400, "lines: found number: expected an object"},
	"fraction":           {"32", `{"kind":"sell","order":2,"lines":[{"sku":0,"qty":1.5}]}`, 400, "lines.qty: found number 1.5: expected an integer from -2147483648"},
	"more than 32 bits":  {"32", `{"kind":"sell","order":2,"lines":[{"sku":0,"qty":2147483648}]}`, 400, "lines.qty: found number 2147483648"},
	"negative SKU":       {"32", `{"kind":"sell","order":2,"lines":[{"sku":-1,"qty":1}]}`, 400, "lines.sku: found number -1: expected an integer from 0 to 4294967295"},
	"channel 256":        {"32", `{"kind":"sell","order":2,"channel":256,"lines":[{"sku":0,"qty":1}]}`, 400, "channel: found number 256: expected an integer from 0 to 255"},
	"no key":             {"", `{"kind":"ship","order":1}`, 400, `Idempotency-Key "": expected`},
	"key no number":      {"a1", `{"kind":"ship","order":1}`, 400, `Idempotency-Key "a1": expected`},
	"key negative":       {"-1", `{"kind":"ship","order":1}`, 400, "expected the operation's ID"},
	"key of 65 bits":     {"18446744073709551616", `{"kind":"ship","order":1}`, 400, "expected the operation's ID"},
	"null":               {"32", `null`, 422, `kind ""`},
	"no kind":            {"32", `{}`, 422, `kind ""`},
	"unknown kind":       {"32", `{"kind":"steal","order":2}`, 422, `kind "steal": expected one of [reserve`},
	"unknown SKU":        {"32", `{"kind":"sell","order":2,"lines":[{"sku":3,"qty":1}]}`, 422, "unknown SKU 3"},
	"negative":           {"32", `{"kind":"sell","order":2,"lines":[{"sku":0,"qty":-1}]}`, 422, "sell of -1 units"},
	"none":               {"32", `{"kind":"sell","order":2,"lines":[{"sku":0,"qty":0}]}`, 422, "sell of 0 units"},
	"negative count":     {"32", `{"kind":"count","lines":[{"sku":0,"qty":-1}]}`, 422, "count of -1 units"},
	"count of no number": {"32", `{"kind":"count","lines":[{"sku":0}]}`, 422, "lines[0]: expected both sku and qty"},
	"count of nothing":   {"32", `{"kind":"count","lines":[{"qty":0}]}`, 422, "lines[0]: expected both sku and qty"},
	"null line":          {"32", `{"kind":"count","lines":[null]}`, 422, "lines[0]: expected both sku and qty"},
	"no lines":           {"32", `{"kind":"sell","order":2}`, 422, "without lines"},
	"no order":           {"32", `{"kind":"sell","lines":[{"sku":0,"qty":1}]}`, 422, "sell of order 0"},
	"order of 33 bits":   {"32", `{"kind":"sell","order":4294967296,"lines":[{"sku":0,"qty":1}]}`, 422, "want an order from 1"},
	"lines of a ship":    {"32", `{"kind":"ship","order":1,"lines":[{"sku":0,"qty":1}]}`, 422, "want none"},
	"units together":     {"32", `{"kind":"receive","lines":[{"sku":0,"qty":2147483647},{"sku":0,"qty":1}]}`, 422, "lines[1]: 2147483648 units of SKU 0"},
	"before the day":     {"32", `{"kind":"confirm","order":1,"at_ns":-1}`, 422, "at_ns -1"},
	"negative hold":      {"32", `{"kind":"reserve","order":2,"lines":[{"sku":0,"qty":1}],"hold_for_ns":-1}`, 422, "hold_for_ns -1"},
	"hold without end":   {"32", `{"kind":"reserve","order":2,"lines":[{"sku":0,"qty":1}],"at_ns":2,"hold_for_ns":9223372036854775806}`, 422, "hold_for_ns 9223372036854775806"},
	"too many lines":     {"32", `{"kind":"receive","lines":[` + strings.Repeat(`{"sku":0,"qty":1},`, maxLines) + `{"sku":0,"qty":1}]}`, 413, "lines: found 1001: expected at most 1000"},
	"too many bytes":     {"32", `{"kind":"` + strings.Repeat("x", maxBody) + `"}`, 413, "expected at most 65536 bytes"},
}

// TestBadOperations: each is refused with a problem that says why, and changes nothing.
func TestBadOperations(t *testing.T) {
	s, _ := stocked(t, Options{})
	before := books(s)
	for name, c := range bad {
		r := post(c.key, c.body)
		wantProblem(t, name, ask(s, r), c.status, c.detail)
		if after := books(s); after != before {
			t.Errorf("%s changed the books from\n%s to\n%s", name, before, after)
		}
	}
	form := post("32", `{"kind":"ship","order":1}`)
	form.Header.Set("Content-Type", "text/plain")
	wantProblem(t, "text", ask(s, form), 415, `Content-Type "text/plain": expected application/json`)
	twice := post("32", `{"kind":"ship","order":1}`)
	twice.Header.Add(keyHeader, "33")
	wantProblem(t, "two keys", ask(s, twice), 400, "found 2 headers")
}

func wantProblem(t *testing.T, what string, got *httptest.ResponseRecorder, status int, detail string) {
	t.Helper()
	var p Problem
	if err := json.Unmarshal(got.Body.Bytes(), &p); err != nil || got.Header().Get("Content-Type") != problemType {
		t.Errorf("%s: %s %q (%v), want a problem", what, got.Header().Get("Content-Type"), got.Body, err)
		return
	}
	effect := noEffect
	if status == 500 || status == 504 {
		effect = unknownEffect
	}
	if got.Code != status || p.Status != status || p.Effect != effect || !strings.Contains(p.Detail, detail) {
		t.Errorf("%s: %d %+v, want %d, effect %s and %q", what, got.Code, p, status, effect, detail)
	}
}

// FuzzOperation: whatever is sent, the answer is the engine's or a problem of the caller's making, and only an operation that is done changes the books.
func FuzzOperation(f *testing.F) {
	for _, c := range bad {
		f.Add(c.key, c.body)
	}
	f.Add("36", `{"kind":"sell","order":2,"lines":[{"sku":0,"qty":1}]}`)
	f.Add("9223372036854775808", `{"kind":"count","lines":[{"sku":2,"qty":7}]}`)
	f.Add("18", `{"kind":"confirm","order":1,"at_ns":5}`)
	f.Fuzz(func(t *testing.T, key, body string) {
		s, _ := stocked(t, Options{})
		before := books(s)
		got := ask(s, post(key, body))
		var r reply
		switch {
		case got.Code == 200:
			if err := json.Unmarshal(got.Body.Bytes(), &r); err != nil || outcomeNames[r.Outcome] == engines.Unknown {
				t.Fatalf("200 %s (%v)", got.Body, err)
			}
		case got.Code < 400 || got.Code > 499 || got.Header().Get("Content-Type") != problemType:
			t.Fatalf("%d %s %s", got.Code, got.Header().Get("Content-Type"), got.Body)
		}
		if after := books(s); r.Outcome != engines.Done.String() && after != before {
			t.Fatalf("%d %s changed the books from\n%s to\n%s", got.Code, got.Body, before, after)
		}
	})
}

func TestLostAnswers(t *testing.T) {
	s, e := stocked(t, Options{})
	s.options.Timeout = time.Millisecond
	sell := func() *http.Request { return post("36", `{"kind":"sell","order":2,"lines":[{"sku":0,"qty":1}]}`) }
	e.before = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	wantProblem(t, "too slow", ask(s, sell()), 504, "no answer within 1ms")
	s.options.Timeout = DefaultTimeout
	e.before = func(context.Context) error { return errors.New("the disk is full") }
	wantProblem(t, "engine's error", ask(s, sell()), 500, "the disk is full")
	e.before = atOnce
	if got := ask(s, sell()); got.Code != 200 {
		t.Errorf("sent again: %d %s", got.Code, got.Body)
	}
	for _, want := range []string{
		`doorbuster_operations_total{kind="sell",outcome="unknown"} 2`, `doorbuster_operations_total{kind="sell",outcome="done"} 1`,
		`doorbuster_problems_total{type="timeout"} 1`, `doorbuster_problems_total{type="engine"} 1`, `doorbuster_problems_total{type="busy"} 0`,
	} {
		wantMetric(t, s, want)
	}
}

func wantMetric(t *testing.T, s *Server, line string) {
	t.Helper()
	if text := ask(s, to(http.MethodGet, "/metrics", "")).Body.String(); !strings.Contains(text, line+"\n") {
		t.Errorf("metrics have no line %s:\n%s", line, text)
	}
}

// TestTooManyInFlight: beyond the bound a request is turned away at once, and finds room when another has ended.
func TestTooManyInFlight(t *testing.T) {
	s, e := stocked(t, Options{InFlight: 1})
	entered, leave := make(chan struct{}), make(chan struct{})
	e.before = func(context.Context) error { close(entered); <-leave; return nil }
	ended := make(chan int)
	go func() { ended <- ask(s, post("36", `{"kind":"sell","order":2,"lines":[{"sku":0,"qty":1}]}`)).Code }()
	<-entered
	got := ask(s, post("52", `{"kind":"sell","order":3,"lines":[{"sku":0,"qty":1}]}`))
	wantProblem(t, "second request", got, 503, "1 requests are in flight")
	if got.Header().Get("Retry-After") != "1" {
		t.Errorf("Retry-After is %q", got.Header().Get("Retry-After"))
	}
	wantMetric(t, s, "doorbuster_requests_in_flight 1")
	close(leave)
	if code := <-ended; code != 200 {
		t.Errorf("the first got %d", code)
	}
	e.before = atOnce
	if got := ask(s, post("52", `{"kind":"sell","order":3,"lines":[{"sku":0,"qty":1}]}`)); got.Code != 200 {
		t.Errorf("the second, sent again, got %d %s", got.Code, got.Body)
	}
	wantMetric(t, s, "doorbuster_requests_in_flight 0")
}

func TestReset(t *testing.T) {
	shut, _ := stocked(t, Options{Name: "some/engine"})
	before := books(shut)
	wantProblem(t, "reset", ask(shut, to(http.MethodPost, "/v1/reset", `{"opening":[1]}`)), 403, "the stock of some/engine outlives this server")
	if books(shut) != before {
		t.Error("a refused reset changed the books")
	}
	s, _ := stocked(t, Options{Resets: true})
	for body, detail := range map[string]string{
		`{}`: "found 0 SKUs", `{"opening":[]}`: "found 0 SKUs", `{"opening":[1,-2]}`: "opening[1]: found -2 units",
	} {
		wantProblem(t, body, ask(s, to(http.MethodPost, "/v1/reset", body)), 422, detail)
	}
	if books(s) != before {
		t.Error("a wrong reset changed the books")
	}
	if got := ask(s, to(http.MethodPost, "/v1/reset", `{"opening":[4,0]}`)); got.Code != 200 || !strings.Contains(got.Body.String(), `"skus":2`) {
		t.Errorf("reset: %d %s", got.Code, got.Body)
	}
	wantProblem(t, "the third SKU", ask(s, post("36", `{"kind":"sell","order":2,"lines":[{"sku":2,"qty":1}]}`)), 422, "unknown SKU 2")
}

// TestHistogram: an operation is in the first bucket that it fits and in all above.
func TestHistogram(t *testing.T) {
	s := New(nil, Options{})
	s.metrics.done(engines.Sell, engines.SoldOut, 3*time.Millisecond)
	s.metrics.done(engines.Sell, engines.SoldOut, time.Minute)
	for le, n := range map[string]int{"0.0001": 0, "0.0025": 0, "0.005": 1, "10": 1, "+Inf": 2} {
		wantMetric(t, s, fmt.Sprintf(`doorbuster_operation_seconds_bucket{outcome="sold out",le=%q} %d`, le, n))
	}
	wantMetric(t, s, `doorbuster_operation_seconds_sum{outcome="sold out"} 60.003`)
	wantMetric(t, s, `doorbuster_operation_seconds_count{outcome="sold out"} 2`)
	wantMetric(t, s, `doorbuster_operation_seconds_count{outcome="done"} 0`)
}
