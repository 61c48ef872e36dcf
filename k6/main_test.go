package k6

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.k6.io/k6/v2/cmd"

	"github.com/doorbuster/doorbuster/engines/servers"
	"github.com/doorbuster/doorbuster/sim/result"
)

// asK6 makes the tests' binary k6 with the extension, as cmd/k6 is.
const asK6 = "DOORBUSTER_TEST_AS_K6"

// The servers of the tests; empty if there is none.
var postgresURL, redisURL string

func TestMain(m *testing.M) {
	if os.Getenv(asK6) != "" {
		cmd.Execute()
		return
	}
	os.Exit(withServers(m))
}

func withServers(m *testing.M) int {
	for url, find := range map[*string]func(context.Context, servers.Options) (*servers.Server, error){&postgresURL: servers.Postgres, &redisURL: servers.Redis} {
		s, err := find(context.Background(), servers.Options{})
		if err != nil {
			fmt.Fprintln(os.Stderr, "TESTS ARE SKIPPED:", err)
			if os.Getenv("CI") == "true" {
				return 1
			}
			continue
		}
		*url = s.URL
		defer func() {
			if err := s.Stop(); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}()
	}
	return m.Run()
}

// exit codes of k6.
const (
	metThresholds    = 0
	failedThresholds = 99
	teardownTimeout  = 101
	scriptAborted    = 108
)

// play is one call of k6.
type play struct {
	script string
	env    map[string]string // of the script
	args   []string
}

// started k6, with the tests' servers.
func (p play) start(t testing.TB) (command *exec.Cmd, output *bytes.Buffer) {
	t.Helper()
	args := []string{"run", "--quiet", "--address", "", "--no-usage-report"}
	for k, v := range p.env {
		args = append(args, "-e", k+"="+v)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command = exec.CommandContext(ctx, exe, append(append(args, p.args...), p.script)...)
	command.Env = append(os.Environ(), asK6+"=1", servers.PostgresEnv+"="+postgresURL, servers.RedisEnv+"="+redisURL)
	output = new(bytes.Buffer)
	command.Stdout, command.Stderr = output, output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	return command, output
}

// run is k6 from start to end.
func (p play) run(t *testing.T) (code int, output string) {
	t.Helper()
	command, out := p.start(t)
	code = codeOf(t, command.Wait())
	return code, out.String()
}

func codeOf(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit != nil {
		return exit.ExitCode()
	}
	return 0
}

// resultIn reads the one run of a folder's result.
func resultIn(t *testing.T, dir string) (*result.File, *result.Run) {
	t.Helper()
	f, err := result.Read(filepath.Join(dir, "result.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Runs) != 1 {
		t.Fatalf("%d runs, want 1", len(f.Runs))
	}
	return f, &f.Runs[0]
}

// needServer skips t if the engine's server isn't there.
func needServer(t *testing.T, engine string) {
	t.Helper()
	if strings.HasPrefix(engine, "postgres/") && postgresURL == "" || strings.HasPrefix(engine, "redis/") && redisURL == "" {
		t.Skip("no server for " + engine)
	}
}
