package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The schema's migrations, in the order of their names. One that has been released is never edited.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrationLock is the key of the advisory lock that lets one process migrate at a time.
const migrationLock = 0x646f6f72 // "door"

// marker is the name of migration 0: it tells a schema that we made from one that only has our name.
const marker = "made by doorbuster"

// migrate brings the schema to the newest version, creating it if there is none. It refuses a schema that doorbuster
// did not make; with consent, that one is dropped with everything in it.
func migrate(ctx context.Context, pool *pgxpool.Pool, consent bool) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, migrationLock); err != nil {
			return fmt.Errorf("wait for another process's migrations: %w", err)
		}
		version, err := claim(ctx, tx, consent)
		if err != nil {
			return err
		}
		return apply(ctx, tx, version)
	})
}

// claim returns the version of the schema, which it creates if it must.
func claim(ctx context.Context, tx pgx.Tx, consent bool) (version int, err error) {
	exists, ours := false, false
	err = tx.QueryRow(ctx, `SELECT to_regnamespace('doorbuster') IS NOT NULL, to_regclass('doorbuster.migrations') IS NOT NULL`).Scan(&exists, &ours)
	if err != nil {
		return 0, fmt.Errorf("look for schema doorbuster: %w", err)
	}
	if ours {
		err = tx.QueryRow(ctx, `SELECT max(version), coalesce(bool_or(version = 0 AND name = $1), false) FROM doorbuster.migrations`, marker).Scan(&version, &ours)
		if err != nil {
			return 0, fmt.Errorf("schema doorbuster: read its table migrations: %w", err)
		}
	}
	switch {
	case ours:
		return version, nil
	case exists && !consent:
		return 0, fmt.Errorf("schema doorbuster exists, and its table migrations has no row %q: doorbuster did not make it, "+
			"and would drop what it holds; nothing was touched; use another database or consent to a reset", marker)
	}
	return 0, create(ctx, tx)
}

func create(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `DROP SCHEMA IF EXISTS doorbuster CASCADE;
		CREATE SCHEMA doorbuster;
		CREATE TABLE doorbuster.migrations (version int PRIMARY KEY, name text NOT NULL, applied timestamptz NOT NULL DEFAULT now());
		INSERT INTO doorbuster.migrations VALUES (0, '`+marker+`')`)
	if err != nil {
		return fmt.Errorf("create schema doorbuster: %w", err)
	}
	return nil
}

// apply runs the migrations after version.
func apply(ctx context.Context, tx pgx.Tx, version int) error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	if version > len(files) {
		return fmt.Errorf("schema doorbuster has version %d: this program knows versions up to %d; use a newer one", version, len(files))
	}
	for i, name := range files[version:] {
		sql, err := migrations.ReadFile(name)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, string(sql)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO doorbuster.migrations VALUES ($1, $2)`, version+i+1, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
