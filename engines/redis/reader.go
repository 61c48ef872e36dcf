package redis

import (
	"context"
	"errors"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
)

// A reader that finds nothing asks again after blockFor, and after a failure in pauseFor.
const (
	blockFor = time.Second
	pauseFor = 100 * time.Millisecond
)

// begin starts the reader, once the keys are ours.
func (q *queue) begin() {
	q.begun.Do(func() {
		q.done.Go(func() { q.loop(q.read()) })
		q.done.Go(func() { q.loop(q.hear) })
	})
}

// loop repeats step until the engine is closed. A step that fails tells all callers.
func (q *queue) loop(step func(context.Context) error) {
	ctx := context.Background()
	for {
		err := step(ctx)
		select {
		case <-q.stop:
			return
		default:
		}
		if err != nil {
			q.fail(err)
			_ = sleep(ctx, pauseFor)
		}
	}
}

// read returns a step that takes a batch and applies it: requests that have been with another reader for longer than a lease, looked for
// twice a lease, or new ones.
func (q *queue) read() func(ctx context.Context) error {
	var reclaimed time.Time
	return func(ctx context.Context) error {
		var batch []goredis.XMessage
		var err error
		if now := time.Now(); now.Sub(reclaimed) > q.tuning.Lease/2 {
			reclaimed = now
			batch, _, err = q.readers.XAutoClaim(ctx, &goredis.XAutoClaimArgs{
				Stream: queueKey, Group: group, Consumer: q.owner, MinIdle: q.tuning.Lease, Start: "0-0", Count: int64(q.tuning.BatchMax),
			}).Result()
		}
		if err == nil && len(batch) == 0 {
			batch, err = q.next(ctx)
		}
		if err != nil {
			return q.mended(ctx, err)
		}
		return q.apply(ctx, batch)
	}
}

// next waits for new requests.
func (q *queue) next(ctx context.Context) ([]goredis.XMessage, error) {
	got, err := q.readers.XReadGroup(ctx, &goredis.XReadGroupArgs{
		Group: group, Consumer: q.owner, Streams: []string{queueKey, ">"}, Count: int64(q.tuning.BatchMax), Block: min(blockFor, q.tuning.Lease/2+time.Millisecond),
	}).Result()
	if errors.Is(err, goredis.Nil) {
		return nil, nil
	}
	if err != nil || len(got) == 0 {
		return nil, err
	}
	return got[0].Messages, nil
}

// mended makes the stream and its group anew if a Reset has removed them.
func (q *queue) mended(ctx context.Context, err error) error {
	if c := code(err); c != "NOGROUP" && c != "UNBLOCKED" {
		return err
	}
	err = q.readers.XGroupCreateMkStream(ctx, queueKey, group, "0").Err()
	if err != nil && code(err) == "BUSYGROUP" {
		return nil
	}
	return err
}

// apply has the requests of a batch applied, in one round trip, and answers the callers of this process.
func (q *queue) apply(ctx context.Context, batch []goredis.XMessage) error {
	if len(batch) == 0 {
		return nil
	}
	q.counted(len(batch))
	cmds := q.send(ctx, batch)
	for _, c := range cmds {
		if !forgotten(c.Err()) {
			continue
		}
		if err := q.load(ctx); err != nil {
			return err
		}
		cmds = q.send(ctx, batch) // those that were applied are no longer pending
		break
	}
	for i, c := range cmds {
		q.answer(ctx, batch[i], c)
	}
	return nil
}

// answer gives a caller of this process what its request came to. Others have it from the script, unless that failed.
func (q *queue) answer(ctx context.Context, m goredis.XMessage, c *goredis.Cmd) {
	owner, number := m.Values["owner"].(string), m.Values["number"].(string)
	answer, err := c.Text()
	switch {
	case owner == q.owner && answer != "!":
		q.deliver(number, answer, err)
	case owner != q.owner && err != nil:
		_ = q.readers.RPush(ctx, repliesKey(owner), number+" "+err.Error()).Err() // in vain: its caller's patience ends
	}
}

func (q *queue) counted(n int) {
	q.mu.Lock()
	depth := len(q.waiting)
	q.mu.Unlock()
	q.count(engines.Batches, 1)
	q.count(engines.BatchedOps, n)
	q.count(engines.QueuedOps, depth)
}

func (q *queue) send(ctx context.Context, batch []goredis.XMessage) []*goredis.Cmd {
	p := q.readers.Pipeline()
	cmds := make([]*goredis.Cmd, len(batch))
	for i, m := range batch {
		owner, number := m.Values["owner"].(string), m.Values["number"]
		if owner == q.owner {
			number = ""
		}
		keys := append(unpack(m.Values["keys"]), repliesKey(owner), queueKey)
		args := append(unpack(m.Values["args"]), number, group, m.ID)
		all := append([]any{"evalsha", queueScript.sha, len(keys)}, keys...)
		cmds[i] = p.Do(ctx, append(all, args...)...)
	}
	_, _ = p.Exec(ctx) // each command has its own error
	return cmds
}

func repliesKey(owner string) string { return prefix + "replies:" + owner }

// hear waits for answers that readers of other processes give.
func (q *queue) hear(ctx context.Context) error {
	got, err := q.readers.BLPop(ctx, blockFor, repliesKey(q.owner)).Result()
	if errors.Is(err, goredis.Nil) {
		return nil
	}
	if err != nil {
		return err
	}
	number, answer, _ := strings.Cut(got[1], " ")
	if answer != "" && strings.ContainsRune("+=-", rune(answer[0])) {
		q.deliver(number, answer, nil)
	} else {
		q.deliver(number, "", errors.New(answer))
	}
	return nil
}
