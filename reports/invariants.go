package reports

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// invariants is every check on every strategy at a glance, and what broke first.
type invariants struct {
	Checks []string
	Rows   []invariantRow
	First  []violation
	Story  *story // of one oversold order; nil: none was
}

// invariantRow has a cell for each check.
type invariantRow struct {
	Engine string
	Cells  []invariantCell
}

// invariantCell is the worst of a strategy's seeds.
type invariantCell struct{ Verdict, Mark, Note string }

// Word is the cell in words.
func (c invariantCell) Word() string {
	return strings.ReplaceAll(strings.ReplaceAll(c.Verdict, "_", " "), "-", " ")
}

// violation is the earliest event at which a strategy failed a check.
type violation struct {
	Engine, Check, At, What, RunID string
	Promised                       bool
	ms                             int64 // of its run; negative: it has no time
	seed                           string
}

// story is one oversold order's own timeline.
type story struct {
	result.Example
	Engine, Clock string
}

// marks stand for verdicts where there is room for a sign only; each has its word beside it for who can't see it.
var marks = map[string]string{result.Pass: "✓", result.Fail: "✗", result.Unknown: "?", result.NotChecked: "–"}

// invariantsOf gathers the checks of all runs; nil if none was made.
func invariantsOf(c *comparison, views []*runView) *invariants {
	v := &invariants{}
	for _, s := range c.Scores {
		for _, r := range s.Runs {
			for _, check := range r.Checks {
				if !slices.Contains(v.Checks, check.Name) {
					v.Checks = append(v.Checks, check.Name)
				}
			}
		}
	}
	if v.Checks == nil {
		return nil
	}
	for _, s := range c.Scores {
		row := invariantRow{Engine: s.Short}
		for _, name := range v.Checks {
			row.Cells = append(row.Cells, cellOf(s, name))
		}
		v.Rows = append(v.Rows, row)
	}
	v.First, v.Story = violations(c, views), storyOf(c)
	return v
}

func cellOf(s *score, name string) invariantCell {
	cell := invariantCell{}
	failed, promised := 0, false
	for _, r := range s.Runs {
		for _, check := range r.Checks {
			if check.Name != name {
				continue
			}
			if cell.Verdict == "" {
				cell.Verdict = check.Verdict
			}
			cell.Verdict = worse(cell.Verdict, check.Verdict)
			promised = promised || check.Promised
			if check.Verdict == result.Fail {
				failed++
			}
		}
	}
	if cell.Verdict == "" {
		cell.Verdict = result.NotChecked
	}
	cell.Mark = marks[cell.Verdict]
	if failed > 0 && len(s.Runs) > 1 {
		cell.Note = fmt.Sprintf("%d of %d", failed, len(s.Runs))
	}
	if failed > 0 && !promised {
		cell.Verdict += " not-promised"
	}
	return cell
}

// violations are, for each strategy that failed checks, the earliest event that did; one whose checks know no time has its first check.
func violations(c *comparison, views []*runView) (all []violation) {
	for _, s := range c.Scores {
		var first *violation
		for _, v := range views {
			if slices.Contains(s.Runs, v.Run) {
				first = earlier(first, v.violation())
			}
		}
		if first == nil {
			continue
		}
		first.Engine = s.Short
		if len(s.Runs) > 1 {
			first.At += ", seed " + first.seed
		}
		all = append(all, *first)
	}
	return all
}

// violation is the run's earliest; nil if it failed no check. A false refusal is none: nobody promises that there is no such refusal, and it breaks no books.
func (v *runView) violation() (first *violation) {
	for _, check := range v.Checks {
		if check.Verdict != result.Fail || check.Name == "refused_falsely" && !check.Promised {
			continue
		}
		found := &violation{Check: check.Name, What: check.Detail, RunID: v.ID, Promised: check.Promised, At: "at the end", ms: check.FirstAtMS, seed: fmt.Sprint(v.Seed)}
		if found.ms >= 0 {
			found.At = v.Clock(found.ms)
		}
		first = earlier(first, found)
	}
	return first
}

// earlier is the one of two violations that came first; one without a time comes after all that have one.
func earlier(a, b *violation) *violation {
	switch {
	case a == nil:
		return b
	case b == nil, b.ms < 0, a.ms >= 0 && a.ms <= b.ms:
		return a
	}
	return b
}

// storyOf is the first oversold order of the control, or else of any strategy.
func storyOf(c *comparison) *story {
	for _, s := range slices.Concat(c.shown(), c.Scores) {
		for _, r := range s.Runs {
			if len(r.Examples) > 0 {
				e := r.Examples[0]
				return &story{Example: e, Engine: s.Short, Clock: exactClock(int64(float64(e.AtMS) * pace(r)))}
			}
		}
	}
	return nil
}

var leadingNumber = regexp.MustCompile(`^\d+`)

// margin says how far a check's figure is from its limit, where both begin with a number of the same things.
func margin(c result.Check) string {
	limit, err1 := strconv.ParseInt(leadingNumber.FindString(c.Limit), 10, 64)
	actual, err2 := strconv.ParseInt(leadingNumber.FindString(c.Actual), 10, 64)
	switch {
	case err1 != nil || err2 != nil || c.Verdict == result.NotChecked:
		return "–"
	case actual > limit:
		return count(actual-limit) + " too many"
	}
	return count(limit-actual) + " to spare"
}

// validity is how far a measured run was from being invalid.
type validity struct {
	Name                                string
	Lag, LagMargin, Dropped, DropMargin string
}

// validities has a line for each measured run.
func validities(views []*runView) (all []validity) {
	for _, v := range views {
		w := &v.Wall
		if w.LagLimitMS <= 0 {
			continue
		}
		dropped := share(v.Load.Dropped, v.Load.Planned)
		line := validity{Name: v.Name, Lag: fmt.Sprintf("%s of %s ms", millis(v.Load.LagMSP99), millis(w.LagLimitMS)), LagMargin: percent(1 - v.Load.LagMSP99/w.LagLimitMS),
			Dropped: fmt.Sprintf("%s of %s", percent(dropped), percent(w.DroppedLimit)), DropMargin: "–"}
		if w.DroppedLimit > 0 {
			line.DropMargin = percent(1 - dropped/w.DroppedLimit)
		}
		if v.SeedIfSeveral != "" {
			line.Name += " " + v.SeedIfSeveral
		}
		all = append(all, line)
	}
	return all
}
