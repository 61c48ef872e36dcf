package gateway

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
)

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestGracefulStop: an operation that is in flight at the end still gets its answer, a later one none.
func TestGracefulStop(t *testing.T) {
	s, e := stocked(t, Options{})
	l := listen(t)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- s.Serve(ctx, l) }()
	entered, leave := make(chan struct{}), make(chan struct{})
	e.before = func(context.Context) error { close(entered); <-leave; return nil }
	client := NewClient("http://" + l.Addr().String())
	sell := engines.Op{ID: 36, Kind: engines.Sell, Order: 2, Lines: []engines.Line{{SKU: 0, Qty: 1}}}
	answered := make(chan engines.Reply)
	go func() {
		r, err := client.Do(context.WithoutCancel(ctx), sell)
		if err != nil {
			t.Error(err)
		}
		answered <- r
	}()
	<-entered
	stop()
	gone(t, l.Addr().String())
	select {
	case err := <-served:
		t.Errorf("the server ended (%v) with an operation in flight", err)
	default:
	}
	close(leave)
	if r := <-answered; r.Outcome != engines.Done || len(r.Versions) != 1 || r.Versions[0].After != 8 {
		t.Errorf("the operation in flight got %+v", r)
	}
	if err := <-served; err != nil {
		t.Errorf("the server ended with %v", err)
	}
	if _, err := client.Do(t.Context(), sell); err == nil {
		t.Error("an operation was answered after the end")
	}
}

// gone waits until nobody takes connections at the address.
func gone(t *testing.T, addr string) {
	t.Helper()
	for {
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
		if err != nil {
			return
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestClientErrors: a problem is a *Problem; an answer that no doorbuster gives is an error that says so.
func TestClientErrors(t *testing.T) {
	s, _ := stocked(t, Options{})
	l := listen(t)
	go func() { _ = s.Serve(t.Context(), l) }()
	client := NewClient("http://" + l.Addr().String())
	_, err := client.Do(t.Context(), engines.Op{ID: 36, Kind: engines.Sell, Order: 2, Lines: []engines.Line{{SKU: 9, Qty: 1}}})
	var p *Problem
	if !errors.As(err, &p) || p.Status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown SKU gives %v, want a problem 422", err)
	}
	if err := client.Reset(t.Context(), []int64{1}); !errors.As(err, &p) || p.Status != http.StatusForbidden {
		t.Errorf("a reset gives %v, want a problem 403", err)
	}
	strange := listen(t)
	go func() { _ = http.Serve(strange, http.NotFoundHandler()) }()
	defer strange.Close()
	_, err = NewClient("http://"+strange.Addr().String()).Do(t.Context(), engines.Op{ID: 1})
	if err == nil || !strings.Contains(err.Error(), "found HTTP 404 Not Found: expected an answer or a problem of doorbuster") {
		t.Errorf("a strange server gives %v", err)
	}
}
