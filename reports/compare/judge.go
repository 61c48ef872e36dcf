package compare

import (
	"fmt"
	"math"
	"slices"
)

// judge corrects for the number of figures tested, over all pairs of the comparison, and gives the verdicts. Without the correction every second comparison of
// ten engines that didn't change would call something worse.
func (c *Comparison) judge() {
	var tested []*Figure
	for i := range c.Pairs {
		for j := range c.Pairs[i].Figures {
			if f := &c.Pairs[i].Figures[j]; f.Verdict == "" {
				tested = append(tested, f)
			}
		}
	}
	c.Tested = len(tested)
	adjust(tested)
	for _, f := range tested {
		f.judge()
	}
	for i := range c.Pairs {
		c.Pairs[i].judge()
	}
}

// adjust is the correction of Benjamini and Hochberg (1995): where nothing differs, the chance of any finding stays what it is for a single
// figure; where something does, findings that are none stay a small share of all.
func adjust(tested []*Figure) {
	byP := slices.Clone(tested)
	slices.SortStableFunc(byP, func(a, b *Figure) int {
		switch {
		case a.P > b.P:
			return -1
		case a.P < b.P:
			return 1
		}
		return 0
	})
	lowest, n := 1.0, float64(len(byP))
	for i, f := range byP {
		lowest = min(lowest, f.P*n/(n-float64(i)))
		f.PAdjusted = lowest
	}
}

func (f *Figure) judge() {
	shown := f.PAdjusted <= 1-Confidence && (f.Low > 0 || f.High < 0)
	switch {
	case !shown && f.P <= 1-Confidence:
		f.Verdict, f.Why = None, fmt.Sprintf("p = %.2g, but among all figures tested chance alone may do as much", f.P)
	case !shown:
		f.Verdict, f.Why = None, fmt.Sprintf("p = %.2g: chance alone may do as much", f.P)
	case math.Abs(f.Difference) < f.Smallest:
		f.Verdict, f.Why = None, "there is a difference, and it is smaller than one that matters"
	case f.Difference > 0 == (f.Better == "higher"):
		f.Verdict = Better
	default:
		f.Verdict = Worse
	}
}

// judge sums up the figures. Something worse is not made good by something better: that is for people to weigh.
func (p *Pair) judge() {
	has := func(verdict string) bool {
		return slices.ContainsFunc(p.Figures, func(f Figure) bool { return f.Verdict == verdict })
	}
	switch {
	case p.Broken != "" || has(Worse):
		p.Verdict = Worse
	case len(p.Figures) == 0 || has(TooFew):
		p.Verdict = TooFew
	case has(Better):
		p.Verdict = Better
	default:
		p.Verdict = None
	}
}
