package servers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

var redis = product{
	name:      "Redis",
	env:       RedisEnv,
	binaries:  []string{"redis-server"},
	get:       "install version 6.2 or newer (apt-get install redis-server, or brew install redis)",
	users:     []string{"redis", "nobody"},
	hosts:     redisHosts,
	describe:  describeRedis,
	arguments: redisArguments,
	url: func(in *instance) string {
		return fmt.Sprintf("redis://:%s@127.0.0.1:%d/0", in.password, in.port)
	},
}

// redisConfig is a private server's. Without set-proc-title no, its command line would lose the folder, by which an orphan is known.
const redisConfig = `bind 127.0.0.1
port %d
requirepass %s
dir %q
save ""
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
set-proc-title no
daemonize no
`

// redisArguments writes the configuration to a file, since everybody may read a command line and the password stands in it.
func redisArguments(in *instance) ([]string, error) {
	name := filepath.Join(in.data(), "redis.conf")
	config := fmt.Sprintf(redisConfig, in.port, in.password, in.data())
	if err := os.WriteFile(name, []byte(config), 0o600); err != nil {
		return nil, err
	}
	if in.who == nil {
		return []string{name}, nil
	}
	return []string{name}, os.Chown(name, int(in.who.Uid), int(in.who.Gid))
}

func redisHosts(url string) ([]string, error) {
	o, err := goredis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	if o.Network == "unix" {
		return nil, nil
	}
	host, _, err := net.SplitHostPort(o.Addr)
	return []string{host}, err
}

func describeRedis(ctx context.Context, url string) (d description, err error) {
	o, err := goredis.ParseURL(url)
	if err != nil {
		return d, err
	}
	if err := reach(ctx, o.Network, o.Addr); err != nil {
		return d, err
	}
	o.MaxRetries = -1 // the caller decides whether to try again
	o.DialerRetries = 1
	o.ContextTimeoutEnabled = true
	c := goredis.NewClient(o)
	defer func() { err = errors.Join(err, c.Close()) }()
	info, err := c.Info(ctx, "server").Result()
	if err != nil {
		return d, err
	}
	d.version = "Redis " + field(info, "redis_version")
	d.settings = map[string]string{}
	for _, name := range []string{"appendonly", "appendfsync", "save", "maxmemory", "maxmemory-policy", "dir"} {
		got, err := c.ConfigGet(ctx, name).Result()
		if err != nil {
			d.note = fmt.Sprintf("Redis doesn't show its settings: %v.", err)
			break
		}
		d.settings[name] = got[name]
	}
	d.folder = d.settings["dir"]
	delete(d.settings, "dir") // a path of this machine is nobody else's business
	return d, nil
}

// reach connects once without the client, which would log every failure on its own.
func reach(ctx context.Context, network, addr string) error {
	c, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return err
	}
	return c.Close()
}

// field is a value in Redis's answer to INFO.
func field(info, name string) string {
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return "of unknown version"
}
