package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

// conditional asks and writes in one statement a row. It reads nothing beforehand: the server evaluates the condition on the row
// that it has locked. An order of one line is one statement altogether, with its grant and its reply, and commits by itself;
// of more lines, one that doesn't fit takes back those before it.
type conditional struct{}

var (
	_ strategy = conditional{}
	_ direct   = conditional{}
)

// $1 is the operation, $2 its fingerprint; $3 the order, $4 its state then, $5 its channel, $6 its deadline; $7 the SKU, $8 the pool,
// $9 the quantity. An order that was granted already, or an ID that was used, violates a primary key.
var orderOneLine = fmt.Sprintf(`
	WITH sold AS (
		UPDATE doorbuster.stock SET available = available - $9, taken = taken + $9, seq = seq + 1
		WHERE sku = $7 AND pool = $8 AND available >= $9 RETURNING seq, available
	), granted AS (
		INSERT INTO doorbuster.orders (order_id, state, channel, deadline, lines)
		SELECT $3, $4, $5, $6, ARRAY[$7, $8, $9, seq, available] FROM sold
	)
	INSERT INTO doorbuster.operations (op_id, fingerprint, outcome, versions)
	SELECT $1, $2,
		CASE WHEN seq IS NOT NULL THEN %d WHEN EXISTS (SELECT FROM doorbuster.orders WHERE order_id = $3) THEN %d ELSE %d END,
		CASE WHEN seq IS NOT NULL THEN ARRAY[$7, $8, seq, available] ELSE '{}' END
	FROM (VALUES (1)) AS one LEFT JOIN sold ON true
	RETURNING outcome, coalesce(versions[3], 0), coalesce(versions[4], 0)`, engines.Done, engines.Conflict, engines.SoldOut)

func (conditional) suits(t *txn) bool { return t.op.Kind.TakesStock() && len(t.lines) == 1 }

// once sends the one statement. It is a commit, so ctx doesn't cut it short; but the server is asked to cancel what still
// waits for a lock.
func (conditional) once(ctx context.Context, t *txn) (o engines.Outcome, err error) {
	if err := ctx.Err(); err != nil {
		return engines.Unknown, err
	}
	l := t.lines[0]
	v := engines.Version{SKU: l.SKU, Pool: engines.Channel(t.pools.Of(t.op.Channel))}
	err = t.uncut(ctx, func(ctx context.Context) error {
		return t.conn.QueryRow(ctx, orderOneLine, int64(t.op.ID), t.print, int64(t.op.Order), int16(t.op.Kind.Becomes()), int16(t.op.Channel),
			t.deadline(), int64(l.SKU), int16(v.Pool), int64(l.Qty)).Scan(&o, &v.Seq, &v.After)
	})
	if o == engines.Done {
		t.out = append(t.out, v)
	}
	return o, err
}

// uncut runs f to its end, whatever becomes of ctx. If ctx ends, the server is asked to cancel the statement, and tells whether it did.
// The connection is not used again then: a request to cancel that comes late would hit its next statement.
func (t *txn) uncut(ctx context.Context, f func(context.Context) error) error {
	whole := context.WithoutCancel(ctx)
	asked := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(asked)
		bounded, cancel := context.WithTimeout(whole, connectWait)
		defer cancel()
		_ = t.conn.Conn().PgConn().CancelRequest(bounded) // if it doesn't get through, the statement ends by itself
	})
	err := f(whole)
	if !stop() {
		<-asked
		_ = t.conn.Conn().Close(whole)
	}
	return err
}

const (
	writeIfEnough = `UPDATE doorbuster.stock SET available = available + $3, taken = taken + $4, seq = seq + 1
		WHERE sku = $1 AND pool = $2 AND (NOT $5 OR available + $3 >= 0) RETURNING seq, available`
	// What is held or committed lies on the shelf and is counted too.
	writeCount = `UPDATE doorbuster.stock SET available = $3 - taken, seq = seq + 1
		WHERE sku = $1 AND pool = $2 AND available <> $3 - taken RETURNING seq, available`
)

func (conditional) try(ctx context.Context, t *txn) error {
	return t.in(ctx, pgx.ReadCommitted, func(x *tx) error {
		b := &pgx.Batch{}
		for i, k := range t.keys {
			if t.feeds() {
				k.delta = int64(t.lines[i].Qty) // there is one pool
			}
			if t.op.Kind == engines.Count {
				b.Queue(writeCount, k.sku, k.pool, k.delta).QueryRow(t.anyVersion(k))
			} else if k.delta != 0 {
				b.Queue(writeIfEnough, k.sku, k.pool, k.delta, t.taken(k), t.op.Kind.TakesStock()).QueryRow(t.version(k))
			}
		}
		err := x.SendBatch(ctx, b).Close()
		if t.op.Kind.TakesStock() && errors.Is(err, errLost) {
			return verdict(engines.SoldOut)
		}
		if err != nil {
			return err
		}
		return x.settle(ctx, t, &pgx.Batch{})
	})
}
