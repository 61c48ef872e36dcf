package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
)

// Limits of what is waited for, where the URL doesn't say.
const (
	dialWait    = 5 * time.Second
	commandWait = 5 * time.Second
)

// connect opens a client, and refuses a server on which stock could get lost.
func connect(ctx context.Context, url string) (rdb goredis.UniversalClient, cluster bool, err error) {
	o, err := goredis.ParseURL(url)
	if err != nil { // it may quote a piece of the password
		return nil, false, errors.New("the URL can't be read: want redis://[user][:password@]host[:port][/database], special characters in the password escaped")
	}
	configure(o)
	logging.Disable() // it would tell the terminal of every failure that we return
	c := goredis.NewClient(o)
	text, err := c.Info(ctx).Result()
	if err != nil {
		return nil, false, errors.Join(explain(err), c.Close())
	}
	info := parseInfo(text)
	if err := info.fit(); err != nil {
		return nil, false, errors.Join(err, c.Close())
	}
	if info["cluster_enabled"] != "1" {
		return c, false, nil
	}
	return goredis.NewClusterClient(clusterOptions(o)), true, c.Close()
}

// configure sets what the URL leaves open. Nothing is sent again behind our back.
func configure(o *goredis.Options) {
	if o.DialTimeout == 0 {
		o.DialTimeout = dialWait
	}
	if o.ReadTimeout == 0 {
		o.ReadTimeout = commandWait
	}
	o.MaxRetries = -1
	o.DialerRetries = 1
	o.Protocol = 2
	o.DisableIdentity = true
}

func clusterOptions(o *goredis.Options) *goredis.ClusterOptions {
	return &goredis.ClusterOptions{
		Addrs: []string{o.Addr}, Username: o.Username, Password: o.Password, TLSConfig: o.TLSConfig, Protocol: o.Protocol,
		DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout, PoolSize: o.PoolSize,
		MaxRetries: o.MaxRetries, DialerRetries: o.DialerRetries, DisableIdentity: o.DisableIdentity,
	}
}

// info is the server's answer to INFO.
type info map[string]string

func parseInfo(text string) info {
	all := info{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			all[name] = value
		}
	}
	return all
}

// fit says why the server can't keep stock.
func (in info) fit() error {
	var major, minor int
	if _, err := fmt.Sscanf(in["redis_version"], "%d.%d", &major, &minor); err != nil || major < 6 || major == 6 && minor < 2 {
		return fmt.Errorf("the server is Redis %q: want 6.2 or newer", in["redis_version"])
	}
	if in["role"] != "master" {
		return fmt.Errorf("the server is a replica of %s:%s, which keeps no writes: use that one", in["master_host"], in["master_port"])
	}
	limit, policy := in["maxmemory"], in["maxmemory_policy"]
	if limit != "" && limit != "0" && policy != "noeviction" {
		return fmt.Errorf("the server may drop stock when its memory is full: its maxmemory is %s bytes and its maxmemory-policy %s: "+
			"want maxmemory 0 or policy noeviction", limit, policy)
	}
	return nil
}
