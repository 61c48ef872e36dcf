package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/doorbuster/doorbuster/engines"
)

// Name asks the server for the name of its engine, backend/strategy.
func (c *Client) Name(ctx context.Context) (string, error) {
	var h health
	err := c.get(ctx, "/healthz", &h)
	return h.Engine, err
}

// Request is an operation as it is sent, for who sends it by a client of their own: the Idempotency-Key header and the body of
// POST /v1/operations.
func Request(op *engines.Op) (key string, body []byte) {
	body, err := json.Marshal(wireOperation(op))
	if err != nil {
		panic(err) // plain data
	}
	return strconv.FormatUint(uint64(op.ID), 10), body
}

// Reply reads the body of an answer to POST /v1/operations.
func Reply(body []byte) (engines.Reply, error) {
	var r reply
	if err := json.Unmarshal(body, &r); err != nil {
		return engines.Reply{}, fmt.Errorf("found %.100q: expected the body of an answer, {\"outcome\": …, \"versions\": …}: %w", body, err)
	}
	return r.plain(nil)
}

var _ engines.Adopter = (*Client)(nil)

// Adopt implements engines.Adopter: the stock is the server's, whoever set it.
func (c *Client) Adopt(ctx context.Context, opening []int64) error {
	var h health
	if err := c.get(ctx, "/healthz", &h); err != nil {
		return err
	}
	if h.SKUs != len(opening) {
		return fmt.Errorf("the server has %d SKUs: expected the %d of the demand, as the process that prepares the stock leaves them", h.SKUs, len(opening))
	}
	return nil
}
