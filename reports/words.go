package reports

import (
	"fmt"
	"math"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// Headline is the answer in one sentence.
func (c *comparison) Headline() string {
	if c.Best != nil && c.Broad() {
		return fmt.Sprintf("Choose %s: %s", c.Best.Named(), c.choice())
	}
	if c.Best != nil {
		return fmt.Sprintf("Choose %s: %s", c.Best.Short, c.merit())
	}
	if c.Partial {
		return "No strategy can be chosen: the run was cut short."
	}
	if !c.anyValid() {
		return "No strategy can be chosen: the runs prove nothing."
	}
	if c.Varies() {
		return "None of the variants that were run can be recommended."
	}
	return "No strategy that was run can be recommended."
}

// merit is the headline's reason to choose the best of strategies. Where it was the only candidate, nothing shows that it served buyers well.
func (c *comparison) merit() string {
	if c.ranked() == 1 {
		return "no other that was run promised not to oversell and kept it."
	}
	return "it sold nothing that was not there, and served buyers best."
}

func (c *comparison) anyValid() bool {
	for _, s := range c.Scores {
		if s.Valid && !s.IsControl {
			return true
		}
	}
	return false
}

// Why says what the recommended strategy did, or why there is none.
func (c *comparison) Why() string {
	b := c.Best
	if b == nil {
		return c.whyNone()
	}
	if c.Broad() {
		return c.whyBroad()
	}
	return fmt.Sprintf("%s it turned away %s (%s) although stock was there, filled %s of the units asked for, and answered 99"+nbsp+"%% of the operations that it served within %s.",
		c.when(), plural(b.RefusedFalsely, "order"), percent(b.FalseShare), percent(b.FillRate), duration(b.P99))
}

// when is the time that its figures are about.
func (c *comparison) when() string {
	text := fmt.Sprintf("On this %s day", kindOfFigure(c.Mode))
	if n := days(c.File.Demand); n > 1 {
		text = fmt.Sprintf("Over these %d %s days", n, kindOfFigure(c.Mode))
	}
	if n := len(c.seeds()); n > 1 {
		text += fmt.Sprintf(", on average of %d seeds,", n)
	}
	return text
}

func (c *comparison) whyNone() string {
	if c.Partial {
		return "What it shows is partial, and its verdicts are unknown until it has run to its end."
	}
	var reasons []string
	seen := map[string]bool{}
	for _, s := range c.Scores {
		for _, r := range s.Runs {
			for _, why := range invalidity(r) {
				if !seen[why] {
					seen[why] = true
					reasons = append(reasons, sentence(why))
				}
			}
		}
	}
	if len(reasons) > 0 {
		return "Runs are invalid: " + strings.Join(reasons, " ")
	}
	return "A strategy is recommended if it promises never to oversell, its runs are valid and complete, and every check that it promises to pass was passed. None here is."
}

// invalidity is why a run proves nothing. Of one that didn't run to its end, Error says it all.
func invalidity(r *result.Run) []string {
	if !r.Complete && r.Error != "" {
		return nil
	}
	return r.Invalid
}

// sentence ends text with a full stop, once.
func sentence(text string) string { return strings.TrimRight(text, ".") + "." }

// Cost says what choosing the recommended strategy costs against the control.
func (c *comparison) Cost() string {
	if c.Best != nil && c.Broad() {
		return c.costBroad()
	}
	if c.Best == nil || c.Control == nil || c.Control == c.Best || c.Control.Oversold.Min == 0 {
		return ""
	}
	control, b := c.Control, c.Best
	price := fmt.Sprintf("What it costs: 99"+nbsp+"%% of answers within %s, where %s needs %s.", duration(b.P99), control.Short, duration(control.P99))
	if b.P99 <= control.P99 {
		price = fmt.Sprintf("It costs no time: %s needs %s for 99"+nbsp+"%% of its answers.", control.Short, duration(control.P99))
	}
	return fmt.Sprintf("%s But %s promised %s that did not exist, and the seller would have to cancel %s of the orders it accepted.",
		price, control.Short, rangeOf(control.Oversold), percent(control.Cancellation))
}

// RunnerUp says what the second choice would give up.
func (c *comparison) RunnerUp() string {
	if c.Best == nil || len(c.Scores) < 2 || c.Scores[1].Rank != 2 {
		return ""
	}
	if c.Broad() {
		return c.runnerUpBroad()
	}
	return c.runnerUp()
}

func (c *comparison) runnerUp() string {
	b, next := c.Best, c.Scores[1]
	switch {
	case next.FalseShare > b.FalseShare+same(c.Scores, sameRefusals):
		return fmt.Sprintf("Next is %s: it turns away %s of orders falsely, against %s.", next.Named(), percent(next.FalseShare), percent(b.FalseShare))
	case next.FillRate < b.FillRate-same(c.Scores, sameFillRate):
		return fmt.Sprintf("Next is %s: it fills %s of units, against %s.", next.Named(), percent(next.FillRate), percent(b.FillRate))
	}
	if duration(next.P99) == duration(b.P99) {
		return fmt.Sprintf("Next is %s: it serves buyers as well and as fast.", next.Named())
	}
	return fmt.Sprintf("Next is %s: it serves buyers as well and needs %s for 99"+nbsp+"%% of its answers, against %s.", next.Named(), duration(next.P99), duration(b.P99))
}

// Broken says of each strategy that failed a check it promises to pass which checks these are.
func (c *comparison) Broken() []string {
	var all []string
	for _, s := range c.Scores {
		var checks []string
		for _, r := range s.Runs {
			for _, check := range r.Checks {
				if name := wordsOf(check.Name); check.Promised && check.Verdict == result.Fail && !slices.Contains(checks, name) {
					checks = append(checks, name)
				}
			}
		}
		if len(checks) > 0 {
			all = append(all, fmt.Sprintf("%s broke its promise: it failed the check %s.", s.Short, listed(checks)))
		}
	}
	return all
}

// rule is how strategies are ranked, in words.
var rule = fmt.Sprintf("Ranked are strategies that promise never to oversell, in valid and complete runs, and kept it. Refusing buyers is an easy way not to oversell, so the fewest false refusals come first "+
	"(within %s of orders counts as equal), then the units filled (within %s), then the 99th percentile of latency. In measured runs, what chance makes of so few orders counts as equal too.", percent(sameRefusals), percent(sameFillRate))

// Sentence says what a strategy did to customers.
func (s *score) Sentence() string {
	switch {
	case s.Blank():
		return "It did not run."
	case s.Oversold.Max == 0 && !s.Complete:
		return "Cut short before it sold stock that did not exist."
	case s.Oversold.Max == 0 && !s.Valid:
		return "It sold no stock that did not exist, which proves nothing."
	case s.Shop.Modelled || s.Variant != "" && s.Oversold.Min == s.Oversold.Max:
		return s.toCustomers()
	case s.Oversold.Max == 0:
		return "0 customers were sold stock that did not exist."
	}
	words := rangeOf(s.Oversold) + " were promised that did not exist"
	if s.Oversold.Max == 1 {
		words = rangeOf(s.Oversold) + " was promised that did not exist"
	}
	if n := s.customers(); n > 0 {
		words = were(n, "customer was", "customers were") + " sold stock that did not exist: " + rangeOf(s.Oversold)
	}
	if len(s.Runs) > 1 {
		words += fmt.Sprintf(" in the worst of %d seeds", len(s.Runs))
	}
	return words + "."
}

// customers are those of the worst seed who were sold stock that did not exist.
func (s *score) customers() (worst int64) {
	for _, r := range s.Runs {
		worst = max(worst, r.Orders.Oversold)
	}
	return worst
}

// rangeOf is "1 unit", "412 units" or "412–420 units".
func rangeOf(o result.Oversold) string {
	if o.Min == o.Max {
		return plural(o.Min, "unit")
	}
	return oversold(o) + " units"
}

// Word is the score's verdict in a word that stands by itself.
func (s *score) Word() string {
	switch {
	case s.Blank():
		return "not run"
	case s.Verdict == result.Fail: // a promise that was broken stays so, whatever else is wrong
		return "fail"
	case !s.Complete:
		return "cut short"
	case !s.Valid:
		return "invalid"
	case s.IsControl:
		return "control"
	case s.Verdict == result.Pass && !s.Promises:
		return "no promise"
	case s.Verdict == result.Pass:
		return "pass"
	}
	return strings.ReplaceAll(s.Verdict, "_", " ")
}

// replayed says whether the demand was an order log, which has nothing of the scenario's spike.
func replayed(d result.Demand) bool { return d.Source != "synthetic" && d.Source != "" }

// days is the length of the demand in days, rounded up.
func days(d result.Demand) int { return int(math.Ceil(d.DayS / 86400)) }

// About says what the runs met. A scenario's own words are about the day that it draws, not about a log.
func (c *comparison) About() string {
	if !replayed(c.File.Demand) {
		return c.File.About
	}
	return logInWords(c.File.Demand) + ", met by the shop of scenario " + c.File.Scenario + "."
}

// logInWords says which order log was replayed, how often and how long.
func logInWords(d result.Demand) string {
	text := "Orders of " + path.Base(filepath.ToSlash(d.Source))
	if d.SpikeFactor > 1 {
		text += fmt.Sprintf(", each %s times", trimmed(d.SpikeFactor, 2))
	}
	if n := days(d); n > 1 {
		text += fmt.Sprintf(", over %d days", n)
	}
	return text
}

// demandInWords is one line that says what all runs of f met.
func demandInWords(f *result.File) string {
	d := f.Demand
	if replayed(d) {
		return fmt.Sprintf("%s: %s, %s SKUs", f.Scenario, logInWords(d), count(int64(d.SKUs)))
	}
	return fmt.Sprintf("%s, %s SKUs of %s, %s demand", f.Scenario, count(int64(d.SKUs)), count(int64(d.SKUsAtScale1)), d.Source)
}
