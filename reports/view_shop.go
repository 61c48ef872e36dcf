package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// shopView is what a page shows of variants and of the shop around the engines, on top of what it shows of engines.
type shopView struct {
	Published []publishedRow
	Sources   string // of what was published
	Updates   figure
	Letdowns  []figure
	Messages  *table
	Money     *table
	MoneyNote string
}

// publishedRow is a figure from elsewhere with ours beside it.
type publishedRow struct {
	Variant, Figure, Theirs, Ours, Interval, Word string
	Within                                        bool
	Runs                                          int
}

func shopViewOf(c *comparison) (*shopView, error) {
	v := &shopView{Published: publishedRows(c), Money: moneyTable(c), Messages: messages(c)}
	v.Sources = sources(c)
	if !c.Shop() {
		return v, nil
	}
	if c.Costed() {
		v.MoneyNote = moneyNote(c)
	}
	var err error
	if v.Updates, err = updatesOverDay(c); err != nil {
		return nil, err
	}
	v.Letdowns, err = letdownsOverDay(c)
	return v, err
}

// figureWords name the figures that are published for shops.
var figureWords = map[string]string{
	"rates.cancellation": "Orders the seller cancelled", "orders.oversold": "Orders promised beyond stock", "update_latency_ms.p99": "Update latency, p99",
	"rates.oversell": "Units oversold", "rates.fill_rate": "Units filled", "latency_ms.intended.p99": "Answers, p99",
}

func publishedRows(c *comparison) []publishedRow {
	var rows []publishedRow
	for _, p := range c.File.Published {
		row := publishedRow{Variant: p.Variant, Figure: figureWords[p.Figure], Theirs: readable(quantity(p.Value, p.Unit)), Runs: p.Runs}
		if row.Figure == "" {
			row.Figure = wordsOf(p.Figure)
		}
		if p.AtMost {
			row.Theirs = "under " + row.Theirs
		}
		if p.Runs == 0 {
			row.Ours, row.Interval, row.Word = "–", "–", "not run"
			rows = append(rows, row)
			continue
		}
		row.Ours, row.Interval = readable(found(p.Mean, p.Unit)), readable(found(p.Low, p.Unit))+" to "+readable(found(p.High, p.Unit))
		row.Within, row.Word = agreement(p)
		if p.Runs == 1 {
			row.Interval = "none, of one run"
		}
		rows = append(rows, row)
	}
	return rows
}

func readable(quantity string) string {
	return strings.NewReplacer(" ", nbsp, "-", "−").Replace(quantity)
}

// agreement says whether ours is what was published, as far as the runs tell.
func agreement(p result.Published) (bool, string) {
	switch {
	case p.AtMost && p.High <= p.Value:
		return true, "kept"
	case p.AtMost:
		return false, "not kept"
	case p.Runs == 1:
		return false, "one run tells nothing"
	case p.Low <= p.Value && p.Value <= p.High:
		return true, "agrees: the interval contains it"
	case p.Mean > p.Value:
		return false, "ours is higher"
	}
	return false, "ours is lower"
}

func sources(c *comparison) string {
	var all []string
	for _, p := range c.File.Published {
		if s := p.Source; s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return strings.Join(all, "; ")
}

// ofShop are those of a shop around the engines.
func (t tiler) ofShop() []tile {
	s := &t.subject.Shop
	tone := ""
	if t.subject.Eligible() {
		tone = map[bool]string{true: "good", false: "poor"}[s.Cancellation < marketplaceLimits[len(marketplaceLimits)-1].share]
	}
	worst := ""
	if len(t.subject.Runs) > 1 {
		worst = fmt.Sprintf(", in the worst of %d seeds", len(t.subject.Runs))
	}
	tiles := []tile{
		t.tile("Units sold that did not exist", fmt.Sprintf("%s: engine %s, stale displays %s, losses and late counts %s", t.name, count(s.ByCause.Engine), count(s.ByCause.Display), count(s.ByCause.Loss)),
			"", func(x *score) string {
				return count(x.Shop.ByCause.Engine + x.Shop.ByCause.Display + x.Shop.ByCause.Loss)
			}),
		t.tile("Accepted orders the seller cancelled", fmt.Sprintf("%s: %s", t.name, plural(s.LetDown, "order"))+allowed, tone, func(x *score) string { return percent(x.Shop.Cancellation) }),
		t.refused(),
		t.tile("Units asked for that were filled", t.name, "", func(x *score) string { return percent(x.FillRate) }),
		t.tile("Orders told to wait", t.name+": pending at some time", "", func(x *score) string { return count(x.Shop.Pending) }),
		t.tile("Until every channel shows a sale", t.name+": p99"+worst, "", updateLatency),
		t.tile("99 % answered within", t.name+", operations served"+worst, "", func(x *score) string { return duration(x.P99) }),
	}
	if s.Costed() {
		tiles = append(tiles, t.tile("What it all costs", fmt.Sprintf("%s, in %s", t.name, s.size()), "", func(x *score) string { return money(x.Shop.Money, x.Shop.Money.Total) }))
	}
	return tiles
}

func updateLatency(s *score) string {
	if s.Shop.UpdateP99 == 0 {
		return "–"
	}
	return duration(s.Shop.UpdateP99)
}

// moneyTable has a row for each item and a column for each variant; nil if no costs are stated.
func moneyTable(c *comparison) *table {
	if !c.Costed() {
		return nil
	}
	items := []struct {
		name string
		of   func(result.Money) float64
	}{
		{"Refunds", func(m result.Money) float64 { return m.Refunds }},
		{"Expedited replacements", func(m result.Money) float64 { return m.Expedite }},
		{"Marketplaces' penalties", func(m result.Money) float64 { return m.Penalties }},
		{"Not bought again in twelve months", func(m result.Money) float64 { return m.Repurchase }},
		{"Margin of orders refused falsely", func(m result.Money) float64 { return m.RefusedMargin }},
		{"Stranded units", func(m result.Money) float64 { return m.Stranded }},
		{"Total", func(m result.Money) float64 { return m.Total }},
	}
	t := &table{Caption: "What it costs, item by item", Head: []string{"Item"}}
	costed := slices.DeleteFunc(c.inOrder(), func(s *score) bool { return !s.Shop.Costed() })
	for _, s := range costed {
		t.Head = append(t.Head, s.Short+", "+s.Shop.Money.Currency)
	}
	for _, item := range items {
		row := []string{item.name}
		for _, s := range costed {
			row = append(row, count(whole(item.of(s.Shop.Money))))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// moneyNote says which shop the money is for.
func moneyNote(c *comparison) string {
	for _, s := range c.shown() {
		if m := s.Shop.Money; s.Shop.Costed() {
			note := fmt.Sprintf("The money is for %s: the %s promised here × %s.", s.Shop.size(), plural(s.Shop.Promised, "order"), figures(m.Scale, 3))
			if len(s.Runs) > 1 {
				note += fmt.Sprintf(" Means of %d seeds.", len(s.Runs))
			}
			return note
		}
	}
	return ""
}

// messages has a row for each variant: what went between the shop and its channels, in its first run.
func messages(c *comparison) *table {
	if !c.Shop() {
		return nil
	}
	t := &table{Caption: "Messages between the shop and its channels", Head: []string{"variant", "quantities sent", "lost", "out of order",
		"channels' sales they erased, units", "never shown", "orders lost and found later", "orders that came twice", "put aside"}}
	if !c.Varies() {
		t.Head[0] = "strategy"
	}
	for _, s := range c.inOrder() {
		x := &s.First().Shop
		var aside int64
		for _, n := range x.Quarantined {
			aside += n
		}
		row := []string{s.Short}
		for _, n := range []int64{x.Pushes, x.PushesLost, x.OutOfOrder, x.ErasedUnits, x.NeverShown, x.ImportsLost, x.ImportsDuplicated, aside} {
			row = append(row, count(n))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
