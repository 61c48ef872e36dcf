package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

// page is what a batch of the queue works on: the rows that its requests touch, as the batch's transaction has locked them
// and as the requests decided so far leave them.
type page struct {
	stock   map[int64]*stockRow
	orders  map[engines.OrderID]*order
	replies map[engines.OpID]*reply
	fresh   []engines.OpID     // replies that the batch gives
	granted []engines.OrderID  // orders whose lines it adds
	moved   map[int64]struct{} // SKUs that it changes
	changed map[engines.OrderID]engines.Channel
}

type stockRow struct {
	row
	shipped int64
}

type reply struct {
	print    int64
	outcome  engines.Outcome
	versions []int64
}

// One statement each, whatever the size of the batch: $1 are SKUs, orders or operations. Stock is locked before orders, as everywhere.
const (
	checkEpoch = `SELECT epoch FROM doorbuster.writer WHERE epoch = $1 FOR SHARE`
	lockStock  = `SELECT sku, available, taken, shipped, seq FROM doorbuster.stock
		WHERE sku = ANY (ARRAY(SELECT unnest($1::bigint[]) UNION SELECT sku FROM doorbuster.holds WHERE order_id = ANY ($2::bigint[])))
		ORDER BY sku FOR UPDATE`
	lockOrders  = `SELECT order_id, state, deadline FROM doorbuster.orders WHERE order_id = ANY ($1::bigint[]) ORDER BY order_id FOR UPDATE`
	readLines   = `SELECT order_id, sku, pool, qty FROM doorbuster.holds WHERE order_id = ANY ($1::bigint[]) ORDER BY order_id, sku, pool`
	readReplies = `SELECT op_id, fingerprint, outcome, versions FROM doorbuster.operations WHERE op_id = ANY ($1::bigint[])`
)

// load begins the batch's transaction and reads and locks what its requests touch, in one round trip.
func (q *queue) load(ctx context.Context, requests []*request) (*page, error) {
	p := &page{
		stock: map[int64]*stockRow{}, orders: map[engines.OrderID]*order{}, replies: map[engines.OpID]*reply{},
		moved: map[int64]struct{}{}, changed: map[engines.OrderID]engines.Channel{},
	}
	skus, orders, ops := touched(requests)
	b := &pgx.Batch{}
	b.Queue(`BEGIN`)
	b.Queue(checkEpoch, q.epoch).QueryRow(func(r pgx.Row) error {
		if err := found(r.Scan(new(int64))); err != nil {
			return fmt.Errorf("epoch %d of the queue's writer is over: another writes now: %w", q.epoch, err)
		}
		return nil
	})
	b.Queue(lockStock, skus, orders).Query(p.scanStock)
	b.Queue(lockOrders, orders).Query(p.scanOrders)
	b.Queue(readLines, orders).Query(p.scanLines)
	b.Queue(readReplies, ops).Query(p.scanReplies)
	if err := q.conn.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	return p, p.whole()
}

// whole says whether the stock of every order's lines was locked. An engine of another strategy on the same database may have granted
// the order between the two statements.
func (p *page) whole() error {
	for id, o := range p.orders {
		for _, k := range o.lines {
			if p.stock[k.sku] == nil {
				return fmt.Errorf("stock of SKU %d, which order %d holds: %w", k.sku, id, errLost)
			}
		}
	}
	return nil
}

func touched(requests []*request) (skus, orders, ops []int64) {
	skus, orders = []int64{}, []int64{}
	for _, r := range requests {
		ops = append(ops, int64(r.op.ID))
		if r.op.Order != 0 {
			orders = append(orders, int64(r.op.Order))
		}
		for _, l := range r.lines {
			skus = append(skus, int64(l.SKU))
		}
	}
	return skus, orders, ops
}

func (p *page) scanStock(rows pgx.Rows) error {
	var sku int64
	var s stockRow
	_, err := pgx.ForEachRow(rows, []any{&sku, &s.available, &s.taken, &s.shipped, &s.seq}, func() error {
		p.stock[sku] = new(s)
		return nil
	})
	return err
}

func (p *page) scanOrders(rows pgx.Rows) error {
	var id engines.OrderID
	var o order
	_, err := pgx.ForEachRow(rows, []any{&id, &o.state, &o.deadline}, func() error {
		p.orders[id] = new(o)
		return nil
	})
	return err
}

func (p *page) scanLines(rows pgx.Rows) error {
	var id engines.OrderID
	var k key
	_, err := pgx.ForEachRow(rows, []any{&id, &k.sku, &k.pool, &k.qty}, func() error {
		k.delta = k.qty
		p.orders[id].lines = append(p.orders[id].lines, k)
		return nil
	})
	return err
}

func (p *page) scanReplies(rows pgx.Rows) error {
	var id engines.OpID
	var bits int64
	var r reply
	_, err := pgx.ForEachRow(rows, []any{&bits, &r.print, &r.outcome, &r.versions}, func() error {
		id = engines.OpID(bits)
		p.replies[id] = &reply{r.print, r.outcome, slices.Clone(r.versions)}
		return nil
	})
	return err
}

// decide carries t out on the page, as the requests before it left it.
func (p *page) decide(t *txn) engines.Outcome {
	if r := p.replies[t.op.ID]; r != nil {
		if r.print != t.print {
			return engines.Conflict
		}
		t.unflatten(r.versions)
		return r.outcome
	}
	if o := p.orders[t.op.Order]; o != nil {
		t.order = *o
	}
	o := t.barred()
	if o == engines.Unknown {
		t.plan()
		p.read(t)
		o = engines.SoldOut
		if t.fits() {
			p.write(t)
			o = engines.Done
		}
	}
	p.replies[t.op.ID] = &reply{t.print, o, flatten(t.out)}
	p.fresh = append(p.fresh, t.op.ID)
	return o
}

func (p *page) read(t *txn) {
	for _, k := range t.keys {
		t.was = append(t.was, p.stock[k.sku].row)
	}
	t.count()
}

// write changes the page's stock and its order.
func (p *page) write(t *txn) {
	for _, k := range t.keys {
		s := p.stock[k.sku]
		p.moved[k.sku] = struct{}{}
		if t.op.Kind == engines.Ship {
			s.taken -= k.qty
			s.shipped += k.qty
		} else if k.delta != 0 {
			s.available += k.delta
			s.taken += t.taken(k)
			s.seq++
			t.out = append(t.out, engines.Version{SKU: engines.SKU(k.sku), Pool: engines.Channel(k.pool), Seq: uint64(s.seq), After: s.available})
		}
	}
	if !t.op.Kind.NamesOrder() {
		return
	}
	o := p.orders[t.op.Order]
	if o == nil {
		o = &order{lines: t.granted()}
		p.orders[t.op.Order] = o
		p.granted = append(p.granted, t.op.Order)
		if t.op.Kind == engines.Reserve {
			o.deadline = int64(t.op.At + t.op.HoldFor)
		}
	}
	if _, again := p.changed[t.op.Order]; !again { // the channel that granted it is the order's
		p.changed[t.op.Order] = t.op.Channel
	}
	o.state = t.op.Kind.Becomes()
}

// granted are t's keys as a later operation of the order finds them.
func (t *txn) granted() []key {
	lines := slices.Clone(t.keys)
	for i := range lines {
		lines[i].delta = lines[i].qty
	}
	return lines
}

const (
	saveStock = `UPDATE doorbuster.stock s SET available = u.available, taken = u.taken, shipped = u.shipped, seq = u.seq
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) u (sku, available, taken, shipped, seq)
		WHERE s.sku = u.sku AND s.pool = 0`
	saveOrders = `INSERT INTO doorbuster.orders (order_id, state, channel, deadline)
		SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::bigint[])
		ON CONFLICT (order_id) DO UPDATE SET state = excluded.state`
	saveLines = `INSERT INTO doorbuster.holds (order_id, sku, pool, qty)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::bigint[])`
	// Arrays of arrays can't be unnested by row, so versions come one after the other, with where each reply's end.
	saveReplies = `INSERT INTO doorbuster.operations (op_id, fingerprint, outcome, versions)
		SELECT op, print, outcome, ($4::bigint[])[start + 1 : stop]
		FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $5::int[], $6::int[]) u (op, print, outcome, start, stop)`
)

// save writes what the batch changed and commits, in one round trip: a statement that fails takes the commit with it.
func (p *page) save(ctx context.Context, conn *pgx.Conn) error {
	b := &pgx.Batch{}
	p.queueStock(b)
	p.queueOrders(b)
	p.queueReplies(b)
	b.Queue(`COMMIT`)
	return conn.SendBatch(ctx, b).Close()
}

func (p *page) queueStock(b *pgx.Batch) {
	if len(p.moved) == 0 {
		return
	}
	var columns [4][]int64
	skus := slices.Sorted(maps.Keys(p.moved))
	for _, sku := range skus {
		s := p.stock[sku]
		for i, v := range [...]int64{s.available, s.taken, s.shipped, s.seq} {
			columns[i] = append(columns[i], v)
		}
	}
	b.Queue(saveStock, skus, columns[0], columns[1], columns[2], columns[3])
}

func (p *page) queueOrders(b *pgx.Batch) {
	var ids, deadlines, of, skus, units []int64
	var states, channels, pools []int16
	for id, channel := range p.changed {
		o := p.orders[id]
		ids, deadlines = append(ids, int64(id)), append(deadlines, o.deadline)
		states, channels = append(states, int16(o.state)), append(channels, int16(channel))
	}
	for _, id := range p.granted {
		for _, k := range p.orders[id].lines {
			of, skus, pools, units = append(of, int64(id)), append(skus, k.sku), append(pools, k.pool), append(units, k.qty)
		}
	}
	if len(ids) > 0 {
		b.Queue(saveOrders, ids, states, channels, deadlines)
	}
	if len(of) > 0 {
		b.Queue(saveLines, of, skus, pools, units)
	}
}

func (p *page) queueReplies(b *pgx.Batch) {
	if len(p.fresh) == 0 {
		return
	}
	var ops, prints []int64
	var outcomes []int16
	var starts, stops []int32
	versions := []int64{}
	for _, id := range p.fresh {
		r := p.replies[id]
		ops, prints, outcomes = append(ops, int64(id)), append(prints, r.print), append(outcomes, int16(r.outcome))
		starts = append(starts, int32(len(versions)))
		versions = append(versions, r.versions...)
		stops = append(stops, int32(len(versions)))
	}
	b.Queue(saveReplies, ops, prints, outcomes, versions, starts, stops)
}
