package audit

import (
	"context"
	"errors"
	"fmt"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// closing is what checkers judge by when the run is over.
type closing struct {
	ledger  *ledger.Ledger
	name    func(engines.SKU) string
	out     *Verdicts
	stock   []engines.Stock // the sum of each SKU's stock keys; nil if it could not be read
	keys    []engines.Stock // as the backend gave them
	stockE  error
	bound   []engines.Stock // the units that open grants hold, by SKU: Held and Committed
	boundE  error
	grantsE error // why not all grants could be read
	outcome func(engines.OpID) (engines.Outcome, error)
}

func readBooks(ctx context.Context, a *Audit, b engines.Books, out *Verdicts) *closing {
	c := &closing{ledger: a.ledger, name: a.names, out: out, outcome: b.Outcome}
	if c.outcome == nil {
		c.outcome = func(engines.OpID) (engines.Outcome, error) { return 0, errors.New("the books have no outcomes") }
	}
	c.keys, c.stock, c.stockE = readStock(ctx, b, a.ledger.SKUs())
	c.bound = make([]engines.Stock, a.ledger.SKUs())
	if c.grantsE = c.readGrants(ctx, b, a.phantom); errors.Is(c.grantsE, errCrashed) {
		a.crashed[a.phantom] = c.grantsE.Error() // conservation goes on without it
		c.bound, c.boundE = make([]engines.Stock, a.ledger.SKUs()), nil
		c.grantsE = c.readGrants(ctx, b, nil)
	}
	c.settleSupply()
	return c
}

func readStock(ctx context.Context, b engines.Books, skus int) (keys, sums []engines.Stock, err error) {
	defer func() {
		if r := recover(); r != nil {
			keys, sums, err = nil, nil, fmt.Errorf("reading stock crashed: %v", r)
		}
	}()
	if b.Stock == nil {
		return nil, nil, errors.New("the books have no stock")
	}
	sums = make([]engines.Stock, skus)
	for k, err := range b.Stock {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, nil, err
		}
		if int64(k.SKU) >= int64(skus) {
			return nil, nil, fmt.Errorf("the books have SKU %d: the catalog ends at %d", k.SKU, skus-1)
		}
		keys = append(keys, k)
		sum := &sums[k.SKU]
		sum.Available += k.Available
		sum.Held += k.Held
		sum.Committed += k.Committed
		sum.Shipped += k.Shipped
	}
	return keys, sums, nil
}

var errCrashed = errors.New("reading grants crashed")

// readGrants reads the grants once, for all who need them: there is one for nearly every order. It is errCrashed after a panic.
func (c *closing) readGrants(ctx context.Context, b engines.Books, p *phantom) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errCrashed, r)
		}
	}()
	if b.Grants == nil {
		return errors.New("the books have no grants")
	}
	n := 0
	for g, err := range b.Grants {
		if n++; n%4096 == 0 {
			err = errors.Join(err, ctx.Err())
		}
		if err != nil {
			return err
		}
		if p != nil {
			p.grant(g)
		}
		if g.State.Open() {
			c.bind(g)
		}
	}
	return nil
}

func (c *closing) bind(g engines.Grant) {
	for _, l := range g.Lines {
		switch {
		case int(l.SKU) >= len(c.bound):
			if c.boundE == nil {
				c.boundE = fmt.Errorf("order %d holds SKU %d: the catalog ends at %d", g.Order, l.SKU, len(c.bound)-1)
			}
		case g.State == engines.Held:
			c.bound[l.SKU].Held += int64(l.Qty)
		default:
			c.bound[l.SKU].Committed += int64(l.Qty)
		}
	}
}

// settleSupply asks the books about arrivals and losses whose answers were lost. What they don't know didn't happen:
// nothing is in flight any more. Where they can't be asked, the ledger's two bounds stay apart.
func (c *closing) settleSupply() {
	for _, d := range c.ledger.Doubts() {
		if d.Kind.NamesOrder() {
			continue
		}
		if got, err := c.outcome(d.ID); err == nil {
			c.ledger.Resolve(d, got == engines.Done)
		}
	}
}
