package memory

import (
	"context"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// txn is one operation on its way. Its verbs are what strategies are made of; each is atomic, since none calls Env.
type txn struct {
	*engine
	op    engines.Op      // its lines ascending by SKU, each once; its versions those that it made
	order *order          // op's, or nil
	bar   engines.Outcome // why op can't happen, as it began; Unknown: nothing keeps it
	own   bool            // op's ID is the one that its order keeps for the kind
	sums  []engines.Line  // room for lines that have to be summed

	keys  []engines.Key // stock keys that op changes, ascending, each once
	delta []int64       // change of what is available, or what leaves the house, by key
	was   []row         // what read saw, by key
	had   []int64       // what was available of one SKU, by pool

	tokens []uint64       // of leases, by key
	donor  [1]engines.Key // of a transfer between pools
	inLine                // in a queue
	next   *txn           // in a queue or among idle ones
}

// begin takes an idle transaction, or a new one. Of its last operation it has what read, acquire and push forget by themselves.
func (e *engine) begin(op *engines.Op) *txn {
	t := e.idle
	if t == nil {
		t = &txn{engine: e}
	} else {
		e.idle = t.next
	}
	t.op, t.order, t.own = *op, nil, false
	if op.Order != 0 {
		if t.order = e.orders.find(op.Order); t.order == nil {
			t.order = e.orders.add(op.Order)
		}
		t.own = op.ID == engines.OrderOp(op.Order, op.Kind)
	}
	t.keys, t.delta, t.op.Versions = t.keys[:0], t.delta[:0], t.op.Versions[:0]
	return t
}

// end gives t back. What it borrowed it keeps until it is used again.
func (e *engine) end(t *txn) {
	t.next, e.idle = e.idle, t
}

// land ends an operation of one round trip that no other can spoil: it is refused, or it changes the grant's state and what is available stays.
func (t *txn) land() engines.Outcome {
	if t.bar != engines.Unknown {
		return t.refuse(t.bar)
	}
	return t.pass()
}

// read copies the rows as they are now.
func (t *txn) read() {
	rows, was := t.rows, t.was[:0]
	for _, k := range t.keys {
		was = append(was, rows[k])
	}
	t.was = was
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
	for i, d := range t.delta {
		if d < 0 && t.was[i].available+d < 0 {
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
		d := t.delta[i]
		if d != 0 {
			t.put(k, t.was[i].available+d)
		}
		t.take(k, d)
	}
	return t.done()
}

// pass is write where nothing that is available changes: an order is paid, or its units leave the house.
func (t *txn) pass() engines.Outcome {
	if o := t.barred(); o != engines.Unknown {
		return t.refuse(o)
	}
	for i, k := range t.keys {
		r := &t.rows[k]
		r.taken -= t.delta[i]
		r.shipped += t.delta[i]
	}
	return t.done()
}

// put makes a version of a row.
func (t *txn) put(k engines.Key, available int64) {
	r := &t.rows[k]
	r.available = available
	r.seq++
	sku, pool := t.place(k)
	t.op.Versions = append(t.op.Versions, engines.Version{SKU: sku, Pool: pool, Seq: r.seq, After: available})
}

// take counts the units that an order takes from a row, or gives back.
func (t *txn) take(k engines.Key, delta int64) {
	if t.order != nil {
		t.rows[k].taken -= delta
	}
}

// done ends an operation that took effect.
func (t *txn) done() engines.Outcome {
	t.record(engines.Done) // before the grant is made, which takes over what the order keeps of it
	t.settle()
	return engines.Done
}

// refuse records o as the first reply, unless there is one, and answers with the first.
func (t *txn) refuse(o engines.Outcome) engines.Outcome {
	if !t.fresh() {
		if first := t.first(); first != engines.Unknown {
			t.recall(first)
			return first
		}
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
