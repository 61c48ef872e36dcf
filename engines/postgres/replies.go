package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

const (
	answerReply = `INSERT INTO doorbuster.operations (op_id, fingerprint, outcome, versions) VALUES ($1, $2, $3, '{}')
		ON CONFLICT (op_id) DO NOTHING`
	// The queue keeps the reply of an operation that granted an order with the order.
	firstReply = `SELECT fingerprint, outcome, versions, 4 FROM doorbuster.operations WHERE op_id = $1
		UNION ALL SELECT fingerprint, $2, lines, 5 FROM doorbuster.orders WHERE order_id = $1 >> 4 AND granted_by = $1`
)

// answer records o as the first reply of op's ID, unless there is one, and answers with the first: Conflict if that
// was given to other content.
func (t *txn) answer(ctx context.Context, o engines.Outcome) (engines.Outcome, error) {
	t.out = t.out[:0]
	if t.order.grantedBy == t.op.ID && t.order.grantedBy != 0 {
		return t.first(ctx)
	}
	tag, err := t.conn.Exec(ctx, answerReply, int64(t.op.ID), t.print, int16(o))
	if err != nil {
		return engines.Unknown, err
	}
	if tag.RowsAffected() == 1 {
		return o, nil
	}
	return t.first(ctx)
}

// first is the reply that op's ID had before, with its versions.
func (t *txn) first(ctx context.Context) (engines.Outcome, error) {
	var print int64
	var o engines.Outcome
	var versions []int64
	var stride int
	err := t.conn.QueryRow(ctx, firstReply, int64(t.op.ID), int16(engines.Done)).Scan(&print, &o, &versions, &stride)
	if err != nil {
		return engines.Unknown, err
	}
	if print != t.print {
		return engines.Conflict, nil
	}
	t.unflatten(versions, stride)
	return o, nil
}

// perVersion is how many numbers the table operations keeps of a version.
const perVersion = 4

// flatten writes versions as the table keeps them.
func flatten(versions []engines.Version) []int64 {
	flat := make([]int64, 0, perVersion*len(versions))
	for _, v := range versions {
		flat = append(flat, int64(v.SKU), int64(v.Pool), int64(v.Seq), v.After)
	}
	return flat
}

// unflatten is the reverse of flatten, into t.out. Lines of an order, with one number more each, have their versions too.
func (t *txn) unflatten(flat []int64, stride int) {
	for ; len(flat) >= stride; flat = flat[stride:] {
		made := flat[stride-2:]
		t.out = append(t.out, engines.Version{SKU: engines.SKU(flat[0]), Pool: engines.Channel(flat[1]), Seq: uint64(made[0]), After: made[1]})
	}
}

// outcome is what was recorded of an operation.
func (e *engine) outcome(ctx context.Context, id engines.OpID) (o engines.Outcome, err error) {
	var print int64
	var versions []int64
	var stride int
	err = e.pool.QueryRow(ctx, firstReply, int64(id), int16(engines.Done)).Scan(&print, &o, &versions, &stride)
	if errors.Is(err, pgx.ErrNoRows) {
		return engines.Unknown, nil
	}
	return o, err
}
