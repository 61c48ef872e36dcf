package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/gateway"
)

// served runs the command until the test ends, and returns where it serves.
func served(t *testing.T, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	said, w := io.Pipe()
	ended := make(chan error)
	go func() {
		err := execute(ctx, process{append([]string{"serve", "--listen", "localhost:0"}, args...), io.Discard, w})
		_ = w.Close()
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("serve ended with %v", err)
		}
	})
	url := regexp.MustCompile(`http://\S+:\d+`)
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if at := url.FindString(lines.Text()); at != "" {
			go func() { _, _ = io.Copy(io.Discard, said) }()
			return at
		}
	}
	t.Fatal("serve said nowhere that it serves")
	return ""
}

// TestServe sells a unit over HTTP, and sets the stock of an engine in memory anew.
func TestServe(t *testing.T) {
	url := served(t, "--engine", "memory/quota", "--scale", "0.01")
	c := gateway.NewClient(url)
	sell := engines.Op{ID: engines.OrderOp(1, engines.Sell), Kind: engines.Sell, Order: 1, Lines: []engines.Line{{SKU: 3, Qty: 1}}}
	if r, err := c.Do(t.Context(), sell); err != nil || r.Outcome != engines.Done || len(r.Versions) == 0 {
		t.Errorf("a sale of a unit: %+v, %v", r, err)
	}
	if err := c.Reset(t.Context(), []int64{5}); err != nil {
		t.Errorf("reset: %v", err)
	}
	if got, want := call(t, url, "", "", "", "/healthz"), `{"status":"ok","engine":"memory/quota","skus":1}`; got != want {
		t.Errorf("healthz is %s, want %s", got, want)
	}
}

// TestServeTakenAddress: an address that another listens on is wrong usage.
func TestServeTakenAddress(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	err = execute(t.Context(), process{[]string{"serve", "--engine", "memory/naive", "--scale", "0.01", "--listen", l.Addr().String()}, io.Discard, io.Discard})
	if codeOf(err) != exitUsage || !strings.Contains(err.Error(), "--listen: ") {
		t.Errorf("a taken address: %v, want exit code %d", err, exitUsage)
	}
}

// curl is one call in a manual, and what it prints.
var curl = regexp.MustCompile(`(?m)^\$ curl (?:-H '([\w-]+): (\w+)' )?(?:--json '(.+)' )?'?127\.0\.0\.1:8080([^\s']+)'?\n(.+)$`)

// TestServeManual makes every call of docs/serve.md, one after the other.
func TestServeManual(t *testing.T) {
	manual, err := os.ReadFile("../../docs/serve.md")
	if err != nil {
		t.Fatal(err)
	}
	calls := curl.FindAllStringSubmatch(string(manual), -1)
	if n := strings.Count(string(manual), "$ curl"); n == 0 || len(calls) != n {
		t.Fatalf("%d of the manual's %d calls were understood", len(calls), n)
	}
	url := served(t, "--engine", "memory/conditional", "--scale", "0.01")
	for _, c := range calls {
		if got := call(t, url, c[1], c[2], c[3], c[4]); got != c[5] {
			t.Errorf("%s %s printed\n%s\nthe manual has\n%s", c[4], c[3], got, c[5])
		}
	}
}

// call sends what curl would, and returns the answer's body.
func call(t *testing.T, url, header, value, body, path string) string {
	t.Helper()
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if header != "" {
		r.Header.Set(header, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
