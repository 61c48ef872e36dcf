package postgres

import (
	"context"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

// Books implements engines.Engine. What is held and committed is summed from the open grants, not taken from the stock
// rows, so that the two can disagree. The sequences query the database when they are ranged over, under ctx.
func (e *engine) Books(ctx context.Context) (engines.Books, error) {
	return engines.Books{
		Stock:   e.stock(ctx),
		Grants:  e.grants(ctx),
		Outcome: func(id engines.OpID) (engines.Outcome, error) { return e.outcome(ctx, id) },
	}, nil
}

const stockSQL = `
	SELECT s.sku, s.pool, s.available, coalesce(o.held, 0)::bigint, coalesce(o.committed, 0)::bigint, s.shipped, s.seq
	FROM doorbuster.stock s LEFT JOIN (
		SELECT h.sku, h.pool, sum(h.qty) FILTER (WHERE o.state = $1) AS held, sum(h.qty) FILTER (WHERE o.state = $2) AS committed
		FROM doorbuster.holds h JOIN doorbuster.orders o USING (order_id) WHERE o.state IN ($1, $2) GROUP BY h.sku, h.pool
	) o USING (sku, pool) ORDER BY s.sku, s.pool`

func (e *engine) stock(ctx context.Context) iter.Seq2[engines.Stock, error] {
	return func(yield func(engines.Stock, error) bool) {
		rows, _ := e.pool.Query(ctx, stockSQL, int16(engines.Held), int16(engines.Committed)) // its error comes with the rows
		defer rows.Close()
		for rows.Next() {
			var s engines.Stock
			err := rows.Scan(&s.SKU, &s.Pool, &s.Available, &s.Held, &s.Committed, &s.Shipped, &s.Seq)
			if !yield(s, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(engines.Stock{}, err)
		}
	}
}

// One row for each line of an open grant, or one for a closed grant.
const grantsSQL = `
	SELECT o.order_id, o.state, coalesce(h.sku, 0), coalesce(sum(h.qty), 0)::bigint
	FROM doorbuster.orders o LEFT JOIN doorbuster.holds h ON h.order_id = o.order_id AND o.state IN ($1, $2)
	GROUP BY o.order_id, o.state, h.sku ORDER BY o.order_id, h.sku`

func (e *engine) grants(ctx context.Context) iter.Seq2[engines.Grant, error] {
	return func(yield func(engines.Grant, error) bool) {
		rows, _ := e.pool.Query(ctx, grantsSQL, int16(engines.Held), int16(engines.Committed)) // its error comes with the rows
		defer rows.Close()
		var g engines.Grant
		for rows.Next() {
			next, l, err := scanGrant(rows)
			if err != nil {
				yield(engines.Grant{}, err)
				return
			}
			if next.Order != g.Order {
				if g.Order != 0 && !yield(g, nil) {
					return
				}
				next.Lines, g = g.Lines[:0], next
			}
			if g.State.Open() {
				g.Lines = append(g.Lines, l)
			} else {
				g.Lines = nil
			}
		}
		if err := rows.Err(); err != nil {
			yield(engines.Grant{}, err)
		} else if g.Order != 0 {
			yield(g, nil)
		}
	}
}

func scanGrant(rows pgx.Rows) (g engines.Grant, l engines.Line, err error) {
	err = rows.Scan(&g.Order, &g.State, &l.SKU, &l.Qty)
	return g, l, err
}
