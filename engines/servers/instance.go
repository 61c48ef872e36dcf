package servers

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	readyWithin = 30 * time.Second
	probeWithin = 2 * time.Second // one attempt to connect
	portTries   = 5               // between choosing a free port and listening on it, somebody else may take it
	logLines    = 12              // shown where a server doesn't start
)

// instance is a private server in the making.
type instance struct {
	product
	*folder
	bins     []string
	who      *syscall.Credential // nil: as ourselves
	outlive  bool
	password string
	port     int
	process  *process
}

// start makes a private server. Nothing of it is left where it fails.
func (p product) start(ctx context.Context, bins []string, o Options) (*Server, error) {
	notes := sweep()
	who, err := runAs(p.users)
	if err != nil {
		return nil, err
	}
	dir, err := newFolder(who)
	if err != nil {
		return nil, err
	}
	in := &instance{product: p, folder: dir, bins: bins, who: who, outlive: o.outlive, password: rand.Text()}
	s, err := in.open(ctx)
	if err != nil {
		return nil, errors.Join(err, in.close())
	}
	s.Notes = append(notes, s.Notes...)
	stop := sync.OnceValue(in.close)
	detach := context.AfterFunc(ctx, func() { _ = stop() }) // Stop reports its error
	s.stop = func() error { detach(); return stop() }
	return s, nil
}

// open brings the server up to where it answers.
func (in *instance) open(ctx context.Context) (*Server, error) {
	fsync, err := in.fsyncLatency()
	if err != nil {
		return nil, err
	}
	if in.prepare != nil {
		if err := in.prepare(ctx, in); err != nil {
			return nil, err
		}
	}
	var d description
	for range portTries {
		d, err = in.serve(ctx)
		if err == nil || !bytes.Contains(in.log(), []byte("ddress already in use")) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	s := d.server(in.url(in))
	s.Private, s.PID, s.Fsync = true, in.process.cmd.Process.Pid, fsync
	return s, nil
}

// serve starts the server on some free port and waits until it answers.
func (in *instance) serve(ctx context.Context) (description, error) {
	var err error
	if in.port, err = freePort(); err != nil {
		return description{}, err
	}
	args, err := in.arguments(in)
	if err != nil {
		return description{}, err
	}
	cmd, err := in.command(in.bins[0], args...)
	if err != nil {
		return description{}, err
	}
	defer cmd.Stdout.(*os.File).Close() // the child has its own
	p, err := launch(cmd)
	if err != nil {
		return description{}, err
	}
	in.process = p
	pid := strconv.Itoa(cmd.Process.Pid) + "\n"
	if err := os.WriteFile(filepath.Join(in.path, pidFile), []byte(pid), 0o600); err != nil {
		return description{}, err
	}
	return in.ready(ctx)
}

// command runs a binary as the server's user, in its folder, with its output in a fresh log.
func (in *instance) command(bin string, args ...string) (*exec.Cmd, error) {
	log, err := os.Create(filepath.Join(in.path, logFile))
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(bin, args...)
	cmd.Dir = in.data()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = attributes(in.who, in.outlive)
	return cmd, nil
}

// ready waits until the server answers. It must be our server: another may have had the port first.
func (in *instance) ready(ctx context.Context) (description, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, readyWithin, fmt.Errorf("it doesn't answer within %v", readyWithin))
	defer cancel()
	again := time.NewTicker(pollEvery)
	defer again.Stop()
	var last error
	for {
		answer := make(chan description, 1)
		failed := make(chan error, 1)
		go in.probe(ctx, answer, failed)
		select {
		case d := <-answer:
			return d, nil
		case last = <-failed:
			<-again.C
		case <-in.process.gone:
			return description{}, in.withLog(fmt.Errorf("it ended at once: %v", in.process.cmd.ProcessState))
		case <-ctx.Done():
			return description{}, in.withLog(fmt.Errorf("%w; the last attempt: %w", context.Cause(ctx), last))
		}
	}
}

// probe sends the server's description, or why there is none. It runs by itself because a stranger on our port may
// keep it waiting while our server has long failed.
func (in *instance) probe(ctx context.Context, answer chan<- description, failed chan<- error) {
	ctx, cancel := context.WithTimeout(ctx, probeWithin)
	defer cancel()
	url := in.url(in)
	d, err := in.describe(ctx, url)
	switch {
	case err != nil:
		failed <- scrub(err, url)
	case d.folder != in.data():
		failed <- fmt.Errorf("the server on port %d has its data in %s, not in %s", in.port, d.folder, in.data())
	default:
		answer <- d
	}
}

// close ends the server, if it was started, and removes the folder. A folder whose server lives is left for a next sweep.
func (in *instance) close() error {
	if in.process != nil {
		if err := in.process.stop(); err != nil {
			_ = in.lock.Close()
			return err
		}
	}
	return in.remove()
}

func (in *instance) log() []byte {
	text, _ := os.ReadFile(filepath.Join(in.path, logFile)) // none: nothing to show
	return text
}

// withLog adds the last lines of the log, which says more than an exit code.
func (in *instance) withLog(err error) error {
	text := strings.TrimSpace(string(in.log()))
	if text == "" {
		return err
	}
	lines := strings.Split(text, "\n")
	last := lines[max(0, len(lines)-logLines):]
	return fmt.Errorf("%w\nthe end of its log:\n\t%s", err, strings.Join(last, "\n\t"))
}
