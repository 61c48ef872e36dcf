package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

// answer records o as the first reply of op's ID, unless there is one, and answers with the first: Conflict if that
// was given to other content.
func (t *txn) answer(ctx context.Context, o engines.Outcome) (engines.Outcome, error) {
	t.out = t.out[:0]
	tag, err := t.pool.Exec(ctx, `INSERT INTO doorbuster.operations (op_id, fingerprint, outcome, versions) VALUES ($1, $2, $3, '{}')
		ON CONFLICT (op_id) DO NOTHING`, int64(t.op.ID), t.print, int16(o))
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
	err := t.pool.QueryRow(ctx, `SELECT fingerprint, outcome, versions FROM doorbuster.operations WHERE op_id = $1`,
		int64(t.op.ID)).Scan(&print, &o, &versions)
	if err != nil {
		return engines.Unknown, err
	}
	if print != t.print {
		return engines.Conflict, nil
	}
	t.unflatten(versions)
	return o, nil
}

// flatten writes versions as the table keeps them.
func flatten(versions []engines.Version) []int64 {
	flat := make([]int64, 0, 4*len(versions))
	for _, v := range versions {
		flat = append(flat, int64(v.SKU), int64(v.Pool), int64(v.Seq), v.After)
	}
	return flat
}

// unflatten is the reverse of flatten, into t.out.
func (t *txn) unflatten(flat []int64) {
	for ; len(flat) >= 4; flat = flat[4:] {
		t.out = append(t.out, engines.Version{SKU: engines.SKU(flat[0]), Pool: engines.Channel(flat[1]), Seq: uint64(flat[2]), After: flat[3]})
	}
}

// outcome is what was recorded of an operation.
func (e *engine) outcome(ctx context.Context, id engines.OpID) (o engines.Outcome, err error) {
	err = e.pool.QueryRow(ctx, `SELECT outcome FROM doorbuster.operations WHERE op_id = $1`, int64(id)).Scan(&o)
	if errors.Is(err, pgx.ErrNoRows) {
		return engines.Unknown, nil
	}
	return o, err
}
