package servers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/jackc/pgx/v5"
)

var postgres = product{
	name:     "Postgres",
	env:      PostgresEnv,
	binaries: []string{"postgres", "initdb"},
	globs: []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
	},
	get:       "install it (apt-get install postgresql, or brew install postgresql)",
	users:     []string{"postgres", "nobody"},
	hosts:     postgresHosts,
	describe:  describePostgres,
	prepare:   initdb,
	arguments: postgresArguments,
	url: func(in *instance) string {
		return fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%d/postgres?sslmode=disable", in.password, in.port)
	},
}

// postgresSettings are those of a private server. They are as durable as Postgres can be. Autovacuum is off because it would
// strike one engine's run and not the next; a server that lives for minutes doesn't need it.
var postgresSettings = []string{
	"listen_addresses=127.0.0.1",
	"unix_socket_directories=",
	"max_connections=400",
	"shared_buffers=256MB",
	"fsync=on",
	"synchronous_commit=on",
	"full_page_writes=on",
	"autovacuum=off",
	"logging_collector=off",
}

// reported are the settings that figures depend on.
var reported = []string{
	"fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "commit_delay", "max_connections", "shared_buffers",
	"autovacuum", "max_wal_size", "checkpoint_timeout", "synchronous_standby_names", folderSetting,
}

const folderSetting = "data_directory"

// initdb makes a database cluster. It need not be synced to disk: what matters is how the server itself writes.
func initdb(ctx context.Context, in *instance) error {
	secret := filepath.Join(in.path, "password")
	if err := os.WriteFile(secret, []byte(in.password+"\n"), 0o600); err != nil {
		return err
	}
	if in.who != nil {
		if err := os.Chown(secret, int(in.who.Uid), int(in.who.Gid)); err != nil {
			return err
		}
	}
	cmd, err := in.command(in.bins[1], "--pgdata", in.data(), "--username=postgres", "--pwfile", secret,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
	if err != nil {
		return err
	}
	defer cmd.Stdout.(*os.File).Close()
	if err := run(ctx, cmd); err != nil {
		return in.withLog(fmt.Errorf("initdb: %w", err))
	}
	return os.Remove(secret)
}

func postgresArguments(in *instance) ([]string, error) {
	args := []string{"-D", in.data(), "-p", strconv.Itoa(in.port)}
	for _, s := range postgresSettings {
		args = append(args, "-c", s)
	}
	return args, nil
}

func postgresHosts(url string) ([]string, error) {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	hosts := []string{c.Host}
	for _, f := range c.Fallbacks {
		hosts = append(hosts, f.Host)
	}
	return hosts, nil
}

func describePostgres(ctx context.Context, url string) (d description, err error) {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, c.Close(ctx)) }()
	if err := c.QueryRow(ctx, "SELECT version()").Scan(&d.version); err != nil {
		return d, err
	}
	// The view leaves out what the user may not see, where SHOW would fail.
	rows, err := c.Query(ctx, "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY($1)", reported)
	if err != nil {
		return d, err
	}
	d.settings = map[string]string{}
	var name, value string
	_, err = pgx.ForEachRow(rows, []any{&name, &value}, func() error {
		d.settings[name] = value
		return nil
	})
	d.folder = d.settings[folderSetting]
	delete(d.settings, folderSetting) // a path of this machine is nobody else's business
	return d, err
}
