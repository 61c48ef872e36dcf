package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/doorbuster/doorbuster/engines"
)

// tx is a transaction in as few round trips as it takes: its BEGIN travels with its first statements, its COMMIT with its last.
type tx struct {
	conn  *pgxpool.Conn
	begin string // until it is sent
}

// in runs f in a transaction, which f ends with settle. f's error rolls it back.
func (t *txn) in(ctx context.Context, level pgx.TxIsoLevel, f func(*tx) error) error {
	x := &tx{conn: t.conn, begin: "BEGIN ISOLATION LEVEL " + string(level)}
	err := f(x)
	if err != nil && x.begin == "" && !x.conn.Conn().IsClosed() {
		_, undo := x.conn.Exec(context.WithoutCancel(ctx), `ROLLBACK`)
		err = errors.Join(err, undo)
	}
	return err
}

// SendBatch implements db.
func (x *tx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	if x.begin != "" {
		b.QueuedQueries = slices.Insert(b.QueuedQueries, 0, &pgx.QueuedQuery{SQL: x.begin})
		x.begin = ""
	}
	return x.conn.SendBatch(ctx, b)
}

// settle sends what b holds, takes the order's grant to its next state, records the first reply, with the versions in t.out,
// and commits. Another who granted or changed the order since it was looked up, or used the ID, makes it fail.
// It is not cut short by ctx: halfway through a commit, nobody could say whether it happened.
func (x *tx) settle(ctx context.Context, t *txn, b *pgx.Batch) error {
	t.settle(b)
	return x.commit(ctx, b)
}

// commit sends b and a COMMIT behind it.
func (x *tx) commit(ctx context.Context, b *pgx.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.Queue(`COMMIT`).Exec(func(tag pgconn.CommandTag) error {
		if tag.String() != "COMMIT" {
			return fmt.Errorf("the server answered COMMIT with %s", tag)
		}
		return nil
	})
	return x.SendBatch(context.WithoutCancel(ctx), b).Close()
}

// settle queues what ends a transaction that carried t out.
func (t *txn) settle(b *pgx.Batch) {
	if t.op.Kind == engines.Ship {
		t.ship(b)
	}
	switch {
	case t.op.Kind.TakesStock():
		t.grant(b)
		t.record(b, engines.Done)
	case t.op.Kind.NamesOrder():
		t.record(b, engines.Done)
		t.advance(b)
	default:
		t.record(b, engines.Done)
	}
}

const recordReply = `INSERT INTO doorbuster.operations (op_id, fingerprint, outcome, versions) VALUES ($1, $2, $3, $4)`

// record queues the first reply.
func (t *txn) record(b *pgx.Batch, o engines.Outcome) {
	b.Queue(recordReply, int64(t.op.ID), t.print, int16(o), flatten(t.out))
}
