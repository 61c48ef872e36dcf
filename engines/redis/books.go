package redis

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
)

// Books implements engines.Engine. What is held and committed is summed from the open grants, not taken from the stock, so that
// the two can disagree. The sequences ask the server while they are ranged over, under ctx.
func (e *engine) Books(ctx context.Context) (engines.Books, error) {
	return engines.Books{
		Stock:   e.stocks(ctx),
		Grants:  e.grants(ctx),
		Outcome: func(id engines.OpID) (engines.Outcome, error) { return e.recorded(ctx, id) },
	}, nil
}

// bound are the units of open grants, by stock key.
type bound struct{ held, committed int64 }

func (e *engine) stocks(ctx context.Context) iter.Seq2[engines.Stock, error] {
	return func(yield func(engines.Stock, error) bool) {
		sums, err := e.sums(ctx)
		for from := 0; err == nil && from < len(e.stock); from += page {
			var rows []engines.Stock
			rows, err = e.stockPage(ctx, from, min(from+page, len(e.stock)), sums)
			for _, s := range rows {
				if !yield(s, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(engines.Stock{}, fmt.Errorf("redis: books: %w", explain(err)))
		}
	}
}

func (e *engine) sums(ctx context.Context) (map[int]bound, error) {
	sums := map[int]bound{}
	for o, err := range e.orders(ctx) {
		if err != nil {
			return nil, err
		}
		for _, k := range o.lines {
			i := int(k.sku)*len(e.pools) + int(k.pool)
			b := sums[i]
			if o.state == engines.Held {
				b.held += k.qty
			} else {
				b.committed += k.qty
			}
			sums[i] = b
		}
	}
	return sums, nil
}

func (e *engine) stockPage(ctx context.Context, from, to int, sums map[int]bound) ([]engines.Stock, error) {
	p := e.rdb.Pipeline()
	for _, name := range e.stock[from:to] {
		p.HMGet(ctx, name, "available", "shipped", "seq")
	}
	cmds, err := p.Exec(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]engines.Stock, len(cmds))
	for i, c := range cmds {
		n, err := numbers(e.stock[from+i], c.(*goredis.SliceCmd).Val())
		if err != nil {
			return nil, err
		}
		sku, pool := (from+i)/len(e.pools), (from+i)%len(e.pools)
		b := sums[from+i]
		rows[i] = engines.Stock{
			SKU: engines.SKU(sku), Pool: engines.Channel(pool), Available: n[0], Held: b.held, Committed: b.committed, Shipped: n[1], Seq: uint64(n[2]),
		}
	}
	return rows, nil
}

func (e *engine) grants(ctx context.Context) iter.Seq2[engines.Grant, error] {
	return func(yield func(engines.Grant, error) bool) {
		var lines []engines.Line
		for o, err := range e.orders(ctx) {
			if err != nil {
				yield(engines.Grant{}, fmt.Errorf("redis: books: %w", explain(err)))
				return
			}
			g := o.grant(lines)
			if !yield(g, nil) {
				return
			}
			lines = g.Lines
		}
	}
}

// grant is the order as Books show it, with its lines in room.
func (o numbered) grant(room []engines.Line) engines.Grant {
	g := engines.Grant{Order: o.id, State: o.state}
	if !o.state.Open() {
		return g
	}
	g.Lines = room[:0]
	for _, k := range o.lines {
		g.Lines = append(g.Lines, engines.Line{SKU: k.sku, Qty: int32(k.qty)})
	}
	return g
}

// numbered is an order with its number.
type numbered struct {
	order
	id engines.OrderID
}

// orders yields every order once, though a scan may meet it again while the server reorganises its hash.
func (e *engine) orders(ctx context.Context) iter.Seq2[numbered, error] {
	return func(yield func(numbered, error) bool) {
		met := marks{}
		for _, name := range e.orderKeys() {
			for cursor, more := uint64(0), true; more; more = cursor != 0 {
				fields, next, err := e.rdb.HScan(ctx, name, cursor, "", page).Result()
				if err != nil {
					yield(numbered{}, err)
					return
				}
				cursor = next
				if !eachOrder(fields, met, yield) {
					return
				}
			}
		}
	}
}

// eachOrder yields the orders of one page that were not met before. False means that nobody wants more.
func eachOrder(fields []string, met marks, yield func(numbered, error) bool) bool {
	for i := 0; i+1 < len(fields); i += 2 {
		id, err := strconv.ParseUint(fields[i], 10, 64)
		if err == nil && met.again(id) {
			continue
		}
		var o order
		if err == nil {
			o, err = parseOrder(fields[i+1])
		}
		if !yield(numbered{o, engines.OrderID(id)}, err) || err != nil {
			return false
		}
	}
	return true
}

// marks is a set of numbers that are mostly dense, in bits.
type marks map[uint64]uint64

// again says whether n was marked before, and marks it.
func (m marks) again(n uint64) bool {
	word, bit := n/64, uint64(1)<<(n%64)
	was := m[word]&bit != 0
	m[word] |= bit
	return was
}

// orderKeys are the hashes that keep orders: one, or on a cluster one beside each SKU.
func (e *engine) orderKeys() []string {
	if !e.cluster {
		return []string{ordersKey(prefix)}
	}
	all := make([]string, e.skus)
	for sku := range all {
		all[sku] = ordersKey(e.beside(engines.SKU(sku)))
	}
	return all
}

// recorded is the first reply of an operation. On a cluster every SKU's slot is asked, since the ID doesn't tell which.
func (e *engine) recorded(ctx context.Context, id engines.OpID) (engines.Outcome, error) {
	homes := 1
	if e.cluster {
		homes = e.skus
	}
	p := e.rdb.Pipeline()
	for sku := range homes {
		p.Get(ctx, opKey(e.beside(engines.SKU(sku)), id))
	}
	cmds, err := p.Exec(ctx)
	if err != nil && !errors.Is(err, goredis.Nil) {
		return engines.Unknown, fmt.Errorf("redis: books: %w", explain(err))
	}
	for _, c := range cmds {
		if raw := c.(*goredis.StringCmd).Val(); raw != "" {
			r, err := parseReply(raw)
			return r.outcome, err
		}
	}
	return engines.Unknown, nil
}
