package servers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// helperEnv makes the test binary a harness that starts the named server and waits to be killed.
const helperEnv = "DOORBUSTER_SERVERS_TEST_HELPER"

var products = []product{postgres, redis}

func TestMain(m *testing.M) {
	for _, p := range products {
		if os.Getenv(helperEnv) == p.name {
			helper(p)
		}
	}
	os.Exit(m.Run())
}

// helper prints the server's process id once it runs.
func helper(p product) {
	s, err := find(context.Background(), Options{outlive: os.Getenv("OUTLIVE") != ""}, p)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(s.PID)
	select {}
}

// eachProduct runs a test with every server that is installed, in a temporary folder that the server's user may enter.
func eachProduct(t *testing.T, test func(t *testing.T, ctx context.Context, p product)) {
	for _, p := range products {
		t.Run(p.name, func(t *testing.T) {
			t.Setenv(p.env, "")
			if p.installed() == nil {
				lacking(t, p.unavailable())
			}
			temp, err := os.MkdirTemp("", "servers-test-") //nolint:usetesting // a server of another user has to get through to its folder
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(temp) })
			if err := os.Chmod(temp, 0o711); err != nil {
				t.Fatal(err)
			}
			t.Setenv("TMPDIR", temp)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			test(t, ctx, p)
		})
	}
}

func lacking(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("must be tested in CI: %v", err)
	}
	t.Skipf("NOT TESTED: %v", err)
}

func mustFind(ctx context.Context, t *testing.T, p product) *Server {
	t.Helper()
	s, err := find(ctx, Options{}, p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func folders(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(os.TempDir(), "doorbuster-*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func expectGone(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) && commandLine(pid) != "" {
		t.Errorf("process %d is still there: %s", pid, commandLine(pid))
	}
	if left := folders(t); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestStartDescribeStop(t *testing.T) {
	eachProduct(t, func(t *testing.T, ctx context.Context, p product) {
		s := mustFind(ctx, t, p)
		if len(folders(t)) != 1 || !strings.Contains(commandLine(s.PID), folders(t)[0]) {
			t.Fatalf("process %d is %q, want its folder, one of %v", s.PID, commandLine(s.PID), folders(t))
		}
		if !s.Private || !strings.HasPrefix(s.Version, map[string]string{"Postgres": "PostgreSQL ", "Redis": "Redis "}[p.name]) {
			t.Errorf("private %v, version %q", s.Private, s.Version)
		}
		durable := map[string]map[string]string{
			"Postgres": {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_connections": "400"},
			"Redis":    {"appendonly": "yes", "appendfsync": "everysec", "save": "", "maxmemory-policy": "noeviction"},
		}
		for name, want := range durable[p.name] {
			if got := s.Settings[name]; got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		if s.Fsync <= 0 || s.Fsync > 10*time.Second {
			t.Errorf("an fsync took %v", s.Fsync)
		}
		t.Logf("%s; fsync %v; %v", s.Version, s.Fsync, s.Settings)
		for range 2 {
			if err := s.Stop(); err != nil {
				t.Error(err)
			}
			expectGone(t, s.PID)
		}
		if d, err := p.describe(ctx, s.URL); err == nil {
			t.Errorf("%s still answers", d.version)
		}
	})
}

func TestEndsWithContext(t *testing.T) {
	eachProduct(t, func(t *testing.T, ctx context.Context, p product) {
		ctx, cancel := context.WithCancel(ctx)
		s := mustFind(ctx, t, p)
		cancel()
		if !eventually(10*time.Second, func() bool { return folders(t) == nil }) {
			t.Error("the folder outlived the context by 10 s")
		}
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		expectGone(t, s.PID)
	})
}

func TestContextEndsDuringStart(t *testing.T) {
	eachProduct(t, func(t *testing.T, ctx context.Context, p product) {
		// Enough for the program to be started, not for it to be ready.
		ctx, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
		defer cancel()
		if _, err := find(ctx, Options{}, p); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's end", err)
		}
		if left := folders(t); left != nil {
			t.Errorf("left behind: %v", left)
		}
	})
}

func TestTwoAtOnce(t *testing.T) {
	eachProduct(t, func(t *testing.T, ctx context.Context, p product) {
		other := make(chan *Server)
		go func() {
			s, err := find(ctx, Options{}, p)
			if err != nil {
				t.Error(err)
			}
			other <- s
		}()
		a := mustFind(ctx, t, p)
		b := <-other
		if b == nil {
			return
		}
		if a.URL == b.URL || a.PID == b.PID {
			t.Errorf("both are process %d, %d", a.PID, b.PID)
		}
		if err := b.Stop(); err != nil {
			t.Error(err)
		}
		if _, err := p.describe(ctx, a.URL); err != nil {
			t.Errorf("stopping one hurt the other: %v", err)
		}
	})
}

// killHelper runs a harness in a process of its own, kills it with -9, and returns the process id of its server.
func killHelper(t *testing.T, p product, outlive string) (pid int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperEnv+"="+p.name, "OUTLIVE="+outlive)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n') // what is wrong shows in the next line
	if _, err := fmt.Sscan(line, &pid); err != nil {
		t.Errorf("the helper said %q: %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the helper ended by itself")
	}
	if t.Failed() {
		t.FailNow()
	}
	return pid
}

func TestKilledHarness(t *testing.T) {
	eachProduct(t, func(t *testing.T, ctx context.Context, p product) {
		living := mustFind(ctx, t, p)
		orphan := killHelper(t, p, "yes")
		if commandLine(orphan) == "" || len(folders(t)) != 2 {
			t.Fatalf("process %d is %q, folders %v: nothing to clean up", orphan, commandLine(orphan), folders(t))
		}
		s := mustFind(ctx, t, p)
		if commandLine(orphan) != "" {
			t.Errorf("the orphan lives: %s", commandLine(orphan))
		}
		if len(s.Notes) != 1 || !strings.Contains(s.Notes[0], "and its server: stopped and removed") {
			t.Errorf("notes %q", s.Notes)
		}
		if len(folders(t)) != 2 {
			t.Errorf("folders %v, want those of the two that live", folders(t))
		}
		if _, err := p.describe(ctx, living.URL); err != nil {
			t.Errorf("the server of a living harness was swept away: %v", err)
		}
	})
}

func TestDeathSignal(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("NOT TESTED: this system has no death signal")
	}
	eachProduct(t, func(t *testing.T, ctx context.Context, p product) {
		pid := killHelper(t, p, "")
		if !eventually(10*time.Second, func() bool { return commandLine(pid) == "" }) {
			t.Errorf("process %d outlived its harness by 10 s", pid)
		}
		notes := sweep()
		if len(notes) != 1 || !strings.HasSuffix(notes[0], ": removed.") || folders(t) != nil {
			t.Errorf("notes %q, left %v; want one folder without a server, removed", notes, folders(t))
		}
	})
}

// TestReusedPID has a dead harness's folder name a process that isn't its server.
func TestReusedPID(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	bystander := exec.Command("sleep", "60")
	p, err := launch(bystander)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.stop() }()
	// Start returns a moment before the kernel shows the new program's command line.
	if !eventually(stopWithin, func() bool { return commandLine(bystander.Process.Pid) != "" }) {
		t.Fatal("the bystander has no command line")
	}
	f, err := newFolder(nil)
	if err != nil {
		t.Fatal(err)
	}
	pid := fmt.Sprintln(bystander.Process.Pid)
	if err := os.WriteFile(filepath.Join(f.path, pidFile), []byte(pid), 0o600); err != nil {
		t.Fatal(err)
	}
	if notes := sweep(); notes != nil || len(folders(t)) != 1 {
		t.Errorf("a folder whose owner lives: notes %q, left %v", notes, folders(t))
	}
	_ = f.lock.Close() // as at the harness's death
	if notes := sweep(); len(notes) != 1 || folders(t) != nil {
		t.Errorf("notes %q, left %v; want the folder removed", notes, folders(t))
	}
	if commandLine(bystander.Process.Pid) == "" {
		t.Error("a process that wasn't the server was stopped")
	}
}

func TestFailedStartShowsTheLog(t *testing.T) {
	eachProduct(t, func(t *testing.T, ctx context.Context, p product) {
		arguments := p.arguments
		p.arguments = func(in *instance) ([]string, error) {
			args, err := arguments(in)
			return append(args, "--no-such-setting", "1"), err
		}
		_, err := find(ctx, Options{}, p)
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "_", "-"), "no-such-setting") {
			t.Errorf("got %v, want the log's complaint", err)
		}
		if left := folders(t); left != nil {
			t.Errorf("left behind: %v", left)
		}
	})
}

func TestPortTaken(t *testing.T) {
	eachProduct(t, func(t *testing.T, ctx context.Context, p product) {
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		tries := 0
		arguments := p.arguments
		p.arguments = func(in *instance) ([]string, error) {
			if tries++; tries == 1 {
				in.port = taken.Addr().(*net.TCPAddr).Port
			}
			return arguments(in)
		}
		mustFind(ctx, t, p)
		if tries != 2 {
			t.Errorf("%d tries, want a second one on another port", tries)
		}
	})
}
