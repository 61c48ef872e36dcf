package gateway

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
)

// An operation that a script sends, and whose answer it reads, is what the client would have sent and read.
func TestRequestAndReply(t *testing.T) {
	s, _ := stocked(t, Options{Name: "memory/test"})
	op := engines.Op{ID: engines.OrderOp(2, engines.Sell), Order: 2, Kind: engines.Sell, Lines: []engines.Line{{SKU: 0, Qty: 1}}}
	key, body := Request(&op)
	got := ask(s, post(key, string(body)))
	r, err := Reply(got.Body.Bytes())
	if err != nil || r.Outcome != engines.Done || len(r.Versions) != 1 || r.Versions[0].Seq == 0 {
		t.Errorf("%s %s: %+v, %v", key, body, r, err)
	}
	for _, wrong := range []string{``, `[]`, `{"outcome":"maybe"}`} {
		if _, err := Reply([]byte(wrong)); err == nil {
			t.Errorf("%q was taken for a reply", wrong)
		}
	}
}

// A client learns which engine it is, and takes its stock as it stands if it is of the same catalog.
func TestAdopt(t *testing.T) {
	s, _ := stocked(t, Options{Name: "memory/test"})
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	c := NewClient(server.URL)
	if name, err := c.Name(t.Context()); name != "memory/test" || err != nil {
		t.Errorf("%q, %v", name, err)
	}
	before := books(s)
	if err := c.Adopt(t.Context(), make([]int64, s.skus.Load())); err != nil || books(s) != before {
		t.Errorf("%v; the books are\n%s and were\n%s", err, books(s), before)
	}
	if err := c.Adopt(t.Context(), []int64{1}); err == nil || !strings.Contains(err.Error(), "expected the 1 of the demand") {
		t.Errorf("error %v of another catalog", err)
	}
}
