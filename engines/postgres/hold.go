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
	state    engines.GrantState
	deadline int64 // nanoseconds of the day
	lines    []key
}

// look reads what was recorded of op's ID and order. Its error is a verdict if that bars op.
func (t *txn) look(ctx context.Context) error {
	b := &pgx.Batch{}
	first := engines.Unknown
	b.Queue(`SELECT outcome FROM doorbuster.operations WHERE op_id = $1`, int64(t.op.ID)).QueryRow(func(r pgx.Row) error {
		return orNone(r.Scan(&first))
	})
	t.order = order{}
	if t.op.Kind.NamesOrder() {
		b.Queue(`SELECT state, deadline FROM doorbuster.orders WHERE order_id = $1`, int64(t.op.Order)).QueryRow(func(r pgx.Row) error {
			return orNone(r.Scan(&t.order.state, &t.order.deadline))
		})
	}
	if t.op.Kind.NamesOrder() && !t.op.Kind.TakesStock() {
		b.Queue(`SELECT sku, pool, qty FROM doorbuster.holds WHERE order_id = $1 ORDER BY sku, pool`, int64(t.op.Order)).Query(t.order.scan)
	}
	if err := t.pool.SendBatch(ctx, b).Close(); err != nil {
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

func (o *order) scan(rows pgx.Rows) error {
	for rows.Next() {
		var k key
		if err := rows.Scan(&k.sku, &k.pool, &k.qty); err != nil {
			return err
		}
		k.delta = k.qty
		o.lines = append(o.lines, k)
	}
	return rows.Err()
}

// barred is what the state of its order keeps t from. Unknown means nothing.
func (t *txn) barred() engines.Outcome {
	if !t.op.Kind.NamesOrder() {
		return engines.Unknown
	}
	state, deadline := t.order.state, time.Duration(t.order.deadline)
	switch {
	case t.op.Kind.TakesStock():
		if state != engines.NoGrant {
			return engines.Conflict
		}
	case t.op.Kind == engines.Confirm && state == engines.Lapsed:
		return engines.Expired
	case state != t.op.Kind.Needs():
		return engines.NotFound
	case t.op.Kind == engines.Confirm && t.op.At >= deadline:
		return engines.Expired
	case t.op.Kind == engines.Expire && t.op.At < deadline:
		return engines.NotFound
	}
	return engines.Unknown
}

// settle takes the order's grant to its next state and records the first reply, with the versions that were just made. Another who
// granted or changed the order since it was looked up, or used the ID, makes it fail.
func (t *txn) settle(ctx context.Context, tx pgx.Tx) error {
	b := &pgx.Batch{}
	switch {
	case t.op.Kind.TakesStock():
		t.grant(b)
	case t.op.Kind.NamesOrder():
		t.advance(b)
	}
	b.Queue(`INSERT INTO doorbuster.operations (op_id, fingerprint, outcome, versions) VALUES ($1, $2, $3, $4)`,
		int64(t.op.ID), t.print, int16(engines.Done), flatten(t.out))
	return tx.SendBatch(ctx, b).Close()
}

func (t *txn) grant(b *pgx.Batch) {
	var deadline time.Duration
	state := t.op.Kind.Becomes()
	if state == engines.Held {
		deadline = t.op.At + t.op.HoldFor
	}
	b.Queue(`INSERT INTO doorbuster.orders (order_id, state, channel, deadline) VALUES ($1, $2, $3, $4)`,
		int64(t.op.Order), int16(state), int16(t.op.Channel), int64(deadline))
	for _, k := range t.keys {
		b.Queue(`INSERT INTO doorbuster.holds (order_id, sku, pool, qty) VALUES ($1, $2, $3, $4)`, int64(t.op.Order), k.sku, k.pool, k.qty)
	}
}

// advance changes the order's state, if it is still the one that was looked up. What is shipped leaves its rows first, for
// stock rows are taken before orders.
func (t *txn) advance(b *pgx.Batch) {
	if t.op.Kind == engines.Ship {
		for _, k := range t.keys {
			b.Queue(`UPDATE doorbuster.stock SET taken = taken - $3, shipped = shipped + $3 WHERE sku = $1 AND pool = $2`, k.sku, k.pool, k.qty)
		}
	}
	b.Queue(`UPDATE doorbuster.orders SET state = $3 WHERE order_id = $1 AND state = $2 RETURNING true`,
		int64(t.op.Order), int16(t.order.state), int16(t.op.Kind.Becomes())).QueryRow(func(r pgx.Row) error {
		var changed bool
		return found(r.Scan(&changed))
	})
}
