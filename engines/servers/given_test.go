package servers

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

const secret = "hunter2!"

// expectRefused wants an error that holds every part and no secret.
func expectRefused(t *testing.T, p product, o Options, raw string, parts ...string) {
	t.Helper()
	t.Setenv(p.env, raw)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err := find(ctx, o, p)
	if err == nil {
		t.Fatalf("%s was accepted", raw)
	}
	for _, part := range append(parts, p.env) {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("got %q, want %q in it", err, part)
		}
	}
	for _, s := range []string{secret, url.QueryEscape(secret)} {
		if strings.Contains(err.Error(), s) {
			t.Errorf("a password is shown: %s", err)
		}
	}
	if unavailable := new(Unavailable); errors.As(err, &unavailable) {
		t.Errorf("a bad URL must not be skipped over: %v", err)
	}
}

func closedPort(t *testing.T) int {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestGivenRefused(t *testing.T) {
	port := closedPort(t)
	tests := []struct {
		name    string
		p       product
		o       Options
		url     string
		because string
	}{
		{"remote", postgres, Options{}, "postgres://u:" + secret + "@192.0.2.1/db", "--allow-remote"},
		{"remote", redis, Options{}, "redis://:" + secret + "@192.0.2.1:6379", "--allow-remote"},
		{"one of two remote", postgres, Options{}, "postgres://u:" + secret + "@127.0.0.1,192.0.2.1/db", "192.0.2.1"},
		{"remote in settings", postgres, Options{}, "host=192.0.2.1 user=u password='" + secret + "'", "--allow-remote"},
		{"remote in the query", postgres, Options{}, "postgres://127.0.0.1/db?host=192.0.2.1&password=" + url.QueryEscape(secret), "--allow-remote"},
		{"no such host", redis, Options{}, "redis://u:" + secret + "@doorbuster.invalid:1", "doorbuster.invalid"},
		{"nobody listens", postgres, Options{}, fmt.Sprintf("postgres://u:%s@127.0.0.1:%d/db", url.QueryEscape(secret), port), "refused"},
		{"nobody listens", redis, Options{AllowRemote: true}, fmt.Sprintf("redis://u:%s@127.0.0.1:%d", secret, port), "refused"},
		{"bad escape", postgres, Options{}, "postgres://u:" + secret + "%zz@127.0.0.1/db", "u:xxxxx@127.0.0.1"},
		{"bad escape", redis, Options{}, "redis://u:" + secret + "%zz@127.0.0.1", "u:xxxxx@127.0.0.1"},
		{"bad port", postgres, Options{}, "postgres://u:a@" + secret + "@127.0.0.1:port/db", "u:xxxxx@127.0.0.1"},
		{"slash in the password", redis, Options{}, "redis://u:" + secret + "/b@127.0.0.1", "escaped"},
		{"bad list", postgres, Options{}, "host=127.0.0.1 port=x password=" + secret, "escaped"},
		{"bad port without a password", postgres, Options{}, "postgres://127.0.0.1:port/db", "port"},
		{"wrong scheme", redis, Options{}, "http://u:" + secret + "@127.0.0.1", "scheme"},
		{"wrong scheme", postgres, Options{}, "mysql://u:" + secret + "@127.0.0.1", "xxxxx"},
	}
	for _, tt := range tests {
		t.Run(tt.p.name+" "+tt.name, func(t *testing.T) { expectRefused(t, tt.p, tt.o, tt.url, tt.because) })
	}
}

// TestAllowRemote gets as far as connecting, to an address where nothing can answer.
func TestAllowRemote(t *testing.T) {
	t.Setenv(RedisEnv, "redis://192.0.2.1:6379")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := Redis(ctx, Options{AllowRemote: true}); err == nil || strings.Contains(err.Error(), "--allow-remote") {
		t.Errorf("got %v, want a failed connection", err)
	}
}

func TestGiven(t *testing.T) {
	eachProduct(t, func(t *testing.T, ctx context.Context, p product) {
		private := mustFind(ctx, t, p)
		u, err := url.Parse(private.URL)
		if err != nil {
			t.Fatal(err)
		}
		t.Setenv(p.env, private.URL)
		s, err := find(ctx, Options{}, p)
		if err != nil {
			t.Fatal(err)
		}
		if s.Private || s.PID != 0 || s.Version != private.Version || len(s.Settings) == 0 || s.URL != private.URL {
			t.Errorf("got %+v", s)
		}
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		if _, err := p.describe(ctx, private.URL); err != nil {
			t.Errorf("somebody else's server was stopped: %v", err)
		}
		u.User = url.UserPassword(u.User.Username(), secret)
		expectRefused(t, p, Options{}, u.String(), "assword")
	})
}

func TestUnavailable(t *testing.T) {
	for _, p := range products {
		t.Run(p.name, func(t *testing.T) {
			t.Setenv(p.env, "")
			t.Setenv("PATH", t.TempDir())
			p.globs = nil
			_, err := find(t.Context(), Options{}, p)
			var unavailable *Unavailable
			if !errors.As(err, &unavailable) {
				t.Fatalf("got %v, want an Unavailable", err)
			}
			for _, part := range append(p.binaries, p.env, "apt-get install", "brew install", "PATH") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("got %q, want %q in it", err, part)
				}
			}
		})
	}
}

func TestLoopback(t *testing.T) {
	tests := []struct {
		host string
		ok   bool
	}{
		{"127.0.0.1", true}, {"127.9.9.9", true}, {"::1", true}, {"localhost", true}, {"/var/run/postgresql", true},
		{"0.0.0.0", false}, {"10.0.0.1", false}, {"192.0.2.1", false}, {"::ffff:10.0.0.1", false}, {"", false},
	}
	for _, tt := range tests {
		if err := onLoopback(t.Context(), []string{"127.0.0.1", tt.host}); (err == nil) != tt.ok {
			t.Errorf("%q: %v", tt.host, err)
		}
	}
}

func TestRedact(t *testing.T) {
	tests := []struct{ raw, want string }{
		{"postgres://u:p@h/db", "postgres://u:xxxxx@h/db"},
		{"redis://:p@h:1", "redis://:xxxxx@h:1"},
		{"postgres://u@h/db", "postgres://u@h/db"},
		{"postgres://u:p%zz@x/y@h/db", "postgres://u:xxxxx@h/db"},
		{"postgres://h/db?user=u&password=p&x=y", "postgres://h/db?user=u&password=xxxxx&x=y"},
		{"postgres://h/db?password=p%zz", "postgres://h/db?password=xxxxx"},
		{"host=h password='it''s' user=u", "host=h password=xxxxx user=u"},
		{`host=h password='a\' b' user=u`, "host=h password=xxxxx user=u"},
		{"host=h password='never ends", "host=h password=xxxxx"},
		{`host=h password=a&b\ c user=u`, "host=h password=xxxxx user=u"},
		{"host=h PASSWORD = p user=u", "host=h PASSWORD = xxxxx user=u"},
	}
	for _, tt := range tests {
		if got := Redact(tt.raw); got != tt.want {
			t.Errorf("Redact(%q) = %q, want %q", tt.raw, got, tt.want)
		}
	}
}

func TestScrub(t *testing.T) {
	raw := "redis://u:" + url.QueryEscape(secret) + "@h"
	cause := fmt.Errorf("dial %s with %s, written %s: %w", raw, secret, url.QueryEscape(secret), context.Canceled)
	err := scrub(cause, raw)
	if want := "dial redis://u:xxxxx@h with xxxxx, written xxxxx: context canceled"; err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	if !errors.Is(err, context.Canceled) {
		t.Error("the cause is lost")
	}
}
