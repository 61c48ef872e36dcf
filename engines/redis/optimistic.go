package redis

import (
	"context"
	"errors"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
)

// optimistic watches the stock while it reads and decides. The transaction that then writes comes to nothing if another has
// written meanwhile, and it begins again, a few times. Watching needs a connection of its own.
type optimistic struct{}

// maxWatchers is how many operations watch at once.
const maxWatchers = 16

var _ strategy = optimistic{}

func (optimistic) try(ctx context.Context, t *txn) error {
	if err := t.enter(ctx); err != nil {
		return err
	}
	defer func() { <-t.watchers }()
	watched := make([]string, len(t.keys))
	for i, k := range t.keys {
		watched[i] = t.at(k)
	}
	err := t.rdb.Watch(ctx, func(tx *goredis.Tx) error { return t.watch(ctx, tx) }, watched...)
	if errors.Is(err, goredis.TxFailedErr) {
		return errLost
	}
	return err
}

func (t *txn) enter(ctx context.Context) error {
	select {
	case t.watchers <- struct{}{}:
		return nil
	default:
	}
	t.count(engines.ConnWaits, 1)
	select {
	case t.watchers <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *txn) watch(ctx context.Context, tx *goredis.Tx) error {
	first, now := t.lookups(ctx)
	rows := make([]*goredis.SliceCmd, len(t.keys))
	cmds, err := tx.Pipelined(ctx, func(p goredis.Pipeliner) error {
		_, _ = p.Process(ctx, first), p.Process(ctx, now)
		for i, k := range t.keys {
			rows[i] = p.HMGet(ctx, t.at(k), "available", "taken")
		}
		return nil
	})
	if err != nil {
		if err := firstError(cmds); err != nil {
			return err
		}
	}
	if err := t.took(first.Val(), now.Val(), rows); err != nil {
		return err
	}
	if !t.fits() {
		return verdict(engines.SoldOut)
	}
	keys, args := t.changes()
	wrote := goredis.NewStringCmd(ctx, t.evalsha(naiveScript, keys, args)...)
	if _, err := tx.TxPipelined(ctx, func(p goredis.Pipeliner) error { return p.Process(ctx, wrote) }); err != nil {
		return err
	}
	return t.accept(wrote.Val())
}
