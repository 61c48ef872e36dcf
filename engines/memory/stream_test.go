package memory

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/enginetest"
)

// TestStreamReplays: whoever is sent all events, in any order and some of them twice, has the position that the engine has.
func TestStreamReplays(t *testing.T) {
	folded := false
	rapid.Check(t, func(r *rapid.T) {
		opening := []int64{40, 6, 0}
		history := receipts(rapid.IntRange(0, 4*maxRecent).Draw(r, "receipts"))
		sent, stock := logOf(t, opening, append(history, enginetest.History().Draw(r, "history")...))
		for _, s := range stock {
			folded = folded || s.Seq > maxRecent
		}
		if len(sent) > 0 {
			sent = append(sent, rapid.SliceOf(rapid.SampledFrom(sent)).Draw(r, "again")...)
			sent = rapid.Permutation(sent).Draw(r, "order")
		}
		for _, problem := range replay(opening, sent, stock) {
			r.Error(problem)
		}
	})
	if !folded {
		t.Error("no log was long enough to be folded")
	}
}

// TestReplayCanFail: the replay misses an event that is lost, and one whose ID is not its own.
func TestReplayCanFail(t *testing.T) {
	var sales []engines.Op
	for i := range 3 {
		sales = append(sales, sellOne(i))
	}
	sent, stock := logOf(t, []int64{5}, sales)
	if got := replay([]int64{5}, append(sent, sent...), stock); got != nil {
		t.Fatalf("three sales, each sent twice: %v", got)
	}
	if replay([]int64{5}, sent[1:], stock) == nil {
		t.Error("a replay without the first event gives the same position")
	}
	sent[0].id = sent[1].id
	if replay([]int64{5}, sent, stock) == nil {
		t.Error("a replay in which two events have one ID gives the same position")
	}
}

// receipts are n units, one at a time, of two SKUs in turn.
func receipts(n int) []engines.Op {
	ops := make([]engines.Op, n)
	for i := range ops {
		ops[i] = engines.Op{ID: engines.FeedOp(7, uint64(i)), Kind: engines.Receive, Channel: 7, Lines: []engines.Line{{SKU: engines.SKU(i % 2), Qty: 1}}}
	}
	return ops
}

// delivery is an event as it is sent.
type delivery struct {
	sku engines.SKU
	event
}

// logOf sends operations to an engine, and returns every event that it logged and the stock that it ends with.
func logOf(t *testing.T, opening []int64, history []engines.Op) ([]delivery, []engines.Stock) {
	t.Helper()
	e := mustOpen(t, promising("stream"), instant{}).(*engine)
	if err := e.Reset(t.Context(), opening); err != nil {
		t.Fatal(err)
	}
	var all []delivery
	seen := make([]uint64, len(opening))
	for _, op := range history {
		if _, err := e.Do(t.Context(), op); err != nil {
			t.Fatal(err)
		}
		for k, log := range e.strategy.(stream).recent {
			if e.rows[k].seq != seen[k] { // an operation is one event in a log, and the last one is not folded yet
				seen[k] = e.rows[k].seq
				all = append(all, delivery{engines.SKU(k), log.events[log.n-1]})
			}
		}
	}
	var stock []engines.Stock
	books, err := e.Books(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for s, err := range books.Stock {
		if err != nil {
			t.Fatal(err)
		}
		stock = append(stock, s)
	}
	return all, stock
}

// replay aggregates what was sent, each event once, and compares it with the stock.
func replay(opening []int64, sent []delivery, stock []engines.Stock) (problems []string) {
	type key struct {
		sku engines.SKU
		id  engines.OpID
	}
	position, length, known := slices.Clone(opening), make([]uint64, len(opening)), map[key]bool{}
	for _, d := range sent {
		if k := (key{d.sku, d.id}); !known[k] {
			known[k] = true
			position[d.sku] += d.units
			length[d.sku]++
		}
	}
	for sku, s := range stock {
		if position[sku] != s.Available || length[sku] != s.Seq {
			problems = append(problems, fmt.Sprintf("SKU %d: %d events sum to %d units, the books say %d after %d",
				sku, length[sku], position[sku], s.Available, s.Seq))
		}
	}
	return problems
}

// blind is a stream whose appends ask for nothing.
type blind struct{ stream }

func (s blind) move(ctx context.Context, t *txn) (engines.Outcome, error) {
	for i, k := range t.keys {
		s.add(t, k, event{t.op.ID, t.delta[i]})
	}
	return engines.Done, t.env.Step(ctx)
}

// TestBlindStream: the suite catches a log that takes every order.
func TestBlindStream(t *testing.T) {
	flawed := safe("blind", "", func(e *engine) strategy { return blind{stream{make([]recent, len(e.rows))}} })
	var r enginetest.Recorder
	enginetest.Oversell(&r, flawed, enginetest.Virtual(1))
	if len(r.Errors()) == 0 {
		t.Error("the suite lets a log pass that takes every order")
	}
}
