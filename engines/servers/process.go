package servers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const (
	stopSignal = syscall.SIGINT // Postgres's fast shutdown: it doesn't wait for clients; Redis ends by it too
	stopWithin = 5 * time.Second
	pollEvery  = 10 * time.Millisecond
)

// process is a child of ours.
type process struct {
	cmd  *exec.Cmd
	gone chan struct{} // closed once it has ended and is waited for
}

// launch starts cmd in a process group of its own, since a Ctrl-C at the terminal is for the harness alone to handle.
func launch(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd, make(chan struct{})}
	started := make(chan error)
	go func() {
		// The death signal is sent when the thread that started the child ends, so this one stays until the child is gone.
		runtime.LockOSThread()
		defer close(p.gone)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in ProcessState
		}
	}()
	return p, <-started
}

// run starts cmd and waits for its end; when ctx ends first, its whole group is killed.
func run(ctx context.Context, cmd *exec.Cmd) error {
	p, err := launch(cmd)
	if err != nil {
		return err
	}
	select {
	case <-p.gone:
	case <-ctx.Done():
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // fails only if it has just ended
		<-p.gone
		return context.Cause(ctx)
	}
	if !cmd.ProcessState.Success() {
		return errors.New(cmd.ProcessState.String())
	}
	return nil
}

// stop asks the process to end, and kills it if it doesn't.
func (p *process) stop() error {
	for _, signal := range []os.Signal{stopSignal, os.Kill} {
		if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		select {
		case <-p.gone:
			return nil
		case <-time.After(stopWithin):
		}
	}
	return fmt.Errorf("process %d is still there %v after it was killed", p.cmd.Process.Pid, stopWithin)
}

// stopOrphan ends a server that isn't our child, if pid still is that server: its command line names the folder.
// It says whether it was.
func stopOrphan(pid int, folder string) (bool, error) {
	ours := func() bool { return strings.Contains(commandLine(pid), folder) }
	if !ours() {
		return false, nil
	}
	for _, signal := range []syscall.Signal{stopSignal, syscall.SIGKILL} {
		if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return true, err
		}
		if eventually(stopWithin, func() bool { return !ours() }) {
			return true, nil
		}
	}
	return true, fmt.Errorf("process %d is still there %v after it was killed", pid, stopWithin)
}

// eventually polls what gives no other sign until it is so, or within has passed.
func eventually(within time.Duration, so func() bool) bool {
	for end := time.Now().Add(within); !so(); time.Sleep(pollEvery) { //nolint:forbidigo // what it is for: there is no event
		if time.Now().After(end) {
			return false
		}
	}
	return true
}
