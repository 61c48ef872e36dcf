package servers

import (
	"context"
	"fmt"
	"net"
	"strings"
)

// onLoopback is nil if all hosts are this machine, by every address they have.
func onLoopback(ctx context.Context, hosts []string) error {
	for _, host := range hosts {
		if strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") {
			continue // a socket of this machine
		}
		addrs, err := net.DefaultResolver.LookupIPAddr(ctx, host)
		if err != nil {
			return fmt.Errorf("host %q: %w", host, err)
		}
		for _, a := range addrs {
			if !a.IP.IsLoopback() {
				return fmt.Errorf("host %q is %s, not this machine: a load test of another machine must be allowed (--allow-remote)", host, a)
			}
		}
	}
	return nil
}

// freePort is a TCP port of the loopback address that nobody listens on just now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
