package postgres_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/postgres"
)

func find(t testing.TB, name string, s postgres.Server) engines.Spec {
	t.Helper()
	for _, spec := range postgres.Specs(s) {
		if spec.Name == name {
			return spec
		}
	}
	t.Fatalf("no engine %s", name)
	return engines.Spec{}
}

func open(t *testing.T, s postgres.Server) (engines.Engine, error) {
	t.Helper()
	return find(t, "postgres/pessimistic", s).Open(context.Background(), engines.Setup{})
}

// TestMigrateTwice opens a schema that is up to date: nothing is lost.
func TestMigrateTwice(t *testing.T) {
	server := at(database(t, "twice"))
	for i := range 2 {
		e, err := open(t, server)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if err := e.Reset(context.Background(), []int64{7, 8}); err != nil {
				t.Fatal(err)
			}
		}
		if got := stockOf(t, e); len(got) != 2 || got[1].Available != 8 {
			t.Errorf("opened %d times, the stock is %+v, want 7 and 8 units", i+1, got)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}

func stockOf(t *testing.T, e engines.Engine) (all []engines.Stock) {
	t.Helper()
	books, err := e.Books(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for s, err := range books.Stock {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// TestForeignSchema finds someone's tables under our name: refused and untouched, unless consented.
func TestForeignSchema(t *testing.T) {
	url := database(t, "foreign")
	execOn(t, url, `CREATE SCHEMA doorbuster; CREATE TABLE doorbuster.stock (mine text); INSERT INTO doorbuster.stock VALUES ('keep')`)
	server := at(url)
	if _, err := open(t, server); err == nil || !strings.Contains(err.Error(), "did not make it") {
		t.Errorf("a schema that isn't ours: %v, want a refusal", err)
	}
	execOn(t, url, `SELECT 1 / count(*) FROM doorbuster.stock WHERE mine = 'keep'`) // fails if the row is gone
	server.AllowReset = true
	e, err := open(t, server)
	if err != nil {
		t.Fatalf("with consent: %v", err)
	}
	defer e.Close()
	if err := e.Reset(context.Background(), []int64{3}); err != nil {
		t.Error(err)
	}
}

// TestNewerSchema finds a schema that a newer program migrated.
func TestNewerSchema(t *testing.T) {
	server := at(database(t, "newer"))
	e, err := open(t, server)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	url, _ := server.URL(context.Background())
	execOn(t, url, `INSERT INTO doorbuster.migrations VALUES (1000, 'of the future')`)
	if _, err := open(t, server); err == nil || !strings.Contains(err.Error(), "version 1000") {
		t.Errorf("a newer schema: %v, want a refusal that names its version", err)
	}
}

// TestBadServer tries what isn't a server: an error each, which doesn't tell the password.
func TestBadServer(t *testing.T) {
	for what, url := range map[string]string{
		"no URL":     "postgres://me:s3cret@[::1/x",
		"bad port":   "postgres://me:s3cret@127.0.0.1:port/x",
		"nobody":     "postgres://me:s3cret@127.0.0.1:1/x",
		"bad option": "postgres://me:s3cret@127.0.0.1:1/x?pool_max_conns=many",
	} {
		if _, err := open(t, at(url)); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v, want an error without the password", what, err)
		}
	}
}

// TestWrongPassword doesn't get in, and isn't told to anybody.
func TestWrongPassword(t *testing.T) {
	u, err := url.Parse(database(t, "password"))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("postgres", "s3cret")
	e, err := open(t, at(u.String()))
	if err == nil {
		_ = e.Close()
		t.Skip("this server lets in without a password")
	}
	if strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "password") {
		t.Errorf("%v, want an error about the password that doesn't show it", err)
	}
}

// TestNoRights is a user that may connect and not create a schema: refused, and nothing is there afterwards.
func TestNoRights(t *testing.T) {
	there := database(t, "rights")
	admin(t, `DROP ROLE IF EXISTS doorbuster_test_guest`)
	admin(t, `CREATE ROLE doorbuster_test_guest LOGIN PASSWORD 's3cret'`)
	t.Cleanup(func() { admin(t, `DROP ROLE doorbuster_test_guest`) })
	u, err := url.Parse(there)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("doorbuster_test_guest", "s3cret")
	_, err = open(t, at(u.String()))
	if err == nil || !strings.Contains(err.Error(), "permission denied") || !strings.Contains(err.Error(), "create schema doorbuster") {
		t.Errorf("without the right to create a schema: %v, want an error that says so", err)
	}
	execOn(t, there, `SELECT 1 / (to_regnamespace('doorbuster') IS NULL)::int`) // fails if it is there
}

// TestBadShares opens pools that don't add up.
func TestBadShares(t *testing.T) {
	spec := find(t, "postgres/quota", at("postgres://127.0.0.1:1/x"))
	if _, err := spec.Open(context.Background(), engines.Setup{Shares: []float64{0.5}}); err == nil || !strings.Contains(err.Error(), "shares sum to 0.5") {
		t.Errorf("half of the shares: %v, want an error that says so", err)
	}
}
