package gateway

import (
	"errors"
	"iter"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/doorbuster/doorbuster/engines"
)

// shuffled yields the grants of orders 1 to n in some order, and then an error if there is one.
func shuffled(n int, seed uint64, end error) iter.Seq2[engines.Grant, error] {
	return func(yield func(engines.Grant, error) bool) {
		for _, i := range rand.New(rand.NewPCG(seed, 1)).Perm(n) {
			if !yield(engines.Grant{Order: engines.OrderID(i + 1)}, nil) {
				return
			}
		}
		if end != nil {
			yield(engines.Grant{}, end)
		}
	}
}

// TestPages: pages have every item once, in order, however the list comes and however long a page is.
func TestPages(t *testing.T) {
	for n := range 30 {
		for limit := 1; limit < 12; limit++ {
			var got []uint64
			p, pages := part{limit: limit}, 0
			for more := true; more; pages++ {
				out, err := cut(shuffled(n, uint64(pages), nil), grantKey, grantKey, p)
				if err != nil || len(out.Items) > limit {
					t.Fatalf("%d items on a page of %d (%v)", len(out.Items), limit, err)
				}
				got = append(got, out.Items...)
				if more = out.Next != nil; more {
					p.from = *out.Next + 1
				}
			}
			if want := max(1, (n+limit-1)/limit); pages != want || len(got) != n || !slices.IsSorted(got) || len(slices.Compact(got)) != n {
				t.Fatalf("%d items by %d: %d pages %v", n, limit, pages, got)
			}
		}
	}
}

func TestBrokenList(t *testing.T) {
	broken := errors.New("the connection was cut")
	if _, err := cut(shuffled(5, 1, broken), grantKey, grantKey, part{limit: 2}); !errors.Is(err, broken) {
		t.Errorf("a list that breaks off gives a page and %v", err)
	}
}

func TestWrongPages(t *testing.T) {
	s, _ := stocked(t, Options{})
	for _, path := range []string{"/v1/books/stock", "/v1/books/grants"} {
		for _, query := range []string{"limit=0", "limit=-1", "limit=" + strconv.Itoa(maxPage+1), "limit=x", "limit=", "after=-1", "after=x", "after=9223372036854775808"} {
			wantProblem(t, path+"?"+query, ask(s, to(http.MethodGet, path+"?"+query, "")), 400, "expected")
		}
	}
	for _, id := range []string{"x", "-1", "18446744073709551616"} {
		wantProblem(t, id, ask(s, to(http.MethodGet, "/v1/books/outcomes/"+id, "")), 400, "expected the operation's ID")
	}
	for id, want := range map[string]string{"17": "done", "33": "unknown"} {
		if got := ask(s, to(http.MethodGet, "/v1/books/outcomes/"+id, "")).Body.String(); got != `{"outcome":"`+want+`"}` {
			t.Errorf("operation %s: %s, want %s", id, got, want)
		}
	}
}
