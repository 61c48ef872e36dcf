package driver

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// work carries operations out, one after the other, until there will be no more.
func (w *Wall) work() {
	for c := range w.handed {
		w.operate(c)
		w.replies <- c
	}
}

// operate is one operation inside the engine. All that it says is in c.wall: the rest of c is the day's.
func (w *Wall) operate(c *call) {
	f := &c.wall
	f.began = w.now()
	ctx, cancel := context.WithTimeout(w.ctx, w.limits.Timeout)
	defer cancel()
	defer func() {
		f.ended = w.now()
		if r := recover(); r != nil {
			f.err = &panicked{fmt.Errorf("an operation panicked: %v\n%s", r, debug.Stack())}
		}
	}()
	f.reply, f.err = w.engine.Do(ctx, c.entry.Op)
}

// panicked is an engine's panic, which ends its run.
type panicked struct{ error }

func (w *Wall) noteError(c *call) {
	err := c.wall.err
	if p := (*panicked)(nil); errors.As(err, &p) {
		w.failed = p.error
		return
	}
	switch {
	case w.ctx.Err() != nil: // the run was cut short: that is no error of the engine's
	case errors.Is(err, context.DeadlineExceeded):
		w.errors.add(fmt.Sprintf("no answer within %v", w.limits.Timeout), c.wall.ended)
	default:
		w.errors.add(withoutNumbers(err.Error()), c.wall.ended)
	}
}

// ErrorSeen is one kind of error that the engine gave instead of an answer.
type ErrorSeen struct {
	Message     string // with # for its numbers
	Count       int64
	First, Last time.Duration // since the start of the run
}

// errorKinds is how many kinds of error are told apart.
const errorKinds = 20

// errorLog counts errors by their kind.
type errorLog struct{ kinds []ErrorSeen }

func (l *errorLog) add(message string, at time.Duration) {
	for i := range l.kinds {
		if k := &l.kinds[i]; k.Message == message || i == errorKinds-1 {
			k.Count++
			k.First, k.Last = min(k.First, at), max(k.Last, at)
			if k.Message != message {
				k.Message = "other errors"
			}
			return
		}
	}
	l.kinds = append(l.kinds, ErrorSeen{message, 1, at, at})
}

func (l *errorLog) list() []ErrorSeen { return l.kinds }

// withoutNumbers makes errors alike that differ only in the operation or the port that they name.
func withoutNumbers(text string) string {
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		switch digit := text[i] >= '0' && text[i] <= '9'; {
		case !digit:
			out = append(out, text[i])
		case len(out) == 0 || out[len(out)-1] != '#':
			out = append(out, '#')
		}
	}
	return string(out)
}

// Books are the engine's own, after Run. A server that went away has a while to come back. They are read until Close.
func (w *Wall) Books() (engines.Books, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), w.limits.Books)
	w.reading = cancel
	for {
		books, err := w.engine.Books(ctx)
		if err == nil {
			err = readable(books)
		}
		if err == nil || len(w.errors.kinds) == 0 || !pause(ctx, w.limits.Books/50) {
			return books, err
		}
	}
}

// readable reads one line of the stock.
func readable(b engines.Books) error {
	if b.Stock == nil {
		return nil // the audit's to say
	}
	for _, err := range b.Stock {
		return err
	}
	return nil
}

// pause says whether there is time left after it.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Close gives the engine up, within the limits' grace.
func (w *Wall) Close() error {
	if w.reading != nil {
		w.reading()
	}
	closed := make(chan error, 1)
	go func() { closed <- w.engine.Close() }()
	t := time.NewTimer(w.limits.Grace)
	defer t.Stop()
	select {
	case err := <-closed:
		return err
	case <-t.C:
		return fmt.Errorf("%s was not closed within %v: operations never came back", w.cfg.Engine.Name, w.limits.Grace)
	}
}
