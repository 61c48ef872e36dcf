package servers

import (
	"context"
	"fmt"
	"os"
)

// PostgresProspect says what Postgres would come to here, and starts nothing: a server that is named by its URL is asked for its version. The
// error is Postgres's own, as far as it can be known without a start.
func PostgresProspect(ctx context.Context, o Options) (string, error) {
	return prospect(ctx, o, postgres)
}

// RedisProspect is that of Redis.
func RedisProspect(ctx context.Context, o Options) (string, error) { return prospect(ctx, o, redis) }

func prospect(ctx context.Context, o Options, p product) (string, error) {
	if url := os.Getenv(p.env); url != "" {
		s, err := find(ctx, o, p)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s answers at %s (%s)", s.Version, p.env, Redact(url)), nil
	}
	if bins := p.installed(); bins != nil {
		return "a private server, which a run starts from " + bins[0] + " and stops at its end", nil
	}
	return "", p.unavailable()
}
