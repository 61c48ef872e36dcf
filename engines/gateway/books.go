package gateway

import (
	"cmp"
	"context"
	"iter"
	"math"
	"net/http"
	"slices"

	"github.com/doorbuster/doorbuster/engines"
)

// stockKey orders stock: by SKU, then by pool.
func stockKey(s engines.Stock) uint64 { return uint64(s.SKU)<<8 | uint64(s.Pool) }

func wireStock(s engines.Stock) stock { return stock(s) }

func grantKey(g engines.Grant) uint64 { return uint64(g.Order) }

func (s *Server) listStock(r *http.Request) (any, *Problem) {
	return list(s, r, stockKey, wireStock, func(b engines.Books) iter.Seq2[engines.Stock, error] { return b.Stock })
}

func (s *Server) listGrants(r *http.Request) (any, *Problem) {
	return list(s, r, grantKey, wireGrant, func(b engines.Books) iter.Seq2[engines.Grant, error] { return b.Grants })
}

func (s *Server) showOutcome(r *http.Request) (any, *Problem) {
	id, p := parseID("operation", r.PathValue("id"))
	if p != nil {
		return nil, p
	}
	var out engines.Outcome
	p = s.alone(r, func(ctx context.Context) error {
		books, err := s.engine.Books(ctx)
		if err == nil {
			out, err = books.Outcome(id)
		}
		return err
	})
	return recorded{out.String()}, p
}

// list answers with a page of one of the books' lists.
func list[A, B any](s *Server, r *http.Request, key func(A) uint64, wire func(A) B, of func(engines.Books) iter.Seq2[A, error]) (any, *Problem) {
	part, p := partOf(r)
	if p != nil {
		return nil, p
	}
	var out page[B]
	p = s.alone(r, func(ctx context.Context) error {
		books, err := s.engine.Books(ctx)
		if err == nil {
			out, err = cut(of(books), key, wire, part)
		}
		return err
	})
	return out, p
}

// entry is an item of a list, with the key that orders it.
type entry[B any] struct {
	key  uint64
	item B
}

// cut takes a page from a list that comes in any order. It goes through the whole list, and keeps at most about two pages of it.
func cut[A, B any](all iter.Seq2[A, error], key func(A) uint64, wire func(A) B, p part) (page[B], error) {
	byKey := func(a, b entry[B]) int { return cmp.Compare(a.key, b.key) }
	var kept []entry[B]
	end := uint64(math.MaxUint64) // what lies beyond is not on the page
	for a, err := range all {
		if err != nil {
			return page[B]{}, err
		}
		k := key(a)
		if k < p.from || k > end {
			continue
		}
		if kept = append(kept, entry[B]{k, wire(a)}); len(kept) > 2*p.limit {
			slices.SortFunc(kept, byKey)
			kept = kept[:p.limit+1] // one more says that there are more
			end = kept[p.limit].key
		}
	}
	slices.SortFunc(kept, byKey)
	out := page[B]{Items: []B{}}
	for _, e := range kept[:min(p.limit, len(kept))] {
		out.Items = append(out.Items, e.item)
	}
	if len(kept) > p.limit {
		out.Next = &kept[p.limit-1].key
	}
	return out, nil
}
