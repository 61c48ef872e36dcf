package redis_test

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// proxy stands between an engine and its server, and holds back the first command with a certain word in it: its caller is paused there,
// as by a garbage collection or a slow network.
type proxy struct {
	word    []byte
	once    sync.Once
	held    chan struct{} // closed once the command is held back
	release chan struct{}
}

// newProxy returns the URL to use in place of the server's.
func newProxy(t *testing.T, server, word string) (*proxy, string) {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	p := &proxy{word: []byte(word), held: make(chan struct{}), release: make(chan struct{})}
	to := u.Host
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.join(c, to)
		}
	}()
	u.Host = l.Addr().String()
	return p, u.String()
}

func (p *proxy) join(client net.Conn, to string) {
	defer client.Close()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	go func() { _, _ = io.Copy(client, server) }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := client.Read(buffer)
		if bytes.Contains(buffer[:n], p.word) {
			p.once.Do(func() { close(p.held); <-p.release })
		}
		if _, failed := server.Write(buffer[:n]); err != nil || failed != nil {
			return
		}
	}
}
