package gateway

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// What a connection may take, so that a slow caller can't keep one for good.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = time.Minute
	idleTimeout   = 2 * time.Minute
	maxHeader     = 16 << 10 // bytes
)

// grace is what a request is given at the end beyond the engine's time.
const grace = 5 * time.Second

// Serve answers on l until ctx ends; then it takes no more requests, and waits for those in flight. The error says if
// some had to be cut off.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	web := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
	}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.options.Timeout+grace)
	defer cancel()
	if err := web.Shutdown(last); err != nil {
		return fmt.Errorf("requests were still in flight %v after the end and were cut off: %w", s.options.Timeout+grace, web.Close())
	}
	return nil
}
