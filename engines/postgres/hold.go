package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

// order is an order as it was looked up.
type order struct {
	state     engines.GrantState
	deadline  int64   // nanoseconds of the day
	lines     []int64 // five numbers each: see perLine
	grantedBy engines.OpID
	print     int64 // of the operation that granted it, if the queue keeps its first reply here
}

// perLine is how many numbers the lines of an order have each: sku, pool, quantity, and the seq and available that granting made.
const perLine = 5

const (
	lookReply = `SELECT outcome FROM doorbuster.operations WHERE op_id = $1`
	lookOrder = `SELECT state, deadline, lines, coalesce(granted_by, 0), coalesce(fingerprint, 0) FROM doorbuster.orders WHERE order_id = $1`
)

// look reads what was recorded of op's ID and order. Its error is a verdict if that bars op.
func (t *txn) look(ctx context.Context) error {
	b := &pgx.Batch{}
	first := engines.Unknown
	b.Queue(lookReply, int64(t.op.ID)).QueryRow(func(r pgx.Row) error { return orNone(r.Scan(&first)) })
	t.order = order{}
	if t.op.Kind.NamesOrder() {
		b.Queue(lookOrder, int64(t.op.Order)).QueryRow(func(r pgx.Row) error {
			o := &t.order
			var by int64
			err := orNone(r.Scan(&o.state, &o.deadline, &o.lines, &by, &o.print))
			o.grantedBy = engines.OpID(by)
			return err
		})
	}
	if err := t.conn.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if first == engines.Unknown {
		first = t.barred()
	}
	if first != engines.Unknown {
		return verdict(first)
	}
	return nil
}

func orNone(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

// barred is what the state of its order keeps t from. Unknown means nothing.
func (t *txn) barred() engines.Outcome {
	return t.op.Barred(t.order.state, time.Duration(t.order.deadline))
}

const (
	insertOrder = `INSERT INTO doorbuster.orders (order_id, state, channel, deadline, lines) VALUES ($1, $2, $3, $4, $5)`
	moveOrder   = `WITH moved AS (UPDATE doorbuster.orders SET state = $3 WHERE order_id = $1 AND state = $2 RETURNING 1)
		SELECT doorbuster.insist(EXISTS (SELECT FROM moved), '` + lostState + `', 'another changed the order')`
	shipStock = `UPDATE doorbuster.stock SET taken = taken - $3, shipped = shipped + $3 WHERE sku = $1 AND pool = $2`
)

// grant queues the order with its lines.
func (t *txn) grant(b *pgx.Batch) {
	lines := t.granted(make([]int64, 0, perLine*len(t.keys)))
	b.Queue(insertOrder, int64(t.op.Order), int16(t.op.Kind.Becomes()), int16(t.op.Channel), t.deadline(), lines)
}

// granted appends t's keys, and the versions that were made of them last, as an order's lines.
func (t *txn) granted(lines []int64) []int64 {
	made := t.out[len(t.out)-len(t.keys):]
	for i, k := range t.keys {
		lines = append(lines, k.sku, int64(k.pool), k.qty, int64(made[i].Seq), made[i].After)
	}
	return lines
}

// deadline is that of the hold that op makes, in nanoseconds of the day.
func (t *txn) deadline() int64 {
	if t.op.Kind != engines.Reserve {
		return 0
	}
	return int64(t.op.At + t.op.HoldFor)
}

// advance queues the order's next state, if its state is still the one that was looked up.
func (t *txn) advance(b *pgx.Batch) {
	b.Queue(moveOrder, int64(t.op.Order), int16(t.order.state), int16(t.op.Kind.Becomes()))
}

// ship queues what leaves the house. It comes before the order, for stock rows are taken before orders.
func (t *txn) ship(b *pgx.Batch) {
	for _, k := range t.keys {
		b.Queue(shipStock, k.sku, k.pool, k.qty)
	}
}
