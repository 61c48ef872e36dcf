package postgres_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines/servers"
)

// serverURL is where the tests' server is; empty if there is none.
var serverURL string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	server, err := servers.Postgres(context.Background(), servers.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, "NO POSTGRES, SO THESE TESTS ARE SKIPPED:", err)
		if os.Getenv("CI") == "true" {
			return 1
		}
		return m.Run()
	}
	defer func() {
		if err := server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	serverURL = server.URL
	return m.Run()
}

// needServer skips t if there is no server.
func needServer(t testing.TB) {
	t.Helper()
	if serverURL == "" {
		t.Skip("no Postgres server: set DOORBUSTER_POSTGRES, or install postgresql")
	}
}

// database makes an empty database and returns its URL; it is dropped when t ends.
func database(t testing.TB, name string) string {
	t.Helper()
	needServer(t)
	name = "doorbuster_test_" + name
	admin(t, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	admin(t, "CREATE DATABASE "+name)
	t.Cleanup(func() { admin(t, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	u, err := url.Parse(serverURL)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// withOption is a URL with one option more.
func withOption(t testing.TB, there, name, value string) string {
	t.Helper()
	u, err := url.Parse(there)
	if err != nil {
		t.Fatal(err)
	}
	options := u.Query()
	options.Set(name, value)
	u.RawQuery = options.Encode()
	return u.String()
}

func admin(t testing.TB, sql string) { t.Helper(); execOn(t, serverURL, sql) }

// execOn runs sql on a connection of its own.
func execOn(t testing.TB, url, sql string) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(ctx) }()
	if _, err := c.Exec(ctx, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
