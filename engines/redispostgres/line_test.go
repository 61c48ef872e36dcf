package redispostgres_test

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// line is a network that can be cut.
type line struct {
	to    string
	mu    sync.Mutex
	isCut bool
	open  map[net.Conn]bool
	n     int
}

// newLine returns the URL to use in place of the server's.
func newLine(t *testing.T, server string) (l *line, through string) {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	in, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close() })
	l = &line{to: u.Host, open: map[net.Conn]bool{}}
	go func() {
		for {
			c, err := in.Accept()
			if err != nil {
				return
			}
			go l.carry(c)
		}
	}()
	u.Host = in.Addr().String()
	return l, u.String()
}

func (l *line) carry(c net.Conn) {
	defer c.Close()
	s, err := net.Dial("tcp", l.to)
	if err != nil {
		return
	}
	defer s.Close()
	l.mu.Lock()
	if l.isCut {
		l.mu.Unlock()
		return
	}
	l.open[c] = true
	l.mu.Unlock()
	go func() { _, _ = io.Copy(c, s); _ = c.Close() }()
	_, _ = io.Copy(s, c)
	l.mu.Lock()
	delete(l.open, c)
	l.mu.Unlock()
}

func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isCut = true
	for c := range l.open {
		l.n++
		_ = c.Close()
	}
}

func (l *line) join() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isCut = false
}

// cuts is how many connections were cut.
func (l *line) cuts() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n
}
