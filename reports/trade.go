package reports

import (
	"fmt"

	"github.com/doorbuster/doorbuster/sim/result"
)

// Trade says in words what a strategy gives up against the recommended one; empty where there is nothing to weigh.
func (c *comparison) Trade(s *score) string {
	b := c.Best
	switch {
	case b == nil || s == b || s.Blank() || !s.Proven() || s.Verdict == result.Unknown:
		return ""
	case s.Oversold.Max > 0 && !c.Broad():
		return fmt.Sprintf("The seller must cancel %s of the orders that it accepted.", percent(s.Cancellation))
	case !s.Promises && s.First().Unsafe != "" && !c.Broad():
		return fmt.Sprintf("But it promises nothing: %s.", s.First().Unsafe)
	case s.RefusesTooMany() && !b.RefusesTooMany():
		return fmt.Sprintf("No win: it turned away %s of orders although stock was there, against %s.", percent(s.FalseShare), percent(b.FalseShare))
	case s.FalseShare > b.FalseShare+same(c.Scores, sameRefusals):
		return fmt.Sprintf("It turns away %s of orders falsely, against %s.", percent(s.FalseShare), percent(b.FalseShare))
	case s.FillRate < b.FillRate-same(c.Scores, sameFillRate):
		return fmt.Sprintf("It fills %s of units, against %s.", percent(s.FillRate), percent(b.FillRate))
	}
	return c.slower(s)
}

// slower weighs the latency of a strategy that serves buyers as well as the recommended one.
func (c *comparison) slower(s *score) string {
	b := c.Best
	switch ratio := s.P99 / b.P99; {
	case duration(s.P99) == duration(b.P99):
		return "It serves buyers as well and as fast."
	case ratio > 1 && ratio < 1.05:
		return "It serves buyers as well and nearly as fast."
	case s.P99 > b.P99:
		return fmt.Sprintf("It serves buyers as well; its p99 is %s"+nbsp+"× as long.", figures(s.P99/b.P99, 2))
	}
	return fmt.Sprintf("It is faster: %s, against %s.", duration(s.P99), duration(b.P99))
}

// Sure says how sure the recommendation is: the intervals of what the strategy is chosen by, and what one seed can't tell.
func (c *comparison) Sure() string {
	b := c.Best
	if b == nil {
		return ""
	}
	sum := c.summary(b)
	if sum == nil {
		return "How sure: the result has no intervals."
	}
	if len(b.Runs) < 2 {
		return "How sure: this is one seed, which says nothing of other days (--runs 10 does). " + ofOneDay(sum)
	}
	text := fmt.Sprintf("How sure: over %d seeds, with 95"+nbsp+"%% intervals, %s.", sum.Runs, rates(sum, rateTold{"oversell", "of units were oversold"},
		rateTold{"cancellation", "of promised orders must be cancelled"}, rateTold{"fill_rate", "of units asked for were filled"}))
	if m := totalMoney(b); b.Shop.Costed() && m.seeds > 1 {
		text += fmt.Sprintf(" What it all costs lies between %s and %s.", money(b.Shop.Money, max(0, m.low)), money(b.Shop.Money, m.high))
	}
	return text
}

// ofOneDay gives the exact intervals that one day has of what was rare on it.
func ofOneDay(sum *result.Summary) string {
	var told []rateTold
	for _, t := range []rateTold{{"oversell", "of units oversold"}, {"cancellation", "of promised orders to be cancelled"}} {
		if r, ok := rateOf(sum, t.name); ok && r.Method == result.ClopperPearson {
			told = append(told, t)
		}
	}
	if told == nil {
		return "What it shows of this day has no interval."
	}
	return fmt.Sprintf("Of days like this one: %s (95"+nbsp+"%%, exact, if its units and orders were independent).", rates(sum, told...))
}

// rateTold is a rate and the words that follow it.
type rateTold struct{ name, words string }

func rates(sum *result.Summary, told ...rateTold) string {
	var parts []string
	for _, t := range told {
		if r, ok := rateOf(sum, t.name); ok {
			parts = append(parts, interval(r)+" "+t.words)
		}
	}
	return listed(parts)
}

// totalMoney is what all of it costs over the seeds, with its 95 % interval.
func totalMoney(s *score) paired {
	var totals []float64
	for _, r := range s.Runs {
		if r.Valid && r.Complete {
			totals = append(totals, r.Shop.Money.Total)
		}
	}
	return meanOf(totals)
}
