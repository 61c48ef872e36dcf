package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"doorbuster": main})
}

// TestScripts runs the stories under testdata/script, each with the command as its users call it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"interrupt": interrupt,
		},
		RequireExplicitExec: true,
	})
}

// exits runs a command and expects an exit code: exits CODE COMMAND ARGS…, where CODE may be several: 0|4.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARGS…")
	}
	expectCode(ts, ts.Exec(args[1], args[2:]...), args[0])
}

func expectCode(ts *testscript.TestScript, err error, want string) {
	code := 0
	if failed := new(exec.ExitError); errors.As(err, &failed) {
		code = failed.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if !slices.Contains(strings.Split(want, "|"), strconv.Itoa(code)) {
		ts.Fatalf("exit code %d, want %s", code, want)
	}
}

// interrupt runs a command, sends it an interrupt as soon as a line on its standard error matches, and expects an exit
// code: interrupt CODE PATTERN COMMAND ARGS…
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: interrupt CODE PATTERN COMMAND ARGS…")
	}
	cmd := exec.Command(args[2], args[3:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Stdout = ts.Stdout()
	stderr, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	interrupted := interruptOn(regexp.MustCompile(args[1]), io.TeeReader(stderr, ts.Stderr()), cmd.Process)
	err = cmd.Wait()
	if !interrupted {
		ts.Fatalf("no line matched %s before the command ended (%v)", args[1], err)
	}
	expectCode(ts, err, args[0])
}

// interruptOn reads to the end and says whether a line matched, and the process was sent the signal.
func interruptOn(pattern *regexp.Regexp, stderr io.Reader, p *os.Process) bool {
	sent := false
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if !sent && pattern.MatchString(lines.Text()) {
			sent = p.Signal(os.Interrupt) == nil
		}
	}
	return sent
}
