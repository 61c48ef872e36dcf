package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
)

// audit judges the one merged run by its parts' journals, and by the engine that they left.
func (c *mergeCommand) audit(ctx context.Context, merged *result.File, p process) error {
	if len(merged.Runs) != 1 {
		return usagef("--audit: found %d runs: expected the parts of one", len(merged.Runs))
	}
	journals, closeAll, err := c.journals()
	if err != nil {
		return usageError{err}
	}
	defer closeAll()
	spec, err := engineNamed(merged.Runs[0].Engine)
	if err != nil {
		return usageError{err}
	}
	for _, backend := range backendsOf(spec) {
		if os.Getenv(serverEnv[backend]) == "" {
			return usagef("--audit: %s keeps its stock in %s: expected the server that the parts used in %s", spec.Name, backend, serverEnv[backend])
		}
	}
	if spec.Virtual {
		return usagef("--audit: %s kept its stock in the memory of a process that is gone: expected an engine on a server", spec.Name)
	}
	fleet, err := serverFlags{Require: backendsOf(spec), AllowRemote: c.AllowRemote}.muster(ctx, []engines.Spec{spec}, p.err)
	if err != nil {
		return usageError{err}
	}
	err = sim.Join(ctx, merged, fleet.reachable([]engines.Spec{spec})[0], journals)
	if err := errors.Join(err, fleet.dismiss()); err != nil {
		return usageError{err}
	}
	return nil
}

// journals of all parts, which stand beside their results.
func (c *mergeCommand) journals() (readers []io.Reader, closeAll func(), err error) {
	var files []*os.File
	closeAll = func() {
		for _, f := range files {
			_ = f.Close() // it was only read
		}
	}
	for _, name := range c.Result {
		f, err := os.Open(filepath.Join(filepath.Dir(resultFile(name)), sim.JournalName))
		if err != nil {
			closeAll()
			return nil, nil, fmt.Errorf("--audit: %w: expected the journal of a part beside its result", err)
		}
		files, readers = append(files, f), append(readers, f)
	}
	return readers, closeAll, nil
}

// serverEnv names the servers that parts share.
var serverEnv = map[string]string{"postgres": "DOORBUSTER_POSTGRES", "redis": "DOORBUSTER_REDIS"}
