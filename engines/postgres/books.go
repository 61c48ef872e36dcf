package postgres

import (
	"context"
	"iter"

	"github.com/doorbuster/doorbuster/engines"
)

// Books implements engines.Engine. What is held and committed is summed from the open grants, not taken from the stock
// rows, so that the two can disagree. The sequences query the database when they are ranged over, under ctx.
func (e *engine) Books(ctx context.Context) (engines.Books, error) {
	if e.watch != nil {
		e.watch.look(ctx)
	}
	return engines.Books{
		Stock:   e.stock(ctx),
		Grants:  e.grants(ctx),
		Outcome: func(id engines.OpID) (engines.Outcome, error) { return e.outcome(ctx, id) },
	}, nil
}

const stockSQL = `
	SELECT s.sku, s.pool, s.available, coalesce(h.held, 0)::bigint, coalesce(h.committed, 0)::bigint, s.shipped, s.seq
	FROM doorbuster.stock s LEFT JOIN (
		SELECT sku, pool, sum(qty) FILTER (WHERE state = $1) AS held, sum(qty) FILTER (WHERE state = $2) AS committed
		FROM doorbuster.holds WHERE state IN ($1, $2) GROUP BY sku, pool
	) h ON h.sku = s.sku AND h.pool = s.pool ORDER BY s.sku, s.pool`

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

const grantsSQL = `SELECT order_id, state, lines FROM doorbuster.orders`

func (e *engine) grants(ctx context.Context) iter.Seq2[engines.Grant, error] {
	return func(yield func(engines.Grant, error) bool) {
		rows, _ := e.pool.Query(ctx, grantsSQL) // its error comes with the rows
		defer rows.Close()
		var room []engines.Line
		var lines []int64
		for rows.Next() {
			var g engines.Grant
			err := rows.Scan(&g.Order, &g.State, &lines)
			if g.State.Open() {
				room = bySKU(room[:0], lines)
				g.Lines = room
			}
			if !yield(g, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(engines.Grant{}, err)
		}
	}
}

// bySKU sums an order's lines over its pools. They come in the order of their keys.
func bySKU(sums []engines.Line, lines []int64) []engines.Line {
	for ; len(lines) >= perLine; lines = lines[perLine:] {
		l := engines.Line{SKU: engines.SKU(lines[0]), Qty: int32(lines[2])}
		if last := len(sums) - 1; last >= 0 && sums[last].SKU == l.SKU {
			sums[last].Qty += l.Qty
			continue
		}
		sums = append(sums, l)
	}
	return sums
}
