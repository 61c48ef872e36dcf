package redispostgres_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/postgres"
	"github.com/doorbuster/doorbuster/engines/redis"
	"github.com/doorbuster/doorbuster/engines/redispostgres"
	"github.com/doorbuster/doorbuster/engines/servers"
)

// Where the tests' servers are; empty if there is none.
var redisURL, postgresURL string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx := context.Background()
	for find, url := range map[*func(context.Context, servers.Options) (*servers.Server, error)]*string{
		new(servers.Redis): &redisURL, new(servers.Postgres): &postgresURL,
	} {
		s, err := (*find)(ctx, servers.Options{})
		if err != nil {
			fmt.Fprintln(os.Stderr, "THESE TESTS ARE SKIPPED:", err)
			if os.Getenv("CI") == "true" {
				return 1
			}
			return m.Run()
		}
		defer func() { _ = s.Stop() }()
		*url = s.URL
	}
	return m.Run()
}

// stores are empty ones on the tests' servers.
func stores(t testing.TB) (atRedis, atPostgres string) {
	t.Helper()
	if redisURL == "" || postgresURL == "" {
		t.Skip("no Redis, or no Postgres")
	}
	ctx := context.Background()
	c := client(t, redisURL)
	for keys := c.Scan(ctx, 0, "doorbuster:*", 1000).Iterator(); keys.Next(ctx); {
		c.Unlink(ctx, keys.Val())
	}
	const name = "doorbuster_test_predecrement"
	admin(t, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	admin(t, "CREATE DATABASE "+name)
	t.Cleanup(func() { admin(t, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	u, err := url.Parse(postgresURL)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return redisURL, u.String()
}

func admin(t testing.TB, sql string) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, postgresURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(ctx) }()
	if _, err := c.Exec(ctx, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
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

func spec(atRedis, atPostgres string) engines.Spec {
	return redispostgres.Specs(
		redis.Server{URL: func(context.Context) (string, error) { return atRedis, nil }},
		postgres.Server{URL: func(context.Context) (string, error) { return atPostgres, nil }},
	)[0]
}
