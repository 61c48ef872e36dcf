package reports

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/doorbuster/doorbuster/sim/result"
)

// shopOn makes one run of a shop whose engine kept its promise: of 10,000 orders asked and 5,000 promised.
func shopOn(variant string, letDown, oversold, falsely int64, fill float64) result.Run {
	r := ran("m/good", falsely, fill, 2)
	r.Variant, r.Shop.Modelled = variant, true
	r.Orders.Promised, r.Orders.Oversold, r.Orders.Cancelled.SellerOversold = 5000, oversold, letDown
	r.Units.Oversold = result.Oversold{Min: oversold, Max: oversold, ByCause: result.ByCause{Display: oversold}}
	r.Rates.Cancellation = share(letDown, 5000)
	r.Channels = []result.Channel{{Name: "amazon", Kind: "marketplace"}}
	return r
}

func variantsRanked(c *comparison) string {
	var names []string
	for _, s := range c.Scores {
		name := s.Short
		if s.Rank == 0 {
			name = "(" + name + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func TestVariantsAreRankedByCustomersLetDown(t *testing.T) {
	broken := shopOn("broken", 0, 0, 0, 0.9)
	broken.Verdict, broken.Units.Oversold = result.Fail, result.Oversold{Min: 1, Max: 1, ByCause: result.ByCause{Engine: 1}}
	blamed := shopOn("blamed", 0, 1, 0, 0.9) // passes, but one unit has no other cause than the engine
	blamed.Units.Oversold.ByCause = result.ByCause{}
	unified := shopOn("unified", 0, 0, 0, 0.95)
	unified.Shop.Modelled = false
	all := comparisonsOf([]*result.File{tried(
		shopOn("polling", 200, 400, 10, 0.9),
		shopOn("stream", 5, 120, 40, 0.88),
		shopOn("buffered", 9, 20, 300, 0.9), // 4 let down more than by stream are as good; it promises fewer beyond stock
		shopOn("allocated", 0, 0, 3200, 0.7), broken, blamed, unified)})
	if len(all) != 1 {
		t.Fatalf("%d comparisons of one demand", len(all))
	}
	c := all[0]
	if got, want := variantsRanked(c), "buffered stream polling allocated (unified) (blamed) (broken)"; got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	text := plainSpaces(strings.Join(append(c.NoWin(), c.Headline(), c.Why(), c.Cost(), c.RunnerUp()), "\n"))
	for _, want := range []string{
		"“allocated” is no win: 0 customers were sold stock that did not exist. But it turned away 32.00 % of orders",
		"“unified” is the bound, not a choice", "Choose “buffered”: it lets down as few customers as any, and serves buyers best.",
		"the seller cancelled 9 of the orders it had accepted (0.18 %), and 20 orders were for units that did not exist. It turned away 300 orders (3.00 %)",
		"With “polling” the seller cancelled 200 (4.00 %), and 400 orders were", "What “buffered” costs: it refuses 3.00 % of orders although stock was there, where “polling” refuses 0.10 %.",
		"Next is “stream”: it promises 1.20 % of orders beyond stock, against 0.20 %.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestAVariantThatRefusesIsChosenOnlyIfAllDo(t *testing.T) {
	c := comparisonsOf([]*result.File{tried(shopOn("a", 0, 0, 3000, 0.7), shopOn("b", 400, 500, 900, 0.7))})[0]
	if got := c.Headline(); got != "Choose “a”: it let the fewest customers down, but it refuses so many that it is no win." {
		t.Error(got)
	}
}

func TestABrokenPromiseIsNeverRecommended(t *testing.T) {
	failed := func(variant string) result.Run {
		return changed(shopOn(variant, 0, 0, 0, 0.9), func(r *result.Run) { r.Verdict = result.Fail })
	}
	c := comparisonsOf([]*result.File{tried(failed("a"), failed("b"))})[0]
	if c.Best != nil || c.Headline() != "None of the variants that were run can be recommended." {
		t.Errorf("%+v: %s", c.Best, c.Headline())
	}
}

func TestOneShopWithoutVariantsIsRecommendedForItsEngine(t *testing.T) {
	naive := changed(shopOn("", 35, 46, 1, 0.9), func(r *result.Run) {
		r.Engine, r.PromisesNoOversell, r.Units.Oversold.ByCause = "m/naive", false, result.ByCause{Engine: 42, Display: 4}
	})
	c := comparisonsOf([]*result.File{tried(naive, shopOn("", 6, 10, 3, 0.9))})[0]
	if got := c.Headline(); got != "Choose good: its engine alone promises not to oversell, and kept it." {
		t.Error(got)
	}
}

func TestSentencesOfVariants(t *testing.T) {
	sentence := func(r result.Run) string {
		c := comparisonsOf([]*result.File{tried(r)})[0]
		return plainSpaces(c.Scores[0].Sentence() + " " + c.Scores[0].LetDownCost())
	}
	paid := changed(shopOn("x", 3656, 5426, 0, 1), func(r *result.Run) {
		r.Shop.Money = result.Money{Currency: "USD", Scale: 2, Refunds: 10_000, Repurchase: 10_266, RefusedMargin: 7, Total: 20_273}
	})
	for want, r := range map[string]result.Run{
		"5 426 customers were sold stock that did not exist, of which 3 656 orders were cancelled. In a shop that promises 10 000 orders that costs USD 20 266.": paid,
		"0 customers were sold stock that did not exist. ":                                          shopOn("x", 0, 0, 9, 1),
		"1 customer was sold stock that did not exist, and 2 orders were cancelled by the seller. ": shopOn("x", 2, 1, 0, 1),
	} {
		if got := sentence(r); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestTextOfVariants(t *testing.T) {
	text := textOf(t, shopFixture(t, 1), false)
	for _, want := range []string{
		"before    conditional simulated pass", "\nvariant   engine", " 6874      0   3380   3.38     189   53.0",
		"Choose “after”: it lets the fewest customers down.", "“allocated” is no win", "under 500 ms  399 ms (one run: no interval)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	table, _, _ := strings.Cut(text, "\nCancelled counts")
	for line := range strings.Lines(table) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 110 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if got := textOf(t, shopFixture(t, 2), false); !strings.Contains(got, "\nbefore    conditional pass") {
		t.Errorf("over seeds, variants have no column of their own in\n%s", got)
	}
}

func TestPageOfVariants(t *testing.T) {
	page := plainSpaces(pageOf(t, shopFixture(t, 2)))
	for _, want := range []string{
		"<h1 id=\"verdict-1\">Choose “after”", "agrees: the interval contains it", "ours is higher", "✓ kept", "not run",
		"engine 0, stale displays 0, losses and late counts 136", "published: under 500 ms", "Orders told to wait, by then", "What it costs, item by item",
		"In a shop that promises 10 000 orders that costs USD 17 040.", "Messages between the shop and its channels", "✗ before 3.00 %", "<span class=\"tag\">bound</span>",
		"The money is for a shop that promises 10 000 orders in that time: the 100 000 orders promised here × 0.100. Means of 2 seeds.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	plain := pageOf(t, fixture(t))
	for _, alien := range []string{`class="variants"`, `id="around-1"`, `id="published-1"`, "Money"} {
		if strings.Contains(plain, alien) {
			t.Errorf("a page without a shop has %q", alien)
		}
	}
}

func TestAgreementWithWhatWasPublished(t *testing.T) {
	for want, p := range map[string]result.Published{
		"kept": {Value: 500, AtMost: true, High: 499, Runs: 3}, "not kept": {Value: 500, AtMost: true, Mean: 480, High: 501, Runs: 3},
		"agrees: the interval contains it": {Value: 0.032, Low: 0.03, High: 0.033, Runs: 3}, "ours is lower": {Value: 0.04, Mean: 0.03, High: 0.033, Runs: 3},
		"ours is higher": {Value: 0.01, Mean: 0.03, Low: 0.02, High: 0.033, Runs: 3}, "one run tells nothing": {Value: 1, Mean: 1, Low: 1, High: 1, Runs: 1},
	} {
		if _, got := agreement(p); got != want {
			t.Errorf("%+v: %s, want %s", p, got, want)
		}
	}
}

func TestVariantsAreComparedSeedBySeed(t *testing.T) {
	seeded := func(variant string, shares ...float64) *score {
		s := &score{Variant: variant}
		for i, share := range shares {
			s.Runs = append(s.Runs, &result.Run{Seed: uint64(i), Valid: true, Complete: true, Rates: result.Rates{Cancellation: share}})
		}
		return s
	}
	a := seeded("a", 0.01, 0.02, 0.03)
	p := pairedDifference(a, seeded("b", 0.021, 0.030, 0.039), cancellationOf) // 1.1, 1.0 and 0.9 points more: t of 2 is 4.303
	if got := plainSpaces(p.inWords()); got != " Seed by seed it cancels 1.00 percentage points more (95 %: 0.752 to 1.25, 3 pairs)." {
		t.Error(got)
	}
	if got := pairedDifference(seeded("b", 0.021, 0.030, 0.039), a, cancellationOf).inWords(); !strings.Contains(plainSpaces(got), "1.00 percentage points less (95 %: 0.752 to 1.25") {
		t.Error(got)
	}
	if got := pairedDifference(a, seeded("b", 0.02, 0.01, 0.03), cancellationOf).inWords(); !strings.Contains(got, "no difference in cancellations is shown") {
		t.Error(got)
	}
	invalid := seeded("b", 0.2, 0.3)
	invalid.Runs[1].Valid = false
	if p := pairedDifference(a, invalid, cancellationOf); p.seeds != 1 || p.inWords() != "" {
		t.Errorf("%+v", p)
	}
	if p := pairedDifference(a, seeded("none"), cancellationOf); p.seeds != 0 || p.inWords() != "" {
		t.Errorf("%+v", p)
	}
}
