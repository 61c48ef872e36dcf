package redis

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
)

// retention is how long first replies are kept.
const retention = 24 * time.Hour

// script is Lua that the server keeps under its hash.
type script struct{ source, sha string }

func bare(source string) *script {
	sum := sha1.Sum([]byte(source))
	return &script{source, hex.EncodeToString(sum[:])}
}

// newScript makes a script that writes: what it does to the stock stands between the checks and the records that all have in common. stock ends
// with the versions it made in versions, or returns what finish says. The script answers = and the first reply if there is one, + and the new
// reply, or - if the order is not what it was.
//
//	KEYS: the operation, the orders, stock keys
//	ARGV: the operation's fingerprint, its order, the order's record as looked up, the new one, retention in ms, what stock needs
func newScript(stock string) *script { return bare(check + stock + finish) }

const check = `
local first = redis.call('GET', KEYS[1])
if first then return '=' .. first end
if ARGV[2] ~= '' and (redis.call('HGET', KEYS[2], ARGV[2]) or '') ~= ARGV[3] then return '-' end
local function record(outcome, versions)
  local reply = ARGV[1] .. '|' .. outcome .. '|' .. versions
  redis.call('SET', KEYS[1], reply, 'PX', ARGV[5])
  return '+' .. reply
end
`

const finish = `
if ARGV[2] ~= '' then redis.call('HSET', KEYS[2], ARGV[2], ARGV[4]) end
return record(1, versions)
`

// write runs a script on keys, and takes in what it answers.
func (t *txn) write(ctx context.Context, s *script, keys []key, args ...any) error {
	cmd := goredis.NewStringCmd(ctx, t.evalsha(s, keys, args)...)
	if err := t.wire.do(ctx, cmd); err != nil {
		return err
	}
	return t.accept(cmd.Val())
}

// evalsha is the command that runs a script.
func (t *txn) evalsha(s *script, keys []key, args []any) []any {
	all := make([]any, 0, 12+len(keys)+len(args))
	n := len(keys) + 2
	if t.journaled {
		s, n = journaled[s], n+1
	}
	all = append(all, "evalsha", s.sha, n, opKey(t.home, t.op.ID), ordersKey(t.home))
	for _, k := range keys {
		all = append(all, t.at(k))
	}
	if t.journaled {
		all = append(all, journalKey)
	}
	all = append(all, t.print)
	if t.op.Kind.NamesOrder() {
		all = append(all, uint64(t.op.Order), t.order.raw, t.next())
	} else {
		all = append(all, "", "", "")
	}
	all = append(all, retention.Milliseconds())
	all = append(all, args...)
	if t.journaled {
		all = append(all, t.formatOp())
	}
	return all
}

// accept takes in what a script answered.
func (t *txn) accept(answer string) error {
	if answer == "-" || answer == "" {
		return errLost
	}
	r, err := parseReply(answer[1:])
	if err != nil {
		return err
	}
	if r.print != t.print {
		t.outcome = engines.Conflict
		return nil
	}
	t.outcome, t.fresh = r.outcome, answer[0] == '+'
	t.out, err = r.add(t.out[:0])
	return err
}

// answerScript records an outcome as the first reply of an operation, unless there is one.
var answerScript = bare(`
local first = redis.call('GET', KEYS[1])
if first then return '=' .. first end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return '+' .. ARGV[1]
`)

// answer records o as the first reply of op's ID, unless there is one, and answers with the first.
func (t *txn) answer(ctx context.Context, o engines.Outcome) error {
	if t.home == "" { // an order that no slot knows
		t.outcome = o
		return nil
	}
	record := t.print + "|" + strconv.Itoa(int(o)) + "|"
	run := func() error {
		cmd := goredis.NewStringCmd(ctx, "evalsha", answerScript.sha, 1, opKey(t.home, t.op.ID), record, retention.Milliseconds())
		if err := t.wire.do(ctx, cmd); err != nil {
			return err
		}
		return t.accept(cmd.Val())
	}
	err := run()
	if forgotten(err) {
		if err = t.load(ctx); err == nil {
			err = run()
		}
	}
	return err
}

// load gives the server all scripts.
func (e *engine) load(ctx context.Context) error {
	for _, s := range []*script{
		settleScript, answerScript, naiveScript, conditionalScript, acquireScript, releaseScript, readFencedScript, fencedScript,
		queueScript, withdrawScript, takeScript, feedScript, journaled[conditionalScript], journaled[settleScript],
	} {
		if err := e.rdb.ScriptLoad(ctx, s.source).Err(); err != nil {
			return err
		}
	}
	return nil
}
