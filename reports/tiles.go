package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// tile is one figure of the first screen.
type tile struct {
	Name, Value, Against, Note, Kind, Tone string
}

// tiler makes tiles of the strategy that is recommended, or shown in its place, beside what it is held against.
type tiler struct {
	subject, against *score
	name             string // of the subject, with its verdict if it proves nothing
}

func tilerOf(c *comparison) tiler {
	all := c.shown()
	t := tiler{subject: all[len(all)-1], against: c.Beside}
	if t.against == t.subject {
		t.against = nil
	}
	t.name = t.subject.Short
	if !t.subject.Proven() {
		t.name += ", " + t.subject.Word()
	}
	return t
}

func (t tiler) tile(name, note, tone string, value func(*score) string) tile {
	made := tile{Name: name, Value: shown(value)(t.subject), Note: note, Kind: t.subject.Simulated(), Tone: tone}
	if t.against != nil {
		made.Against = t.against.Short + ": " + shown(value)(t.against)
	}
	return made
}

// shown has a dash for the value of a strategy that did not run.
func shown(value func(*score) string) func(*score) string {
	return func(s *score) string {
		if s.Blank() {
			return "–"
		}
		return value(s)
	}
}

// tiles are the figures of the first screen.
func tiles(c *comparison) []tile {
	t := tilerOf(c)
	if c.Shop() {
		return append(t.ofShop(), t.ofStock()...)
	}
	return append(t.ofEngine(c), t.ofStock()...)
}

// allowed stands beside a rate of cancellations; the limits one by one stand below the scorecard.
const allowed = "; marketplaces allow 0.5 to 2.5" + nbsp + "%, over 7 to 60 days"

// ofEngine are those where only the engine can let a customer down.
func (t tiler) ofEngine(c *comparison) []tile {
	tone := ""
	switch {
	case t.subject.Oversold.Max > 0:
		tone = "poor"
	case t.subject.Eligible():
		tone = "good"
	}
	with := func(rate string) string {
		if sum := c.summary(t.subject); sum != nil && len(t.subject.Runs) > 1 {
			if r, ok := rateOf(sum, rate); ok {
				return fmt.Sprintf("%s, over %d seeds %s (95"+nbsp+"%%)", t.name, sum.Runs, interval(r))
			}
		}
		return t.name
	}
	return []tile{
		t.tile("Units sold that did not exist", with("oversell"), tone, func(s *score) string { return oversold(s.Oversold) }),
		t.tile("Orders the seller must cancel", with("cancellation")+allowed, tone, func(s *score) string { return percent(s.Cancellation) }),
		t.tile("Units asked for that were filled", with("fill_rate"), "", func(s *score) string { return percent(s.FillRate) }),
		t.tile("99 % answered within", t.name+", operations served", "", func(s *score) string { return duration(s.P99) }),
		t.refused(),
	}
}

func (t tiler) refused() tile {
	return t.tile("Orders refused although stock was there", fmt.Sprintf("%s: %s of orders asked%s", t.name, percent(t.subject.FalseShare), t.subject.whyRefused()), "",
		func(s *score) string { return count(s.RefusedFalsely) })
}

// ofStock are those of what became of the stock.
func (t tiler) ofStock() []tile {
	soldOut := t.name
	if h := t.subject.hottest(); h != nil {
		soldOut = fmt.Sprintf("%s: %s, %s wanted of %s", t.name, h.SKU, plural(h.Asked, "unit"), count(h.Supply))
	}
	return []tile{
		t.tile("Sell-through", t.name+": units sold that were there, of all that were there", "", func(s *score) string { return percent(s.sellThrough()) }),
		t.tile("Units stranded at close", t.name+": in a pool or a hold while buyers were refused", "", func(s *score) string { return count(s.Stranded) }),
		t.tile("Hottest article sold out at", soldOut, "", (*score).soldOutAt),
	}
}

// sellThrough is the mean over seeds.
func (s *score) sellThrough() (mean float64) {
	for _, r := range s.Runs {
		mean += r.Rates.SellThrough / float64(len(s.Runs))
	}
	return mean
}

// falseReasons say why an order was refused although stock was there.
var falseReasons = map[string]string{
	"contended": "too many at once", "held_then_unsold": "held and never paid", "other_pool": "in another channel's pool", "buffer": "kept as a buffer",
	"stale_display": "a stale display", "stock_not_offered": "not put on offer",
}

// whyRefused lists the reasons for refusals although stock was there, the commonest first, over all seeds; empty if there were none.
func (s *score) whyRefused() string {
	by := map[string]int64{}
	for _, r := range s.Runs {
		for reason, n := range r.Orders.FalseBy {
			by[reason] += n
		}
	}
	reasons := slices.DeleteFunc(slices.Sorted(maps.Keys(by)), func(reason string) bool { return by[reason] == 0 })
	slices.SortStableFunc(reasons, func(a, b string) int { return cmp.Compare(by[b], by[a]) })
	var parts []string
	for _, reason := range reasons {
		parts = append(parts, count(whole(float64(by[reason])/float64(len(s.Runs))))+" "+cmp.Or(falseReasons[reason], wordsOf(reason)))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
