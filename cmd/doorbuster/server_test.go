//go:build linux

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines/servers"
	"github.com/doorbuster/doorbuster/sim/result"
)

// These tests run the command on a private Postgres of its own, which needs the binaries on this machine.

// needPostgres skips t, loudly, where there are none; where CI is set that is a failure.
func needPostgres(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs in real time")
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if _, err := exec.LookPath("postgres"); err == nil || len(found) > 0 {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no PostgreSQL on this machine, and CI must have one")
	}
	t.Skip("NO POSTGRES, SO THIS TEST IS SKIPPED: install postgresql")
}

// house is where a command runs: with a folder for its servers and one for its results.
type house struct {
	t        *testing.T
	temp     string
	out      string
	stderr   bytes.Buffer
	progress chan struct{} // closed at the first line of progress
	cmd      *exec.Cmd
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, temp: t.TempDir(), out: t.TempDir()}
	for dir := h.temp; strings.HasPrefix(dir, os.TempDir()+"/"); dir = filepath.Dir(dir) { // the server's user has to pass through
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// start runs blackfriday on Postgres with these arguments.
func (h *house) start(args ...string) {
	h.t.Helper()
	h.stderr.Reset()
	h.progress = make(chan struct{})
	h.cmd = exec.Command("doorbuster", append([]string{"run", "blackfriday", "--require", "postgres", "--out", h.out}, args...)...)
	h.cmd.Env = append(os.Environ(), "TMPDIR="+h.temp, servers.PostgresEnv+"=")
	pipe, err := h.cmd.StderrPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = h.cmd.Process.Kill() })
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		first := true
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			fmt.Fprintln(&h.stderr, lines.Text())
			if first && strings.Contains(lines.Text(), "runs done") {
				first = false
				close(h.progress)
			}
		}
	}()
	h.t.Cleanup(func() { <-ended })
}

// ends waits for the command and expects one of some exit codes.
func (h *house) ends(codes ...int) {
	h.t.Helper()
	_ = h.cmd.Wait() // its exit code says it
	if got := h.cmd.ProcessState.ExitCode(); !slices.Contains(codes, got) {
		h.t.Fatalf("exit code %d, want one of %v:\n%s", got, codes, h.stderr.String())
	}
}

// lagged says whether all that is wrong with a run is that this machine was too busy to send its load in time.
func lagged(t *testing.T, r result.Run) bool {
	t.Helper()
	for _, why := range r.Invalid {
		if !strings.HasPrefix(why, "The generator lagged") {
			return false
		}
		t.Logf("%s: %s", r.Engine, why)
	}
	return len(r.Invalid) > 0
}

func (h *house) running() {
	h.t.Helper()
	select {
	case <-h.progress:
	case <-time.After(time.Minute):
		h.t.Fatalf("no progress in a minute:\n%s", h.stderr.String())
	}
}

func (h *house) result() *result.File {
	h.t.Helper()
	f, err := result.Read(filepath.Join(h.out, "result.json"))
	if err != nil {
		h.t.Fatal(err)
	}
	return f
}

// folders of servers that are there.
func (h *house) folders() []string {
	found, _ := filepath.Glob(filepath.Join(h.temp, "doorbuster-*"))
	return found
}

// server is the process of the private server.
func (h *house) server() int {
	h.t.Helper()
	folders := h.folders()
	if len(folders) != 1 {
		h.t.Fatalf("there are the folders %q, want one", folders)
	}
	text, err := os.ReadFile(filepath.Join(folders[0], "pid"))
	if err != nil {
		h.t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		h.t.Fatal(err)
	}
	return pid
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func runOf(t *testing.T, f *result.File, engine string) result.Run {
	t.Helper()
	for _, r := range f.Runs {
		if r.Engine == engine {
			return r
		}
	}
	t.Fatalf("no run of %s", engine)
	return result.Run{}
}

// Every engine on Postgres through a Black Friday in real time: those that promise keep it, with the hot SKU sold out; the control
// oversells; and one that is unsafe says why. Nothing is left of the server.
func TestBlackFridayOnPostgres(t *testing.T) {
	needPostgres(t)
	h := newHouse(t)
	h.start("--mode", "wall", "--engine", "postgres/*", "--duration", "6s")
	h.ends(0, 4)
	f := h.result()
	if len(f.Runs) < 9 || !f.Complete {
		t.Fatalf("%d runs, complete %v", len(f.Runs), f.Complete)
	}
	for _, r := range f.Runs {
		if r.PromisesNoOversell && (r.Units.Oversold.Max != 0 || r.Verdict != result.Pass && !lagged(t, r)) {
			t.Errorf("%s oversold %+v, verdict %s, valid %v %q", r.Engine, r.Units.Oversold, r.Verdict, r.Valid, r.Invalid)
		}
		// On a busy machine, those that give up under contention may keep a few of its last units.
		if hot := r.Hot[0]; r.PromisesNoOversell && hot.SoldOutMS < 0 && hot.Promised < hot.Supply*3/4 {
			t.Errorf("%s: the hot SKU did not sell out: %+v", r.Engine, hot)
		}
		if r.Mode != result.Wall || r.Load.Dropped != 0 || len(r.Errors) != 0 {
			t.Errorf("%s: mode %s, %d dropped, errors %+v", r.Engine, r.Mode, r.Load.Dropped, r.Errors)
		}
	}
	if naive := runOf(t, f, "postgres/naive"); naive.Units.Oversold.Min == 0 {
		t.Error("the control did not oversell")
	}
	if lock := runOf(t, f, "postgres/lock"); lock.PromisesNoOversell || lock.Unsafe == "" {
		t.Errorf("lock promises %v, unsafe because %q", lock.PromisesNoOversell, lock.Unsafe)
	}
	card := f.Card.Servers["postgres"]
	if !card.Private || card.FsyncUS <= 0 || card.Settings["synchronous_commit"] != "on" || card.Settings["fsync"] != "on" || !strings.HasPrefix(card.Version, "PostgreSQL ") {
		t.Errorf("the card says %+v", card)
	}
	if left := h.folders(); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	for _, said := range []string{"postgres: PostgreSQL ", "private", "an fsync takes", "real time: "} {
		if !strings.Contains(h.stderr.String(), said) {
			t.Errorf("nothing was said of %q:\n%s", said, h.stderr.String())
		}
	}
}

// Ctrl-C in the middle: a valid result that is marked incomplete, and neither server nor folder.
func TestInterruptedOnPostgres(t *testing.T) {
	needPostgres(t)
	h := newHouse(t)
	h.start("--engine", "postgres/conditional", "--duration", "1m")
	h.running()
	server := h.server()
	if err := h.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	h.ends(130)
	f := h.result()
	if r := runOf(t, f, "postgres/conditional"); f.Complete || r.Complete || r.Verdict != result.Unknown || r.Orders.Asked == 0 {
		t.Errorf("complete %v and %v, verdict %s, %d orders", f.Complete, r.Complete, r.Verdict, r.Orders.Asked)
	}
	if left := h.folders(); alive(server) || len(left) > 0 {
		t.Errorf("the server is alive: %v; left behind: %q", alive(server), left)
	}
}

// A run that is killed leaves a folder. The next one says so and removes it.
func TestKilledRunIsClearedAway(t *testing.T) {
	needPostgres(t)
	h := newHouse(t)
	h.start("--engine", "postgres/conditional", "--duration", "1m")
	h.running()
	server := h.server()
	left := h.folders()[0]
	if err := h.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = h.cmd.Wait() // killed
	h.start("--engine", "postgres/conditional", "--duration", "2s")
	h.ends(0, 4)
	if !strings.Contains(h.stderr.String(), "A run that was killed left "+left) {
		t.Errorf("nothing was said of %s:\n%s", left, h.stderr.String())
	}
	if now := h.folders(); alive(server) || len(now) > 0 {
		t.Errorf("the server is alive: %v; left behind: %q", alive(server), now)
	}
}

// backends are the server's processes that serve a connection.
func backends(server int) (pids []int) {
	found, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range found {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		_, after, _ := strings.Cut(string(stat), ") ")
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		if f := strings.Fields(after); len(f) > 1 && f[1] == strconv.Itoa(server) && strings.Contains(string(line), "127.0.0.1(") {
			pids = append(pids, pid)
		}
	}
	return pids
}

// Postgres crashes in the middle and starts again: the run goes on, lost answers are settled from what the database kept, and the result
// says when it happened.
func TestPostgresCrashesMidRun(t *testing.T) {
	needPostgres(t)
	h := newHouse(t)
	h.start("--engine", "postgres/conditional", "--duration", "10s")
	h.running()
	pids := backends(h.server())
	if len(pids) == 0 {
		t.Fatal("no process serves a connection")
	}
	if err := syscall.Kill(pids[0], syscall.SIGKILL); err != nil { // Postgres ends all others and recovers from its log
		t.Fatal(err)
	}
	h.ends(0, 4)
	r := runOf(t, h.result(), "postgres/conditional")
	if !r.Complete || r.Units.Oversold.Max != 0 || r.Verdict != result.Pass && !lagged(t, r) {
		t.Errorf("complete %v, oversold %+v, verdict %s, %s", r.Complete, r.Units.Oversold, r.Verdict, r.Error)
	}
	var errors int64
	for _, e := range r.Errors {
		errors += e.Count
		if e.FirstMS < 1000 || e.LastMS > 9000 {
			t.Errorf("seen from %v to %v ms of 10 s: %s", e.FirstMS, e.LastMS, e.Message)
		}
	}
	if errors == 0 {
		t.Error("no operation met the crash: this tests nothing")
	}
}

// Postgres dies in the middle and stays dead: the run comes to its end in bounded time, and proves nothing.
func TestPostgresDiesMidRun(t *testing.T) {
	needPostgres(t)
	h := newHouse(t)
	h.start("--engine", "postgres/conditional", "--duration", "5s")
	h.running()
	if err := syscall.Kill(h.server(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	died := time.Now()
	h.ends(4)
	if took := time.Since(died); took > 90*time.Second {
		t.Errorf("it took %v to end", took)
	}
	r := runOf(t, h.result(), "postgres/conditional")
	if r.Verdict != result.Unknown || len(r.Errors) == 0 || r.Orders.Unknown == 0 {
		t.Errorf("verdict %s, errors %+v, %d orders unknown", r.Verdict, r.Errors, r.Orders.Unknown)
	}
	for _, c := range r.Checks {
		if c.Verdict == result.Pass && regexp.MustCompile("conservation|phantom|oversold").MatchString(c.Name) {
			t.Errorf("%s passes without books: %s", c.Name, c.Detail)
		}
	}
	if left := h.folders(); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}
