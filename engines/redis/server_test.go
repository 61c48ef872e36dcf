package redis_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/redis"
	"github.com/doorbuster/doorbuster/engines/servers"
)

// serverURL is where the tests' server is; empty if there is none.
var serverURL string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	s, err := servers.Redis(context.Background(), servers.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, "NO REDIS, SO THESE TESTS ARE SKIPPED:", err)
		if os.Getenv("CI") == "true" {
			return 1
		}
		return m.Run()
	}
	defer func() { _ = s.Stop() }()
	serverURL = s.URL
	return m.Run()
}

// database is the URL of one of the server's databases. Each test has one of its own; what begins with our prefix is removed from it.
func database(t testing.TB, n int) string {
	t.Helper()
	if serverURL == "" {
		t.Skip("no Redis: set " + servers.RedisEnv + ", or install redis-server")
	}
	u, err := url.Parse(serverURL)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + strconv.Itoa(n)
	c := client(t, u.String())
	ctx := context.Background()
	for keys := c.Scan(ctx, 0, "doorbuster:*", 1000).Iterator(); keys.Next(ctx); {
		c.Unlink(ctx, keys.Val())
	}
	return u.String()
}

// client is a connection beside the engine's.
func client(t testing.TB, url string) *goredis.Client {
	t.Helper()
	o, err := goredis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := goredis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// at is a server that is there already.
func at(url string) redis.Server {
	return redis.Server{URL: func(context.Context) (string, error) { return url, nil }}
}

func find(t testing.TB, strategy string, s redis.Server) engines.Spec {
	t.Helper()
	for _, spec := range redis.Specs(s) {
		if spec.Strategy() == strategy {
			return spec
		}
	}
	t.Fatalf("no strategy %s", strategy)
	return engines.Spec{}
}
