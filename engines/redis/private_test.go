package redis_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/redis"
)

// private starts a server of the test's own, which it may spoil, and returns its URL and its process.
func private(t testing.TB, settings ...string) (url string, p *os.Process) {
	t.Helper()
	if serverURL == "" {
		t.Skip("no Redis")
	}
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip(err)
	}
	port := freePort(t)
	dir := t.TempDir()
	c := exec.Command(bin, append([]string{"--bind", "127.0.0.1", "--port", port, "--dir", dir, "--save", "", "--enable-debug-command", "local"}, settings...)...)
	c.Stdout, _ = os.Create(filepath.Join(dir, "log"))
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	answers(t, "127.0.0.1:"+port)
	return "redis://127.0.0.1:" + port + "/0", c.Process
}

func freePort(t testing.TB) string {
	t.Helper()
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if port := l.Addr().(*net.TCPAddr).Port; port < 55000 { // a cluster node listens on the port 10000 above too
			return strconv.Itoa(port)
		}
	}
}

// answers waits for the server to listen.
func answers(t testing.TB, addr string) {
	t.Helper()
	until(t, "a server at "+addr, func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
}

// until waits for what must happen.
func until(t testing.TB, what string, happened func() bool) {
	t.Helper()
	every := time.NewTicker(time.Millisecond)
	defer every.Stop()
	for end := time.Now().Add(20 * time.Second); !happened(); <-every.C {
		if time.Now().After(end) {
			t.Fatalf("waited 20 s for %s", what)
		}
	}
}

// stocked opens a strategy and gives it stock. It is closed when t ends.
func stocked(t testing.TB, strategy, url string, tuning engines.Tuning, opening ...int64) engines.Engine {
	t.Helper()
	e := opened(t, strategy, url, tuning)
	if err := e.Reset(context.Background(), opening); err != nil {
		t.Fatal(err)
	}
	return e
}

// shares are those of three channels.
var shares = []float64{0.5, 0.3, 0.2}

func opened(t testing.TB, strategy, url string, tuning engines.Tuning) engines.Engine {
	t.Helper()
	e, err := find(t, strategy, at(url)).Open(context.Background(), engines.Setup{Tuning: tuning, Shares: shares})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func wantDone(t testing.TB, e engines.Engine, op engines.Op) engines.Reply {
	t.Helper()
	r, err := e.Do(context.Background(), op)
	if err != nil || r.Outcome != engines.Done {
		t.Errorf("%s of order %d: %v, %v, want done", op.Kind, op.Order, r.Outcome, err)
	}
	return r
}

// wantError wants op to fail with all of says in its error, and with no word of its outcome.
func wantError(t testing.TB, e engines.Engine, op engines.Op, says ...string) {
	t.Helper()
	r, err := e.Do(context.Background(), op)
	if r.Outcome != engines.Unknown {
		t.Errorf("%s of order %d: %v, want unknown", op.Kind, op.Order, r.Outcome)
	}
	wantSaid(t, err, says...)
}

func wantSaid(t testing.TB, err error, says ...string) {
	t.Helper()
	for _, s := range says {
		if err == nil || !strings.Contains(err.Error(), s) {
			t.Errorf("error %v, want one that says %q", err, s)
		}
	}
}

// refused opens conditional and wants it to fail.
func refused(t testing.TB, url string, says ...string) {
	t.Helper()
	e, err := find(t, "conditional", at(url)).Open(context.Background(), engines.Setup{})
	if err == nil {
		_ = e.Close()
	}
	wantSaid(t, err, says...)
}

// strategies are the names of all.
func strategies() (names []string) {
	for _, s := range redis.Specs(redis.Server{}) {
		names = append(names, s.Strategy())
	}
	return names
}

// fakeServer answers each command with what reply says; it stands in for servers that can't be had.
func fakeServer(t *testing.T, reply func(command string) string) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); fakeAnswers(c, reply) }()
		}
	}()
	return fmt.Sprintf("redis://%s/0", l.Addr())
}
