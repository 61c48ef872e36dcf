package redispostgres_test

import (
	"flag"
	"testing"

	"github.com/doorbuster/doorbuster/engines/enginetest"
)

// histories is how many random histories are replayed: each ends with the journal copied, operation by operation.
const histories = "15"

// TestConformance runs the suite. What it reads are the books of Postgres.
func TestConformance(t *testing.T) {
	if err := flag.Set("rapid.checks", histories); err != nil {
		t.Fatal(err)
	}
	enginetest.Run(t, spec(stores(t)), enginetest.Goroutines(nil))
}
