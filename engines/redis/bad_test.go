package redis_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
)

// TestBadURL tries what isn't a server: an error each, which doesn't tell the password.
func TestBadURL(t *testing.T) {
	real, err := url.Parse(database(t, 0))
	if err != nil {
		t.Fatal(err)
	}
	for what, bad := range map[string]struct{ url, says string }{
		"no URL":         {"redis://:s3cret@[::1", "can't be read"},
		"bad escape":     {"redis://:s3cret%zz@127.0.0.1", "can't be read"},
		"bad port":       {"redis://:s3cret@127.0.0.1:port", "can't be read"},
		"split password": {"redis://:s3/cret@127.0.0.1:6379", "can't be read"},
		"other scheme":   {"http://:s3cret@127.0.0.1:6379", "can't be read"},
		"nobody there":   {"redis://:s3cret@127.0.0.1:1", "refused"},
		"wrong password": {"redis://:s3cret@" + real.Host, "doesn't take the URL's user and password"},
		"no password":    {"redis://" + real.Host, "wants a password"},
		"no database":    {strings.Replace(real.String(), "/0", "/4711", 1), "DB index"},
	} {
		_, err := find(t, "conditional", at(bad.url)).Open(context.Background(), engines.Setup{})
		wantSaid(t, err, bad.says)
		if password, _ := real.User.Password(); err != nil && (strings.Contains(err.Error(), "cret") || strings.Contains(err.Error(), password)) {
			t.Errorf("%s: %v shows the password", what, err)
		}
	}
}

// TestUnfitServer opens engines on servers that would lose stock.
func TestUnfitServer(t *testing.T) {
	full, _ := private(t, "--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru")
	refused(t, full, "may drop stock", "allkeys-lru", "want maxmemory 0 or policy noeviction")
	ctx := context.Background()
	if n := client(t, full).DBSize(ctx).Val(); n != 0 {
		t.Errorf("a server that was refused has %d keys", n)
	}
	client(t, full).ConfigSet(ctx, "maxmemory-policy", "noeviction")
	opened(t, "conditional", full, engines.Tuning{})

	replica, _ := private(t, "--replicaof", "127.0.0.1 "+strings.TrimSuffix(strings.TrimPrefix(full, "redis://127.0.0.1:"), "/0"))
	refused(t, replica, "replica of 127.0.0.1:")

	refused(t, fakeServer(t, func(command string) string {
		if command == "info" {
			return bulk("redis_version:5.0.7\r\nrole:master\r\nmaxmemory:0")
		}
		return "-ERR unknown command"
	}), `Redis "5.0.7": want 6.2`)
}

// TestServerTurnsBad spoils a server that an engine works on.
func TestServerTurnsBad(t *testing.T) {
	url, _ := private(t)
	c := client(t, url)
	ctx := context.Background()
	e := stocked(t, "conditional", url, engines.Tuning{}, 10)

	c.ConfigSet(ctx, "maxmemory", "1")
	wantError(t, e, sell(1, 1), "out of memory and took nothing")
	c.ConfigSet(ctx, "maxmemory", "0")
	wantDone(t, e, sell(1, 1))

	c.Do(ctx, "replicaof", "127.0.0.1", "1")
	wantError(t, e, sell(2, 1), "read-only replica")
	c.Do(ctx, "replicaof", "no", "one")
	wantDone(t, e, sell(2, 1))

	c.FlushAll(ctx)
	wantError(t, e, sell(3, 1), "stock key is gone", "doorbuster:{0}:stock")
}

// TestScriptsFlushed lets every strategy find its scripts gone: they are loaded again.
func TestScriptsFlushed(t *testing.T) {
	url, _ := private(t)
	c := client(t, url)
	for _, name := range strategies() {
		e := stocked(t, name, url, engines.Tuning{}, 10)
		c.ScriptFlush(context.Background())
		wantDone(t, e, sell(1, 1))
		c.ScriptFlush(context.Background())
		wantDone(t, e, engines.Op{ID: engines.OrderOp(1, engines.Ship), Kind: engines.Ship, Order: 1})
		c.ScriptFlush(context.Background())
		if r, err := e.Do(context.Background(), sell(2, 100)); err != nil || r.Outcome != engines.SoldOut {
			t.Errorf("%s, without its scripts: %v, %v, want sold out", name, r.Outcome, err)
		}
	}
}

// TestWrongType puts something else under each of our keys. The error names the key, and nothing is sold.
func TestWrongType(t *testing.T) {
	url := database(t, 9)
	c := client(t, url)
	ctx := context.Background()
	for _, name := range strategies() {
		stock := "doorbuster:{0}:stock"
		if name == "quota" {
			stock += ":0"
		}
		bad := map[string]string{stock: "want a hash", "doorbuster:orders": "want a hash"}
		switch name {
		case "queue":
			bad["doorbuster:queue"] = "want a stream"
		case "lock", "fenced":
			bad["doorbuster:{0}:token"] = "want a string"
		}
		bad["doorbuster:op:20"] = "want a string"
		for key, want := range bad {
			e := stocked(t, name, url, engines.Tuning{LockWait: time.Second}, 10)
			_, err := c.TxPipelined(ctx, func(p goredis.Pipeliner) error { // at once, or a reader makes its stream anew in between
				p.Unlink(ctx, key)
				return p.RPush(ctx, key, "x").Err()
			})
			if err != nil {
				t.Fatal(err)
			}
			wantError(t, e, sell(1, 1), key, "holds a list", want)
			if n := c.HLen(ctx, "doorbuster:orders").Val(); n != 0 {
				t.Errorf("%s: %d orders were granted", key, n)
			}
			if err := e.Close(); err != nil {
				t.Error(err)
			}
			c.Unlink(ctx, key)
		}
	}
}

// TestMoved meets a server that turns out to be part of a cluster.
func TestMoved(t *testing.T) {
	url := fakeServer(t, func(command string) string {
		switch command {
		case "info":
			return bulk("redis_version:7.0.0\r\nrole:master\r\nmaxmemory:0")
		case "evalsha":
			return "-MOVED 1234 127.0.0.1:7001"
		case "get":
			return "$-1"
		case "scan":
			return "*2\r\n$1\r\n0\r\n*0"
		case "script":
			return bulk("sha")
		case "hset":
			return ":4"
		case "hello":
			return "-ERR unknown command"
		}
		return "+OK"
	})
	e := stocked(t, "conditional", url, engines.Tuning{}, 5)
	wantError(t, e, sell(1, 1), "part of a cluster", "127.0.0.1:7001")
}

// TestOpeningStock is refused where Lua couldn't count it.
func TestOpeningStock(t *testing.T) {
	e := opened(t, "conditional", database(t, 9), engines.Tuning{})
	for _, n := range []int64{-1, 1<<53 + 1} {
		wantSaid(t, e.Reset(context.Background(), []int64{0, n}), "opening stock of SKU 1", "want from 0 to 2^53")
	}
	if err := e.Reset(context.Background(), []int64{1 << 53}); err != nil {
		t.Error(err)
	}
	wantDone(t, e, sell(1, 1))
	if got := stockOf(t, e)[0].Available; got != 1<<53-1 {
		t.Errorf("%d units are left of 2^53 after 1 was sold", got)
	}
}

// TestStrangeRecords finds records that we didn't write: an error each, and nothing is done.
func TestStrangeRecords(t *testing.T) {
	url := database(t, 9)
	c := client(t, url)
	ctx := context.Background()
	for _, name := range []string{"conditional", "naive"} {
		e := stocked(t, name, url, engines.Tuning{}, 10)
		release := engines.Op{ID: engines.OrderOp(1, engines.Release), Kind: engines.Release, Order: 1}
		for record, says := range map[string]string{
			"1": "its deadline", "x": "want state|deadline|lines", "9|0|": "want state|deadline|lines", "1|soon|": "its deadline",
			"1|0|0,0;": "3 numbers should be", "1|0|0,0,many;": "3 numbers should be", "1|0|7,0,1;": "the stock has 1 SKUs", "1|0|0,2,1;": "in 1 pools",
		} {
			c.HSet(ctx, "doorbuster:orders", "1", record)
			wantError(t, e, release, says)
		}
		c.Unlink(ctx, "doorbuster:orders")
		for record, says := range map[string]string{"x": "want fingerprint|outcome|versions", "": "want fingerprint"} {
			c.Set(ctx, "doorbuster:op:20", record, 0)
			wantError(t, e, sell(1, 1), says)
		}
		c.Unlink(ctx, "doorbuster:op:20")
		wantDone(t, e, sell(1, 1))
		c.HSet(ctx, "doorbuster:{0}:stock", "available", "few")
		r, err := e.Do(ctx, sell(2, 1))
		if err == nil || r.Outcome != engines.Unknown {
			t.Errorf("%s with stock that is no number: %v, %v, want an error", name, r.Outcome, err)
		}
	}
}
