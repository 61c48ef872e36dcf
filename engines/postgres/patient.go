package postgres

import (
	"net"
	"sync"
	"time"
)

// patient is a connection on which nothing is waited for longer than patience, unless its user sets a deadline. A server that is
// gone without a word, or hangs, would be waited for without end.
type patient struct {
	net.Conn
	patience time.Duration

	mu  sync.Mutex // a deadline that is set while Read begins must not be put off
	set bool       // the user's deadline holds
}

// Read implements net.Conn.
func (p *patient) Read(b []byte) (int, error) {
	p.mu.Lock()
	if !p.set {
		if err := p.Conn.SetReadDeadline(time.Now().Add(p.patience)); err != nil {
			p.mu.Unlock()
			return 0, err
		}
	}
	p.mu.Unlock()
	return p.Conn.Read(b)
}

// Write implements net.Conn.
func (p *patient) Write(b []byte) (int, error) {
	p.mu.Lock()
	if !p.set {
		if err := p.Conn.SetWriteDeadline(time.Now().Add(p.patience)); err != nil {
			p.mu.Unlock()
			return 0, err
		}
	}
	p.mu.Unlock()
	return p.Conn.Write(b)
}

// SetDeadline implements net.Conn. The zero time gives the connection its patience back.
func (p *patient) SetDeadline(t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.set = !t.IsZero()
	return p.Conn.SetDeadline(t)
}
