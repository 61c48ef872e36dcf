package enginetest

import (
	"errors"
	"fmt"
	"sync"
)

// Recorder takes what a check reports where a *testing.T is not what should hear it, as when the check itself is on trial.
// The zero Recorder has heard nothing.
type Recorder struct {
	mu     sync.Mutex
	errors []string
}

var _ TB = (*Recorder)(nil)

// Helper implements TB.
func (r *Recorder) Helper() {}

// Errorf implements TB.
func (r *Recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

// Errors are what was reported so far, in order. No check may be running any more.
func (r *Recorder) Errors() []string { return r.errors }

// first is the first that was reported, or nil.
func (r *Recorder) first() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.errors) == 0 {
		return nil
	}
	return errors.New(r.errors[0])
}
