package postgres

import "context"

// naive reads in one transaction, decides, and writes what it worked out in another. Whatever happens between the two is overwritten.
type naive struct{}

var _ strategy = naive{}

func (naive) try(ctx context.Context, t *txn) error { return t.readThenWrite(ctx) }
