package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/doorbuster/doorbuster/engines"
)

// Client is an engine behind a Server. A problem that the server answers with is its error, a *Problem.
//
// A caller who stops waiting for an operation does not stop it: it was sent, and nobody can call it back. Books waits for the
// answers of such operations, so that nothing happens after they are read.
type Client struct {
	base    string
	http    *http.Client
	flights sync.RWMutex // held for reading by what was sent and is not answered
}

var _ engines.Engine = (*Client)(nil)

// connections is how many are kept for the next request.
const connections = DefaultInFlight

// NewClient returns the engine behind the server at a URL, such as http://127.0.0.1:8080. Nothing is sent yet.
func NewClient(url string) *Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = connections, connections
	return &Client{strings.TrimSuffix(url, "/"), &http.Client{Transport: t, Timeout: writeTimeout}, sync.RWMutex{}}
}

// Reset implements engines.Engine.
func (c *Client) Reset(ctx context.Context, units []int64) error {
	return c.post(ctx, "/v1/reset", nil, opening{units}, &health{})
}

// Do implements engines.Engine.
func (c *Client) Do(ctx context.Context, op engines.Op) (engines.Reply, error) {
	if err := ctx.Err(); err != nil {
		return engines.Reply{}, err
	}
	r, err := c.send(ctx, &op)
	if err != nil {
		return engines.Reply{}, err
	}
	return r.plain(op.Versions)
}

// send sends op and waits for the answer as long as ctx lasts.
func (c *Client) send(ctx context.Context, op *engines.Op) (reply, error) {
	type answer struct {
		reply
		err error
	}
	answers := make(chan answer, 1)
	header, body := http.Header{keyHeader: {strconv.FormatUint(uint64(op.ID), 10)}}, wireOperation(op)
	c.flights.RLock()
	go func() {
		defer c.flights.RUnlock()
		var a answer
		a.err = c.post(context.WithoutCancel(ctx), "/v1/operations", header, body, &a.reply)
		answers <- a
	}()
	select {
	case a := <-answers:
		return a.reply, a.err
	case <-ctx.Done():
		return reply{}, ctx.Err()
	}
}

// Books implements engines.Engine. The lists are fetched page by page while they are ranged over.
func (c *Client) Books(ctx context.Context) (engines.Books, error) {
	c.flights.Lock()
	defer c.flights.Unlock()
	plainStock := func(s stock) (engines.Stock, error) { return engines.Stock(s), nil }
	plainGrant := func(g grant) (engines.Grant, error) { return g.plain() }
	return engines.Books{
		Stock:   pages(ctx, c, "/v1/books/stock", plainStock),
		Grants:  pages(ctx, c, "/v1/books/grants", plainGrant),
		Outcome: func(id engines.OpID) (engines.Outcome, error) { return c.outcome(ctx, id) },
	}, ctx.Err()
}

func (c *Client) outcome(ctx context.Context, id engines.OpID) (engines.Outcome, error) {
	var r recorded
	if err := c.get(ctx, fmt.Sprintf("/v1/books/outcomes/%d", id), &r); err != nil {
		return engines.Unknown, err
	}
	plain, err := (&reply{Outcome: r.Outcome}).plain(nil)
	return plain.Outcome, err
}

// pages yields a list of the books, page after page.
func pages[B, A any](ctx context.Context, c *Client, path string, plain func(B) (A, error)) iter.Seq2[A, error] {
	return func(yield func(A, error) bool) {
		var none A
		query := "?limit=" + strconv.Itoa(maxPage)
		for {
			var p page[B]
			if err := c.get(ctx, path+query, &p); err != nil {
				yield(none, err)
				return
			}
			for _, item := range p.Items {
				if a, err := plain(item); !yield(a, err) || err != nil {
					return
				}
			}
			if p.Next == nil {
				return
			}
			query = fmt.Sprintf("?limit=%d&after=%d", maxPage, *p.Next)
		}
	}
}

// Close implements engines.Engine.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

func (c *Client) get(ctx context.Context, path string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, http.NoBody)
	if err != nil {
		return err
	}
	return c.exchange(r, into)
}

func (c *Client) post(ctx context.Context, path string, header http.Header, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	if header != nil {
		r.Header = header
	}
	r.Header.Set("Content-Type", "application/json")
	return c.exchange(r, into)
}

// exchange sends a request and takes what comes back: into a value, or as a problem.
func (c *Client) exchange(r *http.Request, into any) error {
	answer, err := c.http.Do(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return err
	}
	if answer.StatusCode == http.StatusOK {
		return json.Unmarshal(body, into)
	}
	var p Problem
	media, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if media != problemType || json.Unmarshal(body, &p) != nil {
		return fmt.Errorf("%s %s: found HTTP %s: expected an answer or a problem of doorbuster", r.Method, r.URL.Path, answer.Status)
	}
	return &p
}
