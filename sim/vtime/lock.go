package vtime

import (
	"context"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// wakeUp is how long a waiter needs to run again once it is woken: in between, a lock that is handed over by barging can be taken by another.
const wakeUp = 50 * time.Microsecond

// lock is a key's lock, with those who stand in line for it, and those who are parked on the key.
type lock struct {
	held   bool
	line   waitList
	parked waitList
}

// Lock waits for the key's lock.
func (e *Env) Lock(_ context.Context, k engines.Key, wait time.Duration) error {
	if e.s.stopped {
		return ErrStopped
	}
	l := e.lock(k)
	if !l.held {
		l.held = true
		return nil
	}
	e.counts[engines.LockWaits]++
	if wait <= 0 {
		return engines.ErrBusy
	}
	for until := e.s.now + wait; ; {
		if err := e.wait(&l.line, until); err != nil {
			return err
		}
		if e.s.cur.timedOut {
			e.counts[engines.LockTimeouts]++
			return engines.ErrBusy
		}
		if e.handoff == FIFO {
			return nil // it was handed over held
		}
		if err := e.s.sleepUntil(e.s.now + wakeUp); err != nil {
			return err
		}
		if !l.held {
			l.held = true
			return nil
		}
	}
}

// Unlock hands the lock on.
func (e *Env) Unlock(k engines.Key) {
	l := e.lock(k)
	p := l.line.first
	l.held = p != nil && e.handoff == FIFO
	if p != nil {
		l.line.remove(p)
		e.s.wake(p)
	}
}

// lock makes a key's lock when it is first asked for: most keys never are.
func (e *Env) lock(k engines.Key) *lock {
	if n := int(k) + 1; n > len(e.locks) {
		e.locks = append(e.locks, make([]*lock, max(n, 2*len(e.locks))-len(e.locks))...)
	}
	if e.locks[k] == nil {
		e.locks[k] = new(lock)
	}
	return e.locks[k]
}

// Park waits until the key is woken.
func (e *Env) Park(_ context.Context, k engines.Key, most time.Duration) error {
	return e.wait(&e.lock(k).parked, e.s.now+most)
}

// Wake wakes all that are parked on the key.
func (e *Env) Wake(k engines.Key) {
	for l := &e.lock(k).parked; l.first != nil; {
		p := l.first
		l.remove(p)
		e.s.wake(p)
	}
}

// wait lets the running coroutine stand in line until it is woken or its time is over (timedOut).
func (e *Env) wait(l *waitList, until time.Duration) error {
	p := e.s.cur
	l.push(p)
	e.s.At(until, p.wakeUp())
	err := e.s.pause()
	if err != nil || p.timedOut {
		l.remove(p)
	}
	return err
}

// waitList is a line of waiting coroutines, linked through them.
type waitList struct{ first, last *proc }

func (l *waitList) push(p *proc) {
	p.inFront, p.behind = l.last, nil
	if l.last == nil {
		l.first = p
	} else {
		l.last.behind = p
	}
	l.last = p
}

func (l *waitList) remove(p *proc) {
	if p.inFront == nil {
		l.first = p.behind
	} else {
		p.inFront.behind = p.behind
	}
	if p.behind == nil {
		l.last = p.inFront
	} else {
		p.behind.inFront = p.inFront
	}
	p.inFront, p.behind = nil, nil
}
