//go:build linux

package main

import (
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines/servers"
)

// A server that was named and can't be used is an error with exit code 2 that says why; nothing runs, nothing in it is touched, and no
// password is shown.
func TestGivenPostgresThatCantBeUsed(t *testing.T) {
	needPostgres(t)
	s, err := servers.Postgres(t.Context(), servers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop() })
	do(t, s.URL, `CREATE ROLE guest LOGIN PASSWORD 's3cret'`)
	do(t, s.URL, `CREATE DATABASE foreigners`)
	foreign := with(t, s.URL, func(u *url.URL) { u.Path = "/foreigners" })
	do(t, foreign, `CREATE SCHEMA doorbuster; CREATE TABLE doorbuster.stock (mine text); INSERT INTO doorbuster.stock VALUES ('keep')`)
	for _, c := range []struct {
		name, url, says string
	}{
		{"wrong password", with(t, s.URL, func(u *url.URL) { u.User = url.UserPassword("guest", "wr0ng") }), "password authentication failed"},
		{"no right to create a schema", with(t, s.URL, func(u *url.URL) { u.User = url.UserPassword("guest", "s3cret") }), "permission denied"},
		{"no such database", with(t, s.URL, func(u *url.URL) { u.Path = "/nowhere" }), `database "nowhere" does not exist`},
		{"foreign tables", foreign, "doorbuster did not make it"},
		{"not a URL", "postgres://guest:s3cret@[::1/x", "DOORBUSTER_POSTGRES="},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := t.TempDir()
			said, code := withPostgres(c.url, "run", "blackfriday", "--engine", "memory/naive,postgres/naive", "--duration", "1s", "--out", out)
			if code != 2 || !strings.Contains(said, c.says) {
				t.Errorf("exit code %d, want 2 and %q:\n%s", code, c.says, said)
			}
			if u, err := url.Parse(c.url); err == nil {
				password, _ := u.User.Password()
				if strings.Contains(said, password) {
					t.Errorf("the password is shown:\n%s", said)
				}
			} else if strings.Contains(said, "s3cret") {
				t.Errorf("the password is shown:\n%s", said)
			}
			if left, _ := os.ReadDir(out); len(left) > 0 {
				t.Errorf("it wrote %v", left)
			}
		})
	}
	do(t, foreign, `SELECT 1 / count(*) FROM doorbuster.stock WHERE mine = 'keep'`) // fails if the row is gone
	if said, code := withPostgres(foreign, "run", "blackfriday", "--engine", "postgres/conditional", "--duration", "1s", "--allow-reset", "--out", t.TempDir()); code != 0 && code != 4 {
		t.Errorf("with consent: exit code %d:\n%s", code, said)
	}
}

// with is a URL with something changed.
func with(t *testing.T, raw string, change func(*url.URL)) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	change(u)
	return u.String()
}

func do(t *testing.T, url, sql string) {
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

// withPostgres runs the command on the Postgres at url.
func withPostgres(url string, args ...string) (said string, code int) {
	cmd := exec.Command("doorbuster", args...)
	cmd.Env = append(os.Environ(), servers.PostgresEnv+"="+url)
	out, err := cmd.CombinedOutput()
	if failed := new(exec.ExitError); errors.As(err, &failed) {
		code = failed.ExitCode()
	} else if err != nil {
		return err.Error(), -1
	}
	return string(out), code
}
