package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
)

// positions are all pools of the SKUs that an order names, as they were read and as transfers leave them.
type positions struct {
	*txn
	stock [][]row // by line, by pool
	moves []move
}

// move is a transfer of units to the order's pool.
type move struct {
	line  int
	donor int
	units int64
}

// read reads the pools, in the order of their keys.
func (p *positions) read(ctx context.Context, on db, sql string) error {
	p.stock = make([][]row, len(p.keys))
	b := &pgx.Batch{}
	for i, k := range p.keys {
		b.Queue(sql, k.sku).Query(func(rows pgx.Rows) error {
			var r row
			var pool int
			_, err := pgx.ForEachRow(rows, []any{&r.available, &r.taken, &r.seq, &pool}, func() error {
				p.stock[i] = append(p.stock[i], r)
				return nil
			})
			if err == nil && len(p.stock[i]) != len(p.pools) {
				return errLost
			}
			return err
		})
	}
	return on.SendBatch(ctx, b).Close()
}

// lacks is how many units the i-th line's own pool lacks; 0 or less: none.
func (p *positions) lacks(i int) int64 {
	k := p.keys[i]
	return -(p.stock[i][k.pool].available + k.delta)
}

// sells says whether every line's own pool suffices, and all pools of its SKU together can still back the sale.
func (p *positions) sells() bool {
	for i, k := range p.keys {
		sum := k.delta
		for _, r := range p.stock[i] {
			sum += r.available
		}
		if p.lacks(i) > 0 || sum < 0 {
			return false
		}
	}
	return true
}

// owes says whether a pool of the i-th line's SKU owes units.
func (p *positions) owes(i int) bool {
	return slices.ContainsFunc(p.stock[i], func(r row) bool { return r.available < 0 })
}

// spare is what a pool can give to others.
func (p *positions) spare(i, pool int) int64 {
	opening := p.opening[int(p.keys[i].sku)*len(p.pools)+pool]
	return max(0, p.stock[i][pool].available-int64(p.tuning.Floor*float64(opening)))
}

// canFill says whether the other pools can spare what is short. If not, nothing is moved: the order is refused anyway.
func (p *positions) canFill() bool {
	for i, k := range p.keys {
		sum := int64(0)
		for pool := range p.stock[i] {
			if pool != int(k.pool) {
				sum += p.spare(i, pool)
			}
		}
		if sum < max(0, p.lacks(i)) {
			return false
		}
	}
	return true
}

// fill moves units from the richest other pool of each SKU that is short.
func (p *positions) fill() {
	for i := range p.keys {
		short := p.lacks(i)
		if short <= 0 {
			continue
		}
		donor := p.richest(i)
		spare := p.spare(i, donor)
		if n := min(spare, max(short, spare/2)); n > 0 {
			p.stock[i][donor].available -= n
			p.stock[i][p.keys[i].pool].available += n
			p.moves = append(p.moves, move{i, donor, n})
		}
	}
}

func (p *positions) richest(i int) int {
	best, most := int(p.keys[i].pool), int64(-1)
	for pool := range p.stock[i] {
		if pool == int(p.keys[i].pool) {
			continue
		}
		if n := p.spare(i, pool); n > most {
			best, most = pool, n
		}
	}
	return best
}

// transfer queues the moves, each revoked before it is granted.
func (p *positions) transfer(b *pgx.Batch) {
	for _, m := range p.moves {
		own := p.keys[m.line]
		donor := key{sku: own.sku, pool: int16(m.donor)}
		b.Queue(addToPool, donor.sku, donor.pool, -m.units, 0).QueryRow(p.version(donor))
		b.Queue(addToPool, own.sku, own.pool, m.units, 0).QueryRow(p.version(own))
	}
}

// sell moves what has to be moved and takes the order's units.
func (p *positions) sell(ctx context.Context, x *tx) error {
	b := &pgx.Batch{}
	p.transfer(b)
	for i, k := range p.keys {
		b.Queue(addToPool, k.sku, k.pool, k.delta, p.taken(k)).QueryRow(p.version(k))
		if !p.owes(i) {
			b.Queue(markOwing, k.sku, false)
		}
	}
	if err := x.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	return p.counted(x.settle(ctx, p.txn, &pgx.Batch{}))
}

// refuse keeps what was moved, with the refusal.
func (p *positions) refuse(ctx context.Context, x *tx) error {
	if len(p.moves) == 0 {
		return verdict(engines.SoldOut)
	}
	b := &pgx.Batch{}
	p.transfer(b)
	if err := x.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	b = &pgx.Batch{}
	p.record(b, engines.SoldOut)
	if err := p.counted(x.commit(ctx, b)); err != nil {
		return err
	}
	return verdict(engines.SoldOut)
}

// counted counts the moves, if they were committed.
func (p *positions) counted(err error) error {
	if err == nil && len(p.moves) > 0 {
		p.count(engines.PoolTransfers, len(p.moves))
	}
	return err
}
