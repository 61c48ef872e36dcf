package postgres_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/postgres"
)

// printSettings prints what the figures hang on, as configuration lines of the benchmark format.
func printSettings(b *testing.B) {
	b.Helper()
	c, err := pgx.Connect(context.Background(), serverURL)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close(context.Background()) }()
	for _, name := range []string{"server_version", "synchronous_commit", "fsync", "wal_sync_method"} {
		var value string
		if err := c.QueryRow(context.Background(), `SELECT current_setting($1)`, name).Scan(&value); err != nil {
			b.Fatal(err)
		}
		fmt.Printf("postgres-%s: %s\n", strings.ReplaceAll(name, "_", "-"), value)
	}
}

// pgbench is PostgreSQL's own load generator with the conditional engine's statement.
type pgbench struct {
	binary string
	script string
}

func newPgbench(b *testing.B) *pgbench {
	b.Helper()
	p := &pgbench{script: filepath.Join(b.TempDir(), "order.sql")}
	var err error
	if p.binary, err = exec.LookPath("pgbench"); err != nil {
		found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
		if len(found) == 0 {
			b.Skip("no pgbench: install postgresql")
		}
		p.binary = found[len(found)-1]
	}
	if err := os.WriteFile(p.script, []byte(orderScript()), 0o600); err != nil {
		b.Fatal(err)
	}
	return p
}

// orderScript gives the statement's parameters values. Every client has orders of its own.
func orderScript() string {
	values := []string{":op", "123456789", ":order", strconv.Itoa(int(engines.Committed)), "0", "0", ":sku", ":pool", ":qty"}
	script := postgres.OrderOneLine
	for i := len(values); i > 0; i-- {
		v := values[i-1]
		if v[0] != ':' {
			v = ":v" + strconv.Itoa(i)
		}
		script = strings.ReplaceAll(script, "$"+strconv.Itoa(i), v)
	}
	var set strings.Builder
	set.WriteString("\\set n :n + 1\n\\set order (:client_id + 1) * 100000000 + :n\n\\set op :order * 16 + 4\n")
	for i, v := range values {
		if v[0] != ':' {
			fmt.Fprintf(&set, "\\set v%d %s\n", i+1, v)
		}
	}
	set.WriteString("\\set sku 0\n\\set pool 0\n\\set qty 1\n")
	return set.String() + strings.TrimSpace(strings.ReplaceAll(script, "\n", " ")) + ";\n"
}

var tpsLine = regexp.MustCompile(`(?m)^tps = ([0-9.]+)`)

// run returns the transactions a second of as many clients as the engine's callers.
func (p *pgbench) run(b *testing.B) float64 {
	b.Helper()
	e := openFor(b, "conditional", callers) // leaves its stock for the script
	defer e.Close()
	if err := e.Reset(context.Background(), []int64{1 << 40}); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(p.binary, "-n", "-M", "prepared", "-c", strconv.Itoa(callers), "-j", strconv.Itoa(min(callers, runtime.NumCPU())),
		"-T", strconv.Itoa(int(counted.Seconds())), "-D", "n=0", "-f", p.script, serverURL)
	cmd.Env = append(os.Environ(), "PGOPTIONS=-c plan_cache_mode=force_generic_plan")
	out, err := cmd.CombinedOutput()
	found := tpsLine.FindSubmatch(out)
	if err != nil || found == nil {
		b.Fatalf("pgbench: %v\n%s", err, out)
	}
	tps, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return tps
}
