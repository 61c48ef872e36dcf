package postgres

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/doorbuster/doorbuster/engines"
)

// writer is the one connection that writes a queue. It gathers what a batch changes, as arrays, and sends it in one round trip, which is
// one transaction: the server commits where the pipeline ends, and a statement that fails takes all of it back.
type writer struct {
	conn  *pgx.Conn
	epoch []byte
	saves [saves]save
	lines column // of the orders that the batch grants, one after the other
	made  column // versions of the replies, one after the other
}

// save is one statement of a batch, and its arrays.
type save struct {
	columns []column
	extra   *column // the array of which the last column says where each row's part begins; and, at its end, where the last one ends
}

// The statements of a batch, in the order in which they are sent: stock is taken before orders, and orders before operations.
const (
	saveStock = iota
	saveGrants
	saveMoves
	saveReplies
	saves
)

var saveSQL = [saves]string{
	// A row that another changed has another seq, and the batch was decided on what is no longer so.
	saveStock: `WITH written AS (
			UPDATE doorbuster.stock s
			SET available = s.available + u.available, taken = s.taken + u.taken, shipped = s.shipped + u.shipped, seq = s.seq + u.seq
			FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
				u (sku, was, available, taken, shipped, seq)
			WHERE s.sku = u.sku AND s.pool = 0 AND s.seq = u.was RETURNING 1
		) SELECT doorbuster.insist((SELECT count(*) FROM written) = cardinality($1), '` + lostState + `', 'another changed the stock')`,
	// Lines come one after the other, with where each order's end. One series that points into all arrays is cheaper than to unnest each.
	saveGrants: `INSERT INTO doorbuster.orders (order_id, state, channel, deadline, granted_by, fingerprint, lines)
		SELECT ($1::bigint[])[i], ($2::smallint[])[i], ($3::smallint[])[i], ($4::bigint[])[i], nullif(($5::bigint[])[i], 0), ($6::bigint[])[i],
			($8::bigint[])[($7::int[])[i] + 1 : ($7::int[])[i + 1]]
		FROM generate_series(1, cardinality($1::bigint[])) i`,
	saveMoves: `WITH written AS (
			UPDATE doorbuster.orders o SET state = u.state FROM unnest($1::bigint[], $2::smallint[], $3::smallint[]) u (id, was, state)
			WHERE o.order_id = u.id AND o.state = u.was RETURNING 1
		) SELECT doorbuster.insist((SELECT count(*) FROM written) = cardinality($1), '` + lostState + `', 'another changed the order')`,
	saveReplies: `INSERT INTO doorbuster.operations (op_id, fingerprint, outcome, versions)
		SELECT ($1::bigint[])[i], ($2::bigint[])[i], ($3::smallint[])[i], ($5::bigint[])[($4::int[])[i] + 1 : ($4::int[])[i + 1]]
		FROM generate_series(1, cardinality($1::bigint[])) i`,
}

var saveNames = [saves]string{"save_stock", "save_grants", "save_moves", "save_replies"}

const (
	// No epoch begins between this and the commit: the server gives the advisory lock to another writer when this one's session has ended,
	// and with it its last batch.
	checkEpoch = `SELECT doorbuster.insist((SELECT epoch = $1 FROM doorbuster.writer), '` + epochState + `',
		'epoch ' || $1::bigint || ' of the queue''s writer is over: another writes now')`
	checkName = "check_epoch"
)

// writerLock is the key of the advisory lock that a writer holds as long as its connection lives.
const writerLock = 0x71756575 // "queu"

// newWriter makes this process the writer, or says that another is. A writer that just ended is waited for as long as for any lock.
func newWriter(ctx context.Context, e *engine) (*writer, error) {
	config := e.pool.Config().ConnConfig
	config.RuntimeParams["enable_seqscan"] = "off" // plans are made while the tables are empty
	config.RuntimeParams["jit"] = "off"            // the cost of what enable_seqscan forbids, and can't do without, would start it
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	w := &writer{conn: conn}
	w.shape()
	if err := w.claim(ctx); err != nil {
		_ = conn.Close(ctx)
		if lockTimeout(err) {
			return nil, fmt.Errorf("another process writes this database's queue: want one writer: %w", err)
		}
		return nil, err
	}
	return w, nil
}

// claim takes the lock, begins a new epoch and prepares the statements.
func (w *writer) claim(ctx context.Context) error {
	if _, err := w.conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, writerLock); err != nil {
		return err
	}
	var epoch int64
	if err := w.conn.QueryRow(ctx, `UPDATE doorbuster.writer SET epoch = epoch + 1 RETURNING epoch`).Scan(&epoch); err != nil {
		return err
	}
	w.epoch = binary.BigEndian.AppendUint64(nil, uint64(epoch))
	if _, err := w.conn.Prepare(ctx, checkName, checkEpoch); err != nil {
		return err
	}
	for i, sql := range saveSQL {
		if _, err := w.conn.Prepare(ctx, saveNames[i], sql); err != nil {
			return fmt.Errorf("%s: %w", saveNames[i], err)
		}
	}
	return nil
}

// shape gives every statement its columns.
func (w *writer) shape() {
	i2, i4, i8 := column{oid: int2OID, size: 2}, column{oid: int4OID, size: 4}, column{oid: int8OID, size: 8}
	w.lines, w.made = i8, i8
	w.saves = [saves]save{
		saveStock:   {columns: []column{i8, i8, i8, i8, i8, i8}},
		saveGrants:  {columns: []column{i8, i2, i2, i8, i8, i8, i4}, extra: &w.lines},
		saveMoves:   {columns: []column{i8, i2, i2}},
		saveReplies: {columns: []column{i8, i8, i2, i4}, extra: &w.made},
	}
}

// clear makes room for a new batch.
func (w *writer) clear() {
	w.lines.clear()
	w.made.clear()
	for i := range w.saves {
		for j := range w.saves[i].columns {
			w.saves[i].columns[j].clear()
		}
	}
}

func (s *save) row(values ...int64) {
	for i, v := range values {
		s.columns[i].add(v)
	}
}

// stock notes how the batch changed a SKU's stock.
func (w *writer) stock(sku int64, s *stockRow) {
	w.saves[saveStock].row(sku, s.seq-s.change.seq, s.change.available, s.change.taken, s.shipped, s.change.seq)
}

// grant notes a new order.
func (w *writer) grant(k *fact) {
	start := w.lines.n
	for _, v := range k.lines {
		w.lines.add(v)
	}
	w.saves[saveGrants].row(int64(k.id), int64(k.state), int64(k.channel), k.deadline, int64(k.grantedBy), k.print, int64(start))
}

// advance notes an order's next state.
func (w *writer) advance(k *fact) {
	w.saves[saveMoves].row(int64(k.id), int64(k.saved), int64(k.state))
}

// reply notes a first reply.
func (w *writer) reply(r *reply) {
	start := w.made.n
	for _, v := range r.versions {
		w.made.add(v)
	}
	w.saves[saveReplies].row(int64(r.id), r.print, int64(r.outcome), int64(start))
}

// binaryForm is that of parameters and results.
var binaryForm = []int16{1}

// write sends the batch and waits for its commit. meanwhile is called as soon as it is sent.
func (w *writer) write(ctx context.Context, meanwhile func()) error {
	p := w.conn.PgConn().StartPipeline(ctx)
	p.SendQueryPrepared(checkName, [][]byte{w.epoch}, binaryForm, binaryForm)
	for i := range w.saves {
		s := &w.saves[i]
		if s.columns[0].n == 0 {
			continue
		}
		if s.extra != nil {
			s.columns[len(s.columns)-1].add(int64(s.extra.n))
		}
		values := make([][]byte, 0, len(s.columns)+1)
		for j := range s.columns {
			values = append(values, s.columns[j].encoded())
		}
		if s.extra != nil {
			values = append(values, s.extra.encoded())
		}
		p.SendQueryPrepared(saveNames[i], values, binaryForm, binaryForm)
	}
	err := p.Sync()
	meanwhile()
	if err == nil {
		err = finished(p)
	}
	if end := p.Close(); err == nil {
		err = end
	}
	return err
}

// finished reads all results, and returns the first error.
func finished(p *pgconn.Pipeline) (first error) {
	for {
		result, err := p.GetResults()
		if reader, ok := result.(*pgconn.ResultReader); ok && err == nil {
			_, err = reader.Close()
		}
		if first == nil {
			first = err
		}
		if _, end := result.(*pgconn.PipelineSync); end || result == nil && err == nil || err != nil && sqlState(err) == "" {
			return first
		}
	}
}

const (
	learnHighest = `SELECT greatest((SELECT max(order_id) FROM doorbuster.orders), (SELECT max(op_id) >> 4 FROM doorbuster.operations WHERE op_id > 0), 0)`
	learnOrders  = `SELECT order_id, state, channel, deadline, lines, coalesce(granted_by, 0), coalesce(fingerprint, 0)
		FROM doorbuster.orders WHERE order_id = ANY ($1::bigint[])`
	learnReplies = `SELECT o.op_id, o.fingerprint, o.outcome, o.versions
		FROM unnest($1::bigint[]) n JOIN doorbuster.operations o ON o.op_id BETWEEN n << 4 AND n << 4 | 15`
	learnStock = `SELECT sku, available, taken, seq FROM doorbuster.stock WHERE sku = ANY ($1::bigint[]) AND pool = 0`
)

// learn reads what the batch needs and facts lacks: mostly nothing.
func (w *writer) learn(ctx context.Context, f *facts, requests []*request) error {
	if f.highest == unread {
		var highest int64
		if err := w.conn.QueryRow(ctx, learnHighest).Scan(&highest); err != nil {
			return err
		}
		f.highest = number(highest)
	}
	var numbers []int64
	need := func(n number) {
		if f.of(n) == nil {
			numbers = append(numbers, int64(n))
			f.keep(n, &fact{})
		}
	}
	for _, r := range requests {
		need(numberOf(r.op.ID))
		if r.op.Order != 0 {
			need(number(r.op.Order))
		}
	}
	if err := w.learnNumbers(ctx, f, numbers); err != nil {
		return err
	}
	var skus []int64
	for _, r := range requests {
		for _, l := range r.lines {
			skus = f.unknown(skus, int64(l.SKU))
		}
		if r.op.Order != 0 {
			for l := f.of(number(r.op.Order)).lines; len(l) >= perLine; l = l[perLine:] {
				skus = f.unknown(skus, l[0])
			}
		}
	}
	return w.learnStock(ctx, f, skus)
}

// unknown appends sku if its stock is not known.
func (f *facts) unknown(skus []int64, sku int64) []int64 {
	if f.stock[sku] != nil {
		return skus
	}
	f.stock[sku] = &stockRow{row: row{seq: -1}}
	return append(skus, sku)
}

func (w *writer) learnNumbers(ctx context.Context, f *facts, numbers []int64) error {
	if len(numbers) == 0 {
		return nil
	}
	b := &pgx.Batch{}
	b.Queue(learnOrders, numbers).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var k fact
			var by int64
			if err := rows.Scan(&k.id, &k.state, &k.channel, &k.deadline, &k.lines, &by, &k.print); err != nil {
				return err
			}
			k.grantedBy, k.saved = engines.OpID(by), k.state
			*f.of(number(k.id)) = k
		}
		return rows.Err()
	})
	b.Queue(learnReplies, numbers).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var id int64
			var r reply
			if err := rows.Scan(&id, &r.print, &r.outcome, &r.versions); err != nil {
				return err
			}
			r.id = engines.OpID(id)
			k := f.of(numberOf(r.id))
			k.replies = append(k.replies, r)
		}
		return rows.Err()
	})
	return w.conn.SendBatch(ctx, b).Close()
}

func (w *writer) learnStock(ctx context.Context, f *facts, skus []int64) error {
	if len(skus) == 0 {
		return nil
	}
	rows, _ := w.conn.Query(ctx, learnStock, skus) // its error comes with the rows
	var sku int64
	var s row
	left := len(skus)
	_, err := pgx.ForEachRow(rows, []any{&sku, &s.available, &s.taken, &s.seq}, func() error {
		f.stock[sku].row = s
		left--
		return nil
	})
	if err == nil && left > 0 {
		err = fmt.Errorf("%d of %d SKUs have no stock row: want one each: %w", left, len(skus), errLost)
	}
	return err
}
