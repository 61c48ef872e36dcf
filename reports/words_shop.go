package reports

import (
	"fmt"
	"math"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// broadRule is how variants and shops are ranked, in words.
var broadRule = fmt.Sprintf("Ranked is what kept the engine's promise, in valid and complete runs: fewest customers let down first (orders that the seller cancelled or that waited in vain; "+
	"within %s of orders counts as equal), then fewest orders promised beyond stock, then fewest false refusals, then the units filled, then the 99th percentile of latency. "+
	"Not overselling by refusing buyers is no win: what turns away more than %s of orders although stock was there comes after all that don't. "+
	"Money stands beside and does not rank.", percent(sameLetDown), percent(tooManyRefused))

// Named is its name in a sentence: variants have names such as "none" or "after", which a sentence would swallow.
func (s *score) Named() string {
	if s.Variant == "" {
		return s.Short
	}
	return "“" + s.Variant + "”" + strings.TrimPrefix(s.Short, s.Variant)
}

// RuleInWords is how it is ranked.
func (c *comparison) RuleInWords() string {
	if c.Broad() {
		return broadRule
	}
	return rule
}

// choice is the headline's reason to choose the best of variants or shops.
func (c *comparison) choice() string {
	b := c.Best
	switch {
	case b.RefusesTooMany():
		return "it let the fewest customers down, but it refuses so many that it is no win."
	case b.Shop.LetDown == 0 && b.Shop.OversoldOrders == 0:
		return "it sold nothing that was not there, and served buyers best."
	case c.ranked() == 1:
		return "its engine alone promises not to oversell, and kept it."
	}
	for _, s := range c.Scores {
		if s.Rank > 1 && s.Shop.LetDownShare < b.Shop.LetDownShare && !s.RefusesTooMany() {
			return "it lets down as few customers as any, and serves buyers best."
		}
	}
	return "it lets the fewest customers down."
}

// ranked counts the scores that may be recommended.
func (c *comparison) ranked() (n int) {
	for _, s := range c.Scores {
		if s.Rank > 0 {
			n++
		}
	}
	return n
}

// whyBroad says what the recommended variant did.
func (c *comparison) whyBroad() string {
	b := c.Best
	return fmt.Sprintf("%s the seller cancelled %s of the orders it had accepted (%s), and %s for units that did not exist. It turned away %s (%s) although stock was there, and filled %s of the units asked for.",
		c.when(), count(b.Shop.LetDown), c.withInterval(b, "cancellation", b.Shop.Cancellation), were(b.Shop.OversoldOrders, "order was", "orders were"),
		plural(b.RefusedFalsely, "order"), percent(b.FalseShare), percent(b.FillRate))
}

// withInterval is a rate with its interval over seeds, where there are several.
func (c *comparison) withInterval(s *score, name string, one float64) string {
	if sum := c.summary(s); sum != nil && len(s.Runs) > 1 {
		if r, ok := rateOf(sum, name); ok {
			return interval(r)
		}
	}
	return percent(one)
}

func were(n int64, one, many string) string {
	if n == 1 {
		return "1" + nbsp + one
	}
	return count(n) + nbsp + many
}

// costBroad says what the recommended variant costs, and what the one beside it would.
func (c *comparison) costBroad() string {
	b, other := c.Best, c.Beside
	if other == b || other == nil || other.Blank() {
		other = nil
	}
	var parts []string
	if other != nil {
		parts = append(parts, fmt.Sprintf("With %s the seller cancelled %s (%s), and %s for units that did not exist.", other.Named(), count(other.Shop.LetDown),
			c.withInterval(other, "cancellation", other.Shop.Cancellation), were(other.Shop.OversoldOrders, "order was", "orders were"))+pairedDifference(b, other, cancellationOf).inWords())
		if math.Abs(b.FillRate-other.FillRate) > sameFillRate {
			parts = append(parts, fmt.Sprintf("It filled %s of the units asked for.", percent(other.FillRate)))
		}
		if b.FalseShare > other.FalseShare+sameRefusals {
			parts = append(parts, fmt.Sprintf("What %s costs: it refuses %s of orders although stock was there, where %s refuses %s.", b.Named(), percent(b.FalseShare), other.Named(), percent(other.FalseShare)))
		}
	}
	if b.Shop.Costed() {
		price := fmt.Sprintf("In %s all that costs %s with %s", b.Shop.size(), money(b.Shop.Money, b.Shop.Money.Total), b.Named())
		if other != nil && other.Shop.Costed() {
			price += fmt.Sprintf(", and %s with %s", money(other.Shop.Money, other.Shop.Money.Total), other.Named())
		}
		parts = append(parts, price+".")
	}
	return strings.Join(parts, " ")
}

// size is the shop that money is for.
func (s shopScore) size() string {
	return fmt.Sprintf("a shop that promises %s in that time", plural(rounded(s.Orders), "order"))
}

// rounded writes off what tells nothing: 10 003 orders are 10 000.
func rounded(n int64) int64 {
	unit := int64(1)
	for n/unit >= 1000 {
		unit *= 10
	}
	return (n + unit/2) / unit * unit
}

// money writes an amount to the unit of its currency.
func money(m result.Money, amount float64) string { return m.Currency + nbsp + count(whole(amount)) }

// runnerUpBroad says what the second choice would give up.
func (c *comparison) runnerUpBroad() string {
	b, next := c.Best, c.Scores[1]
	switch {
	case next == c.Beside || next.RefusesTooMany() && !b.RefusesTooMany():
		return "" // Cost or NoWin has it
	case next.Shop.LetDownShare > b.Shop.LetDownShare+sameLetDown:
		return fmt.Sprintf("Next is %s: the seller cancels %s of the orders it accepted, against %s.", next.Named(), percent(next.Shop.Cancellation), percent(b.Shop.Cancellation)) + pairedDifference(b, next, cancellationOf).inWords()
	case next.Shop.OversoldShare > b.Shop.OversoldShare+sameLetDown:
		return fmt.Sprintf("Next is %s: it promises %s of orders beyond stock, against %s.", next.Named(), percent(next.Shop.OversoldShare), percent(b.Shop.OversoldShare))
	}
	return c.runnerUp()
}

// NoWin says of each variant that oversells less than the recommended one why it is not recommended all the same.
func (c *comparison) NoWin() []string {
	if c.Best == nil || !c.Broad() {
		return nil
	}
	var all []string
	for _, s := range c.Scores {
		switch {
		case s.Idealised:
			all = append(all, fmt.Sprintf("%s is the bound, not a choice: its marketplaces ask the engine before they promise, which none does. %s", s.Named(), s.Sentence()))
		case s != c.Best && s.Rank > 0 && s.RefusesTooMany() && s.Shop.LetDownShare <= c.Best.Shop.LetDownShare:
			all = append(all, fmt.Sprintf("%s is no win: %s But it turned away %s of orders although stock was there, and filled %s of the units asked for, against %s.",
				s.Named(), lower(s.Sentence()), percent(s.FalseShare), percent(s.FillRate), percent(c.Best.FillRate)))
		}
	}
	return all
}

func lower(sentence string) string { return strings.ToLower(sentence[:1]) + sentence[1:] }

// toCustomers says what a variant did to customers.
func (s *score) toCustomers() string {
	shop := &s.Shop
	text := were(shop.OversoldOrders, "customer was", "customers were") + " sold stock that did not exist"
	switch {
	case shop.LetDown == 0 && shop.OversoldOrders == 0:
		return text + s.onAverage() + "."
	case shop.LetDown <= shop.OversoldOrders:
		text += fmt.Sprintf(", of which %s", were(shop.LetDown, "order was cancelled", "orders were cancelled"))
	default: // of those that waited, some wait in vain though nothing was oversold
		text += fmt.Sprintf(", and %s by the seller", were(shop.LetDown, "order was cancelled", "orders were cancelled"))
	}
	return text + s.onAverage() + "."
}

func (s *score) onAverage() string {
	if len(s.Runs) < 2 {
		return ""
	}
	return fmt.Sprintf(", on average of %d seeds", len(s.Runs))
}

// LetDownCost is what the customers let down cost, in the shop that the money is for; empty if no costs are stated.
func (s *score) LetDownCost() string {
	if !s.Shop.Costed() {
		return ""
	}
	m := s.Shop.Money
	return fmt.Sprintf("In a shop that promises %s that costs %s.", plural(rounded(s.Shop.Orders), "order"), money(m, m.Refunds+m.Expedite+m.Penalties+m.Repurchase))
}

// TotalCost is what all of it costs, for the shop that the money is for.
func (s *score) TotalCost() string {
	if !s.Shop.Costed() {
		return "–"
	}
	return money(s.Shop.Money, s.Shop.Money.Total)
}
