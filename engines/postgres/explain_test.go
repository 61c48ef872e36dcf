package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines/postgres"
)

// filled is a database with enough of everything that reading a whole table would not pay.
const filled = `
	INSERT INTO doorbuster.orders SELECT i, 2, 0, 0, ARRAY[i, 0, 1, 1, 9] FROM generate_series(1, 20000) i;
	INSERT INTO doorbuster.operations SELECT i << 4 | 4, 1, 1, '{}' FROM generate_series(1, 20000) i;
	INSERT INTO doorbuster.leases SELECT i, 0, 'someone', 1, '-infinity' FROM generate_series(1, 20000) i;
	ANALYZE doorbuster.stock, doorbuster.orders, doorbuster.operations, doorbuster.leases`

// TestIndexesAreUsed explains every statement of the strategies on full tables; and then without the orders' index, which must show.
func TestIndexesAreUsed(t *testing.T) {
	url := database(t, "indexes")
	e, err := open(t, at(url))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.Reset(context.Background(), make([]int64, 20_000)); err != nil {
		t.Fatal(err)
	}
	execOn(t, url, filled)
	for sql, indexes := range postgres.Indexed() {
		for _, problem := range unused(t, url, sql, indexes) {
			t.Error(problem)
		}
	}
	execOn(t, url, `ALTER TABLE doorbuster.orders DROP CONSTRAINT orders_pkey`)
	missed := 0
	for sql, indexes := range postgres.Indexed() {
		missed += len(unused(t, url, sql, indexes))
	}
	if missed == 0 {
		t.Errorf("without its index, all statements on the orders use it: this test finds nothing")
	}
}

// unused explains sql, with a plan for any parameters, and says which of the indexes its plan leaves aside, and which tables it reads whole.
func unused(t *testing.T, url, sql string, indexes []string) (problems []string) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(ctx) }()
	if _, err := c.Exec(ctx, `SET plan_cache_mode = force_generic_plan`); err != nil {
		t.Fatal(err)
	}
	prepared, err := c.Prepare(ctx, "explained", sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	explain := `EXPLAIN EXECUTE explained`
	if n := len(prepared.ParamOIDs); n > 0 {
		explain += `(NULL` + strings.Repeat(`, NULL`, n-1) + `)`
	}
	rows, _ := c.Query(ctx, explain, pgx.QueryExecModeSimpleProtocol) // its error comes with the rows
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	plan := strings.Join(lines, "\n")
	for _, index := range indexes {
		table := strings.TrimSuffix(index, "_pkey")
		if !strings.Contains(plan, index) || strings.Contains(plan, "Seq Scan on "+table) {
			problems = append(problems, fmt.Sprintf("%s\ndoes not go by %s:\n%s", sql, index, plan))
		}
	}
	return problems
}

// TestStockIsAnalyzed: after Reset the server knows how large the stock is, for nobody else tells it where autovacuum is off.
func TestStockIsAnalyzed(t *testing.T) {
	url := database(t, "analyzed")
	e, err := open(t, at(url))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.Reset(context.Background(), make([]int64, 3000)); err != nil {
		t.Fatal(err)
	}
	execOn(t, url, `SELECT 1 / (reltuples = 3000)::int FROM pg_class WHERE oid = 'doorbuster.stock'::regclass`) // fails if it is not so
}
