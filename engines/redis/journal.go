package redis

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
)

// Journaled is the conditional strategy with a journal: the script that carries an operation out also writes the operation to a stream, so
// that neither is there without the other. It takes one reader, who copies operations to a store that forgets less easily.
type Journaled struct {
	*engine
	readers *goredis.Client // its connections block, and closing it ends that
}

// Entry is an operation in the journal.
type Entry struct {
	Op engines.Op
	id string
}

const journalKey = prefix + "journal"

// OpenJournaled opens the conditional strategy with a journal.
func OpenJournaled(ctx context.Context, server Server, setup engines.Setup) (*Journaled, error) {
	e, err := open(ctx, server, setup, engines.OnePool, conditional{})
	if err != nil {
		return nil, err
	}
	c, ok := e.rdb.(*goredis.Client)
	if !ok {
		return nil, errors.Join(errors.New("redis: the server is part of a cluster: the journal would be in one slot, the stock in others"), e.Close())
	}
	e.journal = true
	o := *c.Options()
	return &Journaled{engine: e, readers: goredis.NewClient(&o)}, nil
}

// Behind is how many operations the reader has not forgotten yet.
func (j *Journaled) Behind(ctx context.Context) (int64, error) {
	n, err := j.rdb.XLen(ctx, journalKey).Result()
	return n, explain(err)
}

// Read waits up to a second for entries and returns up to most of them, in the order in which they took effect. It begins with the
// first that was not forgotten, so that a reader that failed, or another after it, finds what is left to copy.
func (j *Journaled) Read(ctx context.Context, most int) ([]Entry, error) {
	got, err := j.readers.XRead(ctx, &goredis.XReadArgs{Streams: []string{journalKey, "0"}, Count: int64(most), Block: time.Second}).Result()
	if errors.Is(err, goredis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("redis: journal: %w", explain(err))
	}
	var entries []Entry
	for _, m := range got[0].Messages {
		text, _ := m.Values["op"].(string)
		op, err := parseOp(text)
		if err != nil {
			return nil, fmt.Errorf("redis: journal: entry %s: %w", m.ID, err)
		}
		entries = append(entries, Entry{op, m.ID})
	}
	return entries, nil
}

// Forget removes entries that were copied.
func (j *Journaled) Forget(ctx context.Context, entries []Entry) error {
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.id
	}
	return explain(j.rdb.XDel(ctx, journalKey, ids...).Err())
}

// Mend carries an operation out that is not for the journal, since it comes from where the journal is copied to.
func (j *Journaled) Mend(ctx context.Context, op engines.Op) (engines.Reply, error) {
	return j.do(ctx, op, true)
}

// Hold is an open or closed order as the server has it.
type Hold struct {
	engines.Grant
	Deadline time.Duration // of the caller's clock
}

// Holds streams every order that was ever granted units, as Books does, with its deadline.
func (j *Journaled) Holds(ctx context.Context) iter.Seq2[Hold, error] {
	return func(yield func(Hold, error) bool) {
		for o, err := range j.orders(ctx) {
			if !yield(Hold{o.grant(nil), time.Duration(o.deadline)}, explain(err)) || err != nil {
				return
			}
		}
	}
}

// Close implements engines.Engine.
func (j *Journaled) Close() error {
	return errors.Join(j.readers.Close(), j.engine.Close())
}

// journaled are the scripts that also write to the journal, by those that don't.
var journaled = map[*script]*script{conditionalScript: withJournal(conditionalScript), settleScript: withJournal(settleScript)}

// KEYS: as the script's, then the journal. ARGV: as the script's, then the operation. What changed nothing is not written.
func withJournal(s *script) *script {
	return bare(`
local journal, op = table.remove(KEYS), table.remove(ARGV)
local function apply()
` + s.source + `
end
local answer = apply()
if type(answer) == 'string' and string.match(answer, '^%+[^|]*|(%d)') == '1' then redis.call('XADD', journal, '*', 'op', op) end
return answer
`)
}

// formatOp writes an operation for the journal: seven numbers, then SKU and units of each line. Lines are as the caller named them: summed, they
// may come to 0 units, which no engine would take.
func (t *txn) formatOp() string {
	o := &t.op
	text := fmt.Appendf(nil, "%d %d %d %d %d %d %d", o.ID, o.Kind, o.Order, o.Channel, o.To, o.At, o.HoldFor)
	for _, l := range o.Lines {
		text = fmt.Appendf(text, " %d %d", l.SKU, l.Qty)
	}
	return string(text)
}

func parseOp(text string) (op engines.Op, err error) {
	words := strings.Fields(text)
	if len(words) < 7 || len(words)%2 == 0 {
		return op, fmt.Errorf("%q has %d numbers: want 7, and 2 for each line", text, len(words))
	}
	if op.ID, err = parseID(words[0]); err != nil {
		return op, err
	}
	n := make([]int64, len(words))
	for i, w := range words[1:] {
		if n[i+1], err = strconv.ParseInt(w, 10, 64); err != nil {
			return op, fmt.Errorf("%q: %w", text, err)
		}
	}
	op.Kind, op.Order = engines.Kind(n[1]), engines.OrderID(n[2])
	op.Channel, op.To = engines.Channel(n[3]), engines.Channel(n[4])
	op.At, op.HoldFor = time.Duration(n[5]), time.Duration(n[6])
	for i := 7; i < len(n); i += 2 {
		op.Lines = append(op.Lines, engines.Line{SKU: engines.SKU(n[i]), Qty: int32(n[i+1])})
	}
	return op, nil
}

func parseID(word string) (engines.OpID, error) {
	n, err := strconv.ParseUint(word, 10, 64)
	return engines.OpID(n), err
}
