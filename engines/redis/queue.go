package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// queue writes requests to a stream. A reader in each process takes them in batches, as a member of one consumer group, and has each
// applied by a script that also acknowledges it: what is no longer pending is not applied. So a request is applied once, also if its
// reader died and another took it over, or was only taken for dead.
type queue struct {
	*engine
	readers *goredis.Client // its connections block, and closing it ends that
	silence time.Duration   // of the server, after which it is given up
	begun   sync.Once
	stop    chan struct{}
	done    sync.WaitGroup
	last    atomic.Uint64
	mu      sync.Mutex
	waiting map[string]*request // by number
}

// request is a caller that waits for its entry in the stream to be applied.
type request struct {
	answer string
	err    error
	ready  chan struct{}
}

const group = "doorbuster"

// KEYS: as conditional's, then the list that answers the caller's process, and the stream.
// ARGV: as conditional's, then the request's number or, if its caller is in the reader's process, nothing; the group; the entry.
var queueScript = bare(`
local entry, group, number = table.remove(ARGV), table.remove(ARGV), table.remove(ARGV)
local stream, replies = table.remove(KEYS), table.remove(KEYS)
local function apply()
` + check + takeIfEnough + finish + `
end
if redis.call('XACK', stream, group, entry) == 0 then return '!' end
redis.call('XDEL', stream, entry)
local answer = apply()
if number ~= '' then
  redis.call('RPUSH', replies, number .. ' ' .. (answer.err or answer))
  redis.call('PEXPIRE', replies, 60000)
end
return answer
`)

// KEYS: the stream. ARGV: the group, the entry. 1 means that the request was not applied and won't be.
var withdrawScript = bare(`
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
return redis.call('XDEL', KEYS[1], ARGV[2])
`)

var _ strategy = (*queue)(nil)

func newQueue(e *engine) (*queue, error) {
	c, ok := e.rdb.(*goredis.Client)
	if !ok {
		return nil, errors.New("the server is part of a cluster: its stream would be in one slot, the stock that a script changes with it in others; " +
			"use redis/conditional")
	}
	o := *c.Options()
	return &queue{engine: e, readers: goredis.NewClient(&o), silence: o.ReadTimeout, stop: make(chan struct{}), waiting: map[string]*request{}}, nil
}

func (q *queue) try(ctx context.Context, t *txn) error {
	number, r := q.enrol()
	defer q.forget(number)
	entry, err := q.ask(ctx, t, number)
	if err != nil {
		return err
	}
	patience := time.NewTimer(q.patience())
	defer patience.Stop()
	select {
	case <-r.ready:
		err = r.err
	case <-patience.C:
		err = fmt.Errorf("no reader of %s has answered in %v", queueKey, q.patience())
	case <-q.stop:
		err = errClosed
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil && !q.applied(ctx, entry, r) {
		return err
	}
	return t.accept(r.answer)
}

// patience is how long a request waits for its answer: a reader may die, and the one that takes over too.
func (q *queue) patience() time.Duration { return 2*q.tuning.Lease + q.silence }

// ask writes t's request to the stream.
func (q *queue) ask(ctx context.Context, t *txn, number string) (entry string, err error) {
	command := t.evalsha(queueScript, t.keys, t.conditions())
	n := len(t.keys) + 2
	cmd := goredis.NewStringCmd(ctx, "xadd", queueKey, "*", "owner", q.owner, "number", number,
		"keys", pack(command[3:3+n]), "args", pack(command[3+n:]))
	err = q.wire.do(ctx, cmd)
	return cmd.Val(), err
}

// pack writes words line by line; none of ours has line ends.
func pack(words []any) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprint(&b, w)
	}
	return b.String()
}

func unpack(field any) (words []any) {
	for w := range strings.SplitSeq(field.(string), "\n") {
		words = append(words, w)
	}
	return words
}

// applied takes a request back that was not answered. If that is too late, it waits for the answer.
func (q *queue) applied(ctx context.Context, entry string, r *request) bool {
	cmd := goredis.NewIntCmd(ctx, "evalsha", withdrawScript.sha, 1, queueKey, group, entry)
	if err := q.wire.do(context.WithoutCancel(ctx), cmd); err != nil || cmd.Val() == 1 {
		return false
	}
	late := time.NewTimer(q.silence)
	defer late.Stop()
	select {
	case <-r.ready:
		return r.err == nil
	case <-q.stop:
	case <-late.C:
	}
	return false
}

func (q *queue) enrol() (number string, r *request) {
	number, r = strconv.FormatUint(q.last.Add(1), 10), &request{ready: make(chan struct{})}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting[number] = r
	return number, r
}

func (q *queue) forget(number string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.waiting, number)
}

// deliver gives a caller of this process its answer, once.
func (q *queue) deliver(number, answer string, err error) {
	q.mu.Lock()
	r := q.waiting[number]
	delete(q.waiting, number)
	q.mu.Unlock()
	if r != nil {
		r.answer, r.err = answer, err
		close(r.ready)
	}
}

// fail tells all callers that wait what went wrong.
func (q *queue) fail(err error) {
	q.mu.Lock()
	all := q.waiting
	q.waiting = map[string]*request{}
	q.mu.Unlock()
	for _, r := range all {
		r.err = err
		close(r.ready)
	}
}

func (q *queue) close() {
	close(q.stop)
	_ = q.readers.Close()
	q.done.Wait()
}
