package driver

import (
	"context"
	"errors"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// Shopper is one arrival, for who has taken it: first Next, then Do or Told, and again until Next says that there is nothing more, or Leave.
// It is for one goroutine at a time.
type Shopper struct {
	Number  uint64          // from 1, in the order of arrival
	Order   engines.OrderID // their first
	Channel engines.Channel
	At      time.Duration // when they come, since the start of the run

	host   *Hosted
	steps  chan *call // closed when the shopper has nothing more to do
	orders int        // not ended, for the day's goroutine
	step   *call      // taken up and not answered
}

// Errors of a Shopper that is not used in turn.
var (
	errAnswered = errors.New("no operation waits for an answer")
	errWaiting  = errors.New("the operation before has no answer yet")
	errLeft     = errors.New("whoever played the shopper left before the answer came")
)

// Next waits until the shopper's next operation is due, and takes it up. It gives nil when there is none, and ctx's error if that ends first.
// The operation is lent until it is answered.
func (s *Shopper) Next(ctx context.Context) (*engines.Op, error) {
	if s.step != nil {
		return nil, errWaiting
	}
	select {
	case c, ok := <-s.steps:
		if !ok || !s.host.judge.begin(&c.entry, s.host.now) {
			return nil, nil //nolint:nilnil // there is no operation, and nothing is wrong
		}
		c.wall.began = s.host.now()
		s.step = c
		return &c.entry.Op, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Intended is when the operation that was taken up was due, since the start of the run.
func (s *Shopper) Intended() time.Duration { return s.step.entry.Intended }

// Do has the engine carry the operation out. It returns the outcome, and how long after the intended start it came.
func (s *Shopper) Do() (engines.Outcome, time.Duration, error) {
	c := s.step
	if c == nil {
		return engines.Unknown, 0, errAnswered
	}
	s.host.operate(c)
	outcome, took, err := c.wall.reply.Outcome, c.wall.ended-c.entry.Intended, c.wall.err
	if err != nil {
		outcome = engines.Unknown
	}
	s.post()
	return outcome, took, err
}

// Told says what the shopper was told, by whomever: the reply's versions are the shopper's from now on. An error means that no answer came.
// It returns how long after the intended start that was.
func (s *Shopper) Told(reply engines.Reply, err error) (time.Duration, error) {
	c := s.step
	if c == nil {
		return 0, errAnswered
	}
	f := &c.wall
	f.ended, f.reply, f.err = s.host.now(), reply, err
	took := f.ended - c.entry.Intended
	s.post()
	return took, nil
}

// Leave ends the playing of a shopper. An operation that was taken up and not answered is unknown; those to come are dropped.
func (s *Shopper) Leave() {
	if s.step != nil {
		s.step.wall.ended, s.step.wall.reply, s.step.wall.err = s.host.now(), engines.Reply{}, errLeft
		s.post()
	}
}

// post hands the answered operation back to the day.
func (s *Shopper) post() {
	c := s.step
	s.step = nil
	select {
	case s.host.replies <- c:
	case <-s.host.over:
	}
}
