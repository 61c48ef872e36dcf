package redis

import (
	"context"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
)

// What the server knows scripts by: conditional's, and those that write what lock and fenced worked out.
var (
	ConditionalSHA = conditionalScript.sha
	WriteSHAs      = map[string]string{"lock": naiveScript.sha, "fenced": fencedScript.sha}
)

// Slot is where a cluster keeps a SKU's keys.
var Slot = slot

// Join makes e work on the stock of so many SKUs that another process's Reset has written.
func Join(e engines.Engine, skus int) {
	r := e.(*engine)
	r.skus = skus
	for sku := range skus {
		r.stock = append(r.stock, stockKey(engines.SKU(sku), 0, 1))
	}
}

// Read starts the reader of a queue that has joined.
func Read(e engines.Engine) { e.(*engine).strategy.(*queue).begin() }

// Hear starts what takes answers from readers of other processes, and no reader.
func Hear(e engines.Engine) {
	q := e.(*engine).strategy.(*queue)
	q.begun.Do(func() { q.done.Go(func() { q.loop(q.hear) }) })
}

// ApplyLate applies a request as a reader does that was thought dead.
func ApplyLate(ctx context.Context, e engines.Engine, m goredis.XMessage) {
	_ = e.(*engine).strategy.(*queue).apply(ctx, []goredis.XMessage{m})
}
