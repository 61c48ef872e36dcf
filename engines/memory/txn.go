package memory

import (
	"context"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// txn is one operation on its way. Its verbs are what strategies are made of; each is atomic, since none calls Env.
type txn struct {
	*engine
	op    engines.Op
	print uint32 // fingerprint of op's content
	lines []engines.Line
	sums  []engines.Line // room for lines that have to be summed

	keys  []engines.Key // stock keys that op changes, ascending, each once
	qty   []int64       // units of the grant, by key
	delta []int64       // change of what is available, by key
	was   []row         // what read saw, by key
	had   []int64       // what was available of one SKU, by pool
	out   []engines.Version

	tokens []uint64       // of leases, by key
	donor  [1]engines.Key // of a transfer between pools
	inLine                // in a queue
}

// begin takes an idle transaction, or a new one.
func (e *engine) begin(op *engines.Op) *txn {
	var t *txn
	if n := len(e.idle); n > 0 {
		t, e.idle = e.idle[n-1], e.idle[:n-1]
	} else {
		t = &txn{engine: e}
	}
	t.op = *op
	t.out = op.Versions[:0]
	return t
}

// end gives t back, without what it borrowed.
func (e *engine) end(t *txn) {
	t.op, t.lines, t.out = engines.Op{}, nil, nil
	t.keys, t.qty, t.delta, t.was, t.tokens = t.keys[:0], t.qty[:0], t.delta[:0], t.was[:0], t.tokens[:0]
	t.inLine = inLine{union: t.union[:0]}
	e.idle = append(e.idle, t)
}

// read copies the rows as they are now.
func (t *txn) read() {
	t.was = t.was[:0]
	for _, k := range t.keys {
		t.was = append(t.was, t.rows[k])
	}
	if t.feeds() {
		t.spread()
	}
}

// fits says whether every row that gives stock stays at 0 or above, judged on what was read. What the warehouse
// reports has happened already, so it fits always.
func (t *txn) fits() bool {
	if !t.op.Kind.TakesStock() && t.op.Kind != engines.Transfer {
		return true
	}
	for i := range t.keys {
		if t.short(i) > 0 {
			return false
		}
	}
	return true
}

// short is how many units the i-th row lacks, judged on what was read.
func (t *txn) short(i int) int64 {
	if t.delta[i] >= 0 {
		return 0
	}
	return -(t.was[i].available + t.delta[i])
}

// unchanged says whether no version was made of any row since it was read.
func (t *txn) unchanged() bool {
	for i, k := range t.keys {
		if t.rows[k].seq != t.was[i].seq {
			return false
		}
	}
	return true
}

// write sets the rows to what was read plus the change, so a stale read loses updates, as it does in a database. With
// them come the versions, the grant and the first reply. It answers with the first reply, which may be another's:
// the same operation sent twice at once, or a hold that ended meanwhile.
func (t *txn) write() engines.Outcome {
	if o := t.barred(); o != engines.Unknown {
		return t.refuse(o)
	}
	for i, k := range t.keys {
		if d := t.delta[i]; d != 0 {
			t.put(k, t.was[i].available+d)
		}
		t.take(i)
	}
	t.settle()
	t.record(engines.Done)
	return engines.Done
}

// put makes a version of a row.
func (t *txn) put(k engines.Key, available int64) {
	r := &t.rows[k]
	r.available = available
	r.seq++
	sku, pool := t.place(k)
	t.out = append(t.out, engines.Version{SKU: sku, Pool: pool, Seq: r.seq, After: available})
}

// take counts the units of the i-th row that are in the house for an order, or have left it.
func (t *txn) take(i int) {
	r := &t.rows[t.keys[i]]
	switch {
	case t.op.Kind == engines.Ship:
		r.taken -= t.qty[i]
		r.shipped += t.qty[i]
	case t.op.Kind.NamesOrder():
		r.taken -= t.delta[i]
	}
}

// refuse records o as the first reply, unless there is one, and answers with the first.
func (t *txn) refuse(o engines.Outcome) engines.Outcome {
	if first, seen := t.first(); seen {
		t.recall(first)
		return first
	}
	t.record(o)
	return o
}

// attempt is the whole of a conditional write, once its round trip is made: it decides on the rows as they are.
func (t *txn) attempt() engines.Outcome {
	t.read()
	if !t.fits() {
		return t.refuse(engines.SoldOut)
	}
	return t.write()
}

// maxDoublings bounds how far a sleep between two attempts grows: 32 times the first.
const maxDoublings = 5

// backoff sleeps before attempt n+1, twice as long on average each time, and never as long as its neighbours.
func (t *txn) backoff(ctx context.Context, n int) error {
	mean := t.tuning.Backoff << min(n, maxDoublings)
	return t.env.Sleep(ctx, time.Duration(2*t.env.Jitter()*float64(mean)))
}

// retry counts attempt n as lost. It says whether there is another, after a sleep.
func (t *txn) retry(ctx context.Context, n int) (again bool, err error) {
	if n >= t.tuning.Retries {
		return false, nil
	}
	t.env.Count(engines.Retries, 1)
	return true, t.backoff(ctx, n)
}
