package gateway_test

import (
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/enginetest"
	"github.com/doorbuster/doorbuster/engines/gateway"
	"github.com/doorbuster/doorbuster/engines/memory"
)

// served is an engine, a server before it and a client before that.
type served struct {
	*gateway.Client
	web    *httptest.Server
	behind engines.Engine
}

// between stands between client and server, and may spoil what passes.
type between func(http.Handler) http.Handler

func untouched(h http.Handler) http.Handler { return h }

func serve(e engines.Engine, o gateway.Options, b between) served {
	web := httptest.NewServer(b(gateway.New(e, o).Handler()))
	return served{gateway.NewClient(web.URL), web, e}
}

func (s served) Close() error {
	err := s.Client.Close()
	s.web.Close()
	return errors.Join(err, s.behind.Close())
}

// through is the spec of an engine behind HTTP.
func through(s engines.Spec, b between) engines.Spec {
	open := s.Open
	s.Open = func(ctx context.Context, setup engines.Setup) (engines.Engine, error) {
		e, err := open(ctx, setup)
		if err != nil {
			return nil, err
		}
		return serve(e, gateway.Options{Name: s.Name, Resets: true}, b), nil
	}
	return s
}

func spec(t testing.TB, name string) engines.Spec {
	t.Helper()
	all := memory.Specs()
	i := slices.IndexFunc(all, func(s engines.Spec) bool { return s.Strategy() == name })
	if i < 0 {
		t.Fatalf("no strategy %s in memory", name)
	}
	return all[i]
}

func world() enginetest.World {
	return enginetest.Goroutines(func() engines.Env { return memory.NewWall(time.Millisecond) })
}

// TestConformance runs the suite through client and server: on a safe engine, on the control, which must oversell through HTTP too, and on one with pools.
func TestConformance(t *testing.T) {
	if err := flag.Set("rapid.checks", "20"); err != nil {
		t.Fatal(err)
	}
	for _, strategy := range []string{"conditional", "naive", "quota"} {
		t.Run(strategy, func(t *testing.T) { enginetest.Run(t, through(spec(t, strategy), untouched), world()) })
	}
}

// rewriting changes the bodies of answers.
func rewriting(pattern, with string) between {
	old := regexp.MustCompile(pattern)
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got := httptest.NewRecorder()
			h.ServeHTTP(got, r)
			w.Header().Set("Content-Type", got.Header().Get("Content-Type"))
			w.WriteHeader(got.Code)
			_, _ = io.WriteString(w, old.ReplaceAllString(got.Body.String(), with))
		})
	}
}

// newKeys gives every request a key of its own.
func newKeys(h http.Handler) http.Handler {
	var n atomic.Uint64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Idempotency-Key", strconv.FormatUint(n.Add(1), 10))
		h.ServeHTTP(w, r)
	})
}

// firstPage serves pages of one item.
func firstPage(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		query.Set("limit", "1")
		r.URL.RawQuery = query.Encode()
		h.ServeHTTP(w, r)
	})
}

// TestConformanceCanFail spoils what passes between client and server: each flaw is caught. Pages of one item alone are none.
func TestConformanceCanFail(t *testing.T) {
	for name, c := range map[string]struct {
		concern string
		between between
		sound   bool
	}{
		"every request has a new key":   {"same ID again", newKeys, false},
		"sold out is told as done":      {"oversell", rewriting("sold out", "done"), false},
		"versions are lost":             {"versions", rewriting(`"versions":.*`, `"versions":[]}`), false},
		"the rest of the books is lost": {"conservation", func(h http.Handler) http.Handler { return rewriting(`,"next":\d+`, "")(firstPage(h)) }, false},
		"pages are short":               {"conservation", firstPage, true},
	} {
		var r enginetest.Recorder
		for _, concern := range enginetest.Concerns() {
			if concern.Name == c.concern {
				concern.Check(&r, through(spec(t, "conditional"), c.between), world())
			}
		}
		if (len(r.Errors()) == 0) != c.sound {
			t.Errorf("%s: %q finds %q", name, c.concern, r.Errors())
		}
	}
}
