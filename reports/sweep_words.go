package reports

import (
	"fmt"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// Headline is the answer in one sentence.
func (s *sweepResult) Headline() string {
	switch {
	case s.Best != nil && len(s.Keys) > 0:
		return "Choose " + s.Name(s.Best) + "."
	case s.Best != nil:
		return "There was one point only: nothing to choose from."
	case len(s.Points)+len(s.LeftOut) == 0:
		return "No point was finished: nothing can be recommended."
	case len(s.Points) == 0:
		return "No point can be recommended: the runs prove nothing."
	}
	return "No point can be recommended."
}

// Why says what the recommended point does, or why there is none.
func (s *sweepResult) Why() string {
	if s.Best == nil {
		return s.whyNone()
	}
	b := s.Best
	text := fmt.Sprintf("Of %s it has the least %s: %s.", plural(int64(len(s.eligible())), "point"), s.aimInWords(), inWordsWith(s.Aim, b.Aim))
	return text + fmt.Sprintf(" It refuses %s of orders although stock was there, and promises and then cancels %s.", percent(b.Lost.mean), percent(b.Cancelled.mean))
}

func (s *sweepResult) aimInWords() string {
	if s.Costed() {
		return "cost of disappointed customers"
	}
	return "orders gone wrong (refused although stock was there, or promised and then cancelled; one counts as much as the other)"
}

// Costed says whether points are ranked by money.
func (s *sweepResult) Costed() bool { return s.Aim.Name == inMoney("").Name }

func (s *sweepResult) whyNone() string {
	if len(s.Points) == 0 {
		return "What is shown below says why."
	}
	return "A point is recommended if its engine promises never to oversell and kept that, in valid and complete runs, and its channels do what channels can do. None here is."
}

// inWordsWith writes a mean with its interval.
func inWordsWith(o outcome, p paired) string {
	text := o.write(p.mean)
	if p.seeds > 1 {
		text += fmt.Sprintf(" (95"+nbsp+"%%: %s to %s, over %d seeds)", o.write(max(0, p.low)), o.write(p.high), p.seeds)
	}
	return text
}

// briefly is inWordsWith for a table: USD 74 [0, 196].
func briefly(o outcome, p paired) string {
	text := o.write(p.mean)
	if p.seeds > 1 {
		text += " [" + o.bare(max(0, p.low)) + ", " + o.bare(p.high) + "]"
	}
	return text
}

// Sure says how sure the recommendation is.
func (s *sweepResult) Sure() string {
	switch {
	case s.Best == nil || len(s.Keys) == 0:
		return ""
	case len(s.Best.Runs) < 2:
		return "It ran with one seed, so there is no interval: another day might favour another point. Use --runs 5 or more."
	}
	var as []string
	for _, p := range s.asGood() {
		as = append(as, s.Name(p))
	}
	if len(as) == 0 {
		return fmt.Sprintf("Seed by seed, every other point is worse (95"+nbsp+"%% each, %d pairs).", len(s.Best.Runs))
	}
	more := ""
	if n := len(as); n > 3 {
		as, more = as[:3], fmt.Sprintf(" and %s more", plural(int64(n-3), "point"))
	}
	return fmt.Sprintf("Seed by seed, no difference is shown (95"+nbsp+"%%) from %s%s: choose among these by what else you know.", strings.Join(as, "; from "), more)
}

// asGood are the other points that are not shown to be worse than the recommended one, on the seeds that both have.
func (s *sweepResult) asGood() []*sweepPoint {
	var all []*sweepPoint
	for _, p := range s.eligible() {
		if p == s.Best {
			continue
		}
		if d := p.less(s.Best, s.Aim); d.seeds < 2 || d.low <= 0 {
			all = append(all, p)
		}
	}
	return all
}

// less is by how much an outcome of p is above that of q, seed by seed.
func (p *sweepPoint) less(q *sweepPoint, o outcome) paired {
	bySeed := map[uint64]*result.Run{}
	for _, r := range q.Runs {
		bySeed[r.Seed] = r
	}
	var differences []float64
	for _, r := range p.Runs {
		if other := bySeed[r.Seed]; other != nil {
			differences = append(differences, o.of(r)-o.of(other))
		}
	}
	return meanOf(differences)
}

// Cost says what the recommended point gives up against the ends of the frontier.
func (s *sweepResult) Cost() string {
	if s.Best == nil || len(s.Frontier) < 2 {
		return ""
	}
	var parts []string
	if p := s.Frontier[0]; p != s.Best {
		parts = append(parts, fmt.Sprintf("with %s the fewest orders are refused although stock was there, %s, and %s are promised and then cancelled", s.Name(p), percent(p.Lost.mean), percent(p.Cancelled.mean)))
	}
	if p := s.Frontier[len(s.Frontier)-1]; p != s.Best {
		parts = append(parts, fmt.Sprintf("with %s the fewest are promised and then cancelled, %s, and %s are refused although stock was there", s.Name(p), percent(p.Cancelled.mean), percent(p.Lost.mean)))
	}
	return "What it gives up: " + strings.Join(parts, "; ") + "."
}

// Lucky warns of the best of many.
func (s *sweepResult) Lucky() string {
	if s.Best == nil || len(s.eligible()) < 2 {
		return ""
	}
	text := fmt.Sprintf("The best of %d points is likely to have been a little lucky, too: its figures are those of the days that it was chosen by.", len(s.eligible()))
	if replay := s.Best.replay(); replay != "" {
		text += " Run it again on days that had no part in the choice, with another --seed and --runs:"
	}
	return text
}

// Again is the command that runs the recommended point.
func (s *sweepResult) Again() string {
	if s.Lucky() == "" {
		return ""
	}
	return s.Best.replay()
}

func (p *sweepPoint) replay() string {
	for _, c := range p.Runs[0].Checks {
		if c.Replay != "" {
			return c.Replay
		}
	}
	return ""
}

// About says what was swept.
func (s *sweepResult) About() string {
	var keys []string
	for _, k := range s.Keys {
		keys = append(keys, fmt.Sprintf("%s (%d)", k.Name, len(k.Values)))
	}
	text := fmt.Sprintf("%s: a sweep of %s over %s, %s of %s", s.File.Scenario, listed(keys), plural(int64(s.Seeds), "seed"), count(s.File.Found()), plural(s.File.Sweep.Points, "point"))
	if shard := s.File.Sweep.Shard; shard != "" {
		text += ", shard " + shard
	}
	if n := s.File.Sweep.Sample; n > 0 {
		text += ", a Latin hypercube"
	}
	if len(s.Fixed) > 0 {
		text += "; everywhere " + s.Fixed.String()
	}
	return text + "."
}

// Unfinished says that points are missing.
func (s *sweepResult) Unfinished() string {
	if s.File.Complete {
		return ""
	}
	return fmt.Sprintf("Incomplete: %s of %s were finished. What is said below is of these alone; the same command goes on with the rest.",
		count(s.File.Found()), plural(s.File.Sweep.Points, "point"))
}

// Broken says which points' engines broke their promise, and how to see it again; the first few of them.
func (s *sweepResult) Broken() []string {
	var all []string
	for _, p := range s.Points {
		for _, r := range p.Runs {
			for _, c := range r.Checks {
				if c.Promised && c.Verdict == result.Fail && len(all) < mostInText {
					all = append(all, fmt.Sprintf("%s broke its promise at %s, seed %d: it failed the check %s. %s", p.Engine, s.Name(p), r.Seed, wordsOf(c.Name), c.Replay))
				}
			}
		}
	}
	return all
}

// Flat names keys that change nothing: a setting that has no effect is mostly a mistake.
func (s *sweepResult) Flat() []string {
	var all []string
	for i, k := range s.Keys {
		lost, _ := s.sensitivity(i, k, lostSales)
		broken, ok := s.sensitivity(i, k, brokenPromises)
		if ok && lost.span() == 0 && broken.span() == 0 && len(s.Points) > 1 {
			all = append(all, k.Name+" changes nothing here: does another setting turn it off?")
		}
	}
	return all
}
