package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/doorbuster/doorbuster/engines"
)

// verdict ends an attempt: the operation can't be carried out.
type verdict engines.Outcome

func (v verdict) Error() string { return engines.Outcome(v).String() }

var (
	errLost     = errors.New("another operation was faster")
	errAnswered = errors.New("the operation was answered before")
)

// noStock is what our scripts say of a stock key that is gone.
const noStock = "NOSTOCK"

// meanings tell what the server's error codes mean here.
var meanings = map[string]string{
	"NOAUTH":      "the server wants a password, and the URL has none",
	"WRONGPASS":   "the server doesn't take the URL's user and password",
	"NOPERM":      "the URL's user may not do this",
	"OOM":         "the server is out of memory and took nothing",
	"READONLY":    "the server has become a read-only replica: use its primary",
	"MOVED":       "the server is part of a cluster and sends us to another; it didn't say so when it was opened",
	"CROSSSLOT":   "the server is part of a cluster and the keys are in two slots; it didn't say so when it was opened",
	"CLUSTERDOWN": "the cluster doesn't serve all its slots",
	"MISCONF":     "the server takes no writes, since it can't save them",
	"LOADING":     "the server is still reading its data",
	"WRONGTYPE":   "one of our keys holds something else",
	noStock:       "a stock key is gone, as after a FLUSHALL by somebody else; Reset makes it anew",
}

func code(err error) string {
	word, _, _ := strings.Cut(err.Error(), " ")
	return strings.TrimPrefix(word, "-")
}

func forgotten(err error) bool { return err != nil && code(err) == "NOSCRIPT" }

// explain adds what an error of the server means.
func explain(err error) error {
	if err == nil {
		return nil
	}
	if m, ok := meanings[code(err)]; ok {
		return fmt.Errorf("%s: %w", m, err)
	}
	return err
}

// explain also names the key of the wrong type: the server doesn't.
func (t *txn) explain(err error) error {
	if code(err) != "WRONGTYPE" {
		return explain(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), commandWait)
	defer cancel()
	want := map[string]string{opKey(t.home, t.op.ID): "string", ordersKey(t.home): "hash", queueKey: "stream"}
	for _, k := range t.keys {
		want[t.at(k)] = "hash"
		want[leaseKey(k.sku)], want[tokenKey(k.sku)] = "string", "string"
	}
	for name, kind := range want {
		if got := t.rdb.Type(ctx, name).Val(); got != kind && got != "none" && got != "" {
			return fmt.Errorf("key %s holds a %s, want a %s: %w", name, got, kind, err)
		}
	}
	return explain(err)
}
