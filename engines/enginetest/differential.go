package enginetest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doorbuster/doorbuster/engines"
)

// Side is one engine of a differential test, in its world.
type Side struct {
	Spec  engines.Spec
	World World
}

// differentialStock is what a long history begins with: enough to last, and too little.
var differentialStock = []int64{60, 20, 7, 0}

// Differential sends the same random operations, so many in all, to every engine, one at a time, and holds what each
// decides against the reference: outcomes, versions where both give them, and the books at the end. Engines whose
// stock is partitioned alike can be compared, and no others. A difference is shrunk to few operations.
//
// The operations come in as many histories as rapid.checks says. The sides of one history run at once, so each needs a store of its own.
func Differential(t *testing.T, operations int, reference Side, others ...Side) {
	t.Helper()
	histories, err := strconv.Atoi(flag.Lookup("rapid.checks").Value.String())
	if err != nil || histories < 1 {
		t.Fatalf("rapid.checks: %v: want a positive number", flag.Lookup("rapid.checks").Value)
	}
	if testing.Short() {
		histories = max(1, histories/5) // as rapid does
	}
	length := operations*11/10/histories + 1 // a tenth more, for not all that is drawn is sent
	sent, served := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		history := LongHistory(length).Draw(r, "history")
		sent += len(history)
		served += Compare(r, history, reference, others...)
	})
	t.Logf("%d operations were sent, %d of them took effect", sent, served)
	if !t.Failed() && (sent < operations || served < operations/5) {
		t.Errorf("want %d at least, and that a fifth of them take effect", operations)
	}
}

// Compare sends one history to every engine and reports the first difference of each from the reference. It returns
// how many operations took effect at the reference.
func Compare(t TB, history []engines.Op, reference Side, others ...Side) (served int) {
	t.Helper()
	sides := append([]Side{reference}, others...)
	accounts := make([]account, len(sides))
	var all sync.WaitGroup
	for i, s := range sides {
		all.Go(func() { accounts[i] = s.account(history) })
	}
	all.Wait()
	for i, a := range accounts {
		if err := a.differs(accounts[0], history, reference.Spec.Versions && sides[i].Spec.Versions); err != nil {
			t.Errorf("%s, held against %s: %v", sides[i].Spec.Name, reference.Spec.Name, err)
		}
	}
	for _, reply := range accounts[0].replies {
		if reply.Outcome == engines.Done {
			served++
		}
	}
	return served
}

// account is what one engine made of a history.
type account struct {
	replies  []engines.Reply
	stock    map[poolKey]engines.Stock
	grants   map[engines.OrderID]engines.Grant
	outcomes map[engines.OpID]engines.Outcome // as the books have them
	failure  error
}

type poolKey struct {
	sku  engines.SKU
	pool engines.Channel
}

func (s Side) account(history []engines.Op) (a account) {
	var trouble Recorder
	s.World.Open(&trouble, s.Spec, Options{Opening: differentialStock}, func(h *House) {
		for i, op := range history {
			op.Lines = slices.Clone(op.Lines) // engines borrow them, and others borrow the same ones now
			reply, err := h.try(context.Background(), op)
			if err != nil {
				h.Errorf("operation %d: %v", i, err)
				return
			}
			a.replies = append(a.replies, reply)
		}
		a.read(h, history)
	})
	a.failure = trouble.first()
	return a
}

// read copies the books.
func (a *account) read(h *House, history []engines.Op) {
	a.stock, a.grants, a.outcomes = map[poolKey]engines.Stock{}, h.grants(), map[engines.OpID]engines.Outcome{}
	books := h.books()
	for s, err := range books.Stock {
		if err != nil {
			h.Errorf("books: stock: %v", err)
			return
		}
		a.stock[poolKey{s.SKU, s.Pool}] = s
	}
	for _, op := range history {
		if _, asked := a.outcomes[op.ID]; asked {
			continue
		}
		o, err := books.Outcome(op.ID)
		if err != nil {
			h.Errorf("books: outcome: %v", err)
			return
		}
		a.outcomes[op.ID] = o
	}
}

// differs is the first difference from want, or nil.
func (a account) differs(want account, history []engines.Op, versions bool) error {
	if err := errors.Join(want.failure, a.failure); err != nil {
		return err
	}
	seen := map[engines.OpID]bool{}
	for i, op := range history {
		got, want := a.replies[i], want.replies[i]
		if got.Outcome != want.Outcome {
			return fmt.Errorf("operation %d, %+v: %v, want %v", i, op, got.Outcome, want.Outcome)
		}
		// What an ID that is sent again has for versions is each engine's own affair, as is their order.
		if versions && !seen[op.ID] && !sameVersions(got.Versions, want.Versions) {
			return fmt.Errorf("operation %d, %+v: made versions %+v, want %+v", i, op, got.Versions, want.Versions)
		}
		seen[op.ID] = true
	}
	return a.booksDiffer(want, versions)
}

func (a account) booksDiffer(want account, versions bool) error {
	sameStock := func(a, b engines.Stock) bool {
		if !versions {
			a.Seq, b.Seq = 0, 0
		}
		return a == b
	}
	sameGrant := func(a, b engines.Grant) bool { return a.State == b.State && slices.Equal(a.Lines, b.Lines) }
	switch {
	case !maps.EqualFunc(a.stock, want.stock, sameStock):
		return fmt.Errorf("books: the stock is %+v, want %+v", a.stock, want.stock)
	case !maps.EqualFunc(a.grants, want.grants, sameGrant):
		return fmt.Errorf("books: the grants are %+v, want %+v", a.grants, want.grants)
	case !maps.Equal(a.outcomes, want.outcomes):
		return fmt.Errorf("books: the outcomes are %v, want %v", a.outcomes, want.outcomes)
	}
	return nil
}

func sameVersions(a, b []engines.Version) bool {
	if len(a) != len(b) {
		return false
	}
	left := map[engines.Version]int{}
	for i := range a {
		left[a[i]]++
		left[b[i]]--
	}
	for _, n := range left {
		if n != 0 {
			return false
		}
	}
	return true
}

// LongHistory generates some length operations of all kinds, transfers between pools too, in the order of their clocks. Orders come
// up more slowly than in History, so that there are new ones to the end. It shrinks to fewer operations.
func LongHistory(length int) *rapid.Generator[[]engines.Op] {
	return rapid.Custom(func(r *rapid.T) []engines.Op {
		ops := make([]engines.Op, 0, length)
		now := time.Duration(0)
		for i := range length * 8 / 7 { // one in eight is left out: that is what everything shrinks to
			if !rapid.Bool().Draw(r, "sent") && !rapid.Bool().Draw(r, "or sent") && !rapid.Bool().Draw(r, "sent after all") {
				continue
			}
			op := longOp(r, i)
			now += op.At
			op.At = now
			ops = append(ops, op)
		}
		return ops
	})
}

// longOp draws the n-th operation of a long history.
func longOp(r *rapid.T, n int) engines.Op {
	op := anyOp(r)
	switch {
	case op.Order != 0 && op.ID == engines.OrderOp(op.Order, op.Kind):
		op.Order += engines.OrderID(n / 8) // eight orders at a time
		op.ID = engines.OrderOp(op.Order, op.Kind)
		op.Channel = engines.Channel(op.Order % engines.OrderID(len(shares)))
	case op.Kind == engines.Adjust && rapid.Bool().Draw(r, "transfer"):
		op.Kind, op.Channel, op.To = engines.Transfer, engines.Channel(n%2), engines.Channel(2-n%2)
		for i := range op.Lines {
			op.Lines[i].Qty = max(op.Lines[i].Qty, -op.Lines[i].Qty)
		}
		op.ID = engines.FeedOp(6, uint64(n/4))
	case op.Order == 0:
		op.ID = engines.FeedOp(6, uint64(n/2)) // every other is sent again
	}
	return op
}
