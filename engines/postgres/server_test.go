package postgres_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// serverURL is where the tests' server is; empty if there is none.
var serverURL string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if serverURL = os.Getenv("DOORBUSTER_POSTGRES"); serverURL != "" {
		return m.Run()
	}
	stop, err := start()
	if err != nil {
		fmt.Fprintln(os.Stderr, "NO POSTGRES, SO THESE TESTS ARE SKIPPED:", err, "(set DOORBUSTER_POSTGRES, or install postgresql)")
		if os.Getenv("CI") == "true" {
			return 1
		}
		return m.Run()
	}
	defer stop()
	return m.Run()
}

// needServer skips t if there is no server.
func needServer(t *testing.T) {
	t.Helper()
	if serverURL == "" {
		t.Skip("no Postgres server: set DOORBUSTER_POSTGRES, or install postgresql")
	}
}

// start runs a private server in a folder of its own, as user postgres if we are root, whom it refuses.
func start() (stop func(), err error) {
	initdb, server, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "doorbuster-postgres-")
	if err != nil {
		return nil, err
	}
	remove := func() { _ = os.RemoveAll(dir) }
	as, err := owner(dir)
	if err != nil {
		remove()
		return nil, err
	}
	data := filepath.Join(dir, "data")
	if out, err := as(exec.Command(initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")).CombinedOutput(); err != nil {
		remove()
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	port, err := freePort()
	if err != nil {
		remove()
		return nil, err
	}
	p := as(exec.Command(server, "-D", data, "-h", "127.0.0.1", "-p", port, "-k", dir, "-c", "fsync=on", "-c", "max_connections=200", "-c", "log_min_messages=fatal"))
	if err := p.Start(); err != nil {
		remove()
		return nil, err
	}
	stop = func() { _ = p.Process.Signal(syscall.SIGINT); _ = p.Wait(); remove() } // SIGINT: fast shutdown
	serverURL = "postgres://postgres@127.0.0.1:" + port + "/postgres?sslmode=disable"
	if err := ready(); err != nil {
		serverURL = ""
		stop()
		return nil, err
	}
	return stop, nil
}

// binaries finds initdb and postgres, on the path or where Debian puts the newest version.
func binaries() (initdb, server string, err error) {
	if initdb, err = exec.LookPath("initdb"); err == nil {
		server, err = exec.LookPath("postgres")
		return initdb, server, err
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(found) == 0 {
		return "", "", err
	}
	bin := found[len(found)-1]
	return filepath.Join(bin, "initdb"), filepath.Join(bin, "postgres"), nil
}

// owner gives dir to the user that the server will run as, and returns what makes a command run as that user.
func owner(dir string) (as func(*exec.Cmd) *exec.Cmd, err error) {
	as = func(c *exec.Cmd) *exec.Cmd { c.Dir = dir; return c }
	if os.Geteuid() != 0 {
		return as, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("the server refuses to run as root: %w", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	return func(c *exec.Cmd) *exec.Cmd {
		c.Dir = dir
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		return c
	}, os.Chown(dir, uid, gid)
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// ready waits for the server to answer.
func ready() (err error) {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) { //nolint:forbidigo // a starting server gives no sign to wait for
		var c *pgx.Conn
		if c, err = pgx.Connect(context.Background(), serverURL); err == nil {
			return c.Close(context.Background())
		}
	}
	return fmt.Errorf("the server did not answer in 20 s: %w", err)
}

// database makes an empty database and returns its URL; it is dropped when t ends.
func database(t *testing.T, name string) string {
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

func admin(t *testing.T, sql string) { t.Helper(); execOn(t, serverURL, sql) }

// execOn runs sql on a connection of its own.
func execOn(t *testing.T, url, sql string) {
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
