package postgres_test

import (
	"context"
	"testing"

	"github.com/doorbuster/doorbuster/engines/enginetest"
	"github.com/doorbuster/doorbuster/engines/postgres"
)

// at is a server whose database is there already.
func at(url string) postgres.Server {
	return postgres.Server{URL: func(context.Context) (string, error) { return url, nil }}
}

// TestConformance runs the suite on every strategy, each in a database of its own.
func TestConformance(t *testing.T) {
	needServer(t)
	few(t)
	for _, spec := range postgres.Specs(postgres.Server{}) {
		t.Run(spec.Strategy(), func(t *testing.T) {
			t.Parallel()
			enginetest.Run(t, find(t, spec.Name, at(database(t, spec.Strategy()))), enginetest.Goroutines(nil))
		})
	}
}
