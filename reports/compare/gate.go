package compare

import (
	"errors"
	"fmt"
	"math"
	"path"
	"regexp"
	"strings"
)

// Gate is a condition under which a comparison counts as failed.
type Gate struct {
	Expr   string
	engine string  // pattern; empty: all
	figure string  // empty: any
	by     float64 // at least; 0: any difference that matters
}

// GateResult is what a gate says of one pair of engines.
type GateResult struct {
	Expr   string
	Pair   string // empty: there was none
	Actual string
	Failed bool
	Open   bool // nothing can be said
}

var gateForm = regexp.MustCompile(`^(?:([^\s:]+)\s*:\s*)?(?:(\S+)\s+)?worse(?:\s+by\s+(\S+(?:\s*%)?))?$`)

// ParseGate reads "worse", "p99 worse" or "p99 worse by 5%", each with "ENGINE: " before it where it is for some engines only. What is worse by a share
// has the verdict and an estimated difference of at least that: of the old value for a latency, in points for a rate.
func ParseGate(expr string) (Gate, error) {
	text := strings.TrimSpace(expr)
	m := gateForm.FindStringSubmatch(text)
	if m == nil {
		return Gate{}, fmt.Errorf("%q: expected [ENGINE:] [FIGURE] worse [by SHARE], as in worse, or p99 worse by 5%%", expr)
	}
	g := Gate{Expr: text, engine: m[1], figure: m[2]}
	if _, err := path.Match(g.engine, ""); err != nil {
		return Gate{}, fmt.Errorf("%q: engine pattern %s: %w", expr, g.engine, err)
	}
	if g.figure != "" {
		if err := known(g.figure); err != nil {
			return Gate{}, fmt.Errorf("%q: %w", expr, err)
		}
	}
	if m[3] == "" {
		return g, nil
	}
	by, err := parseShare(m[3])
	switch {
	case err == nil && g.figure == "":
		err = errors.New("a share needs a figure that it is of, as in p99 worse by 5%")
	case err == nil && by == 0:
		err = errors.New("found 0: leave by out")
	}
	if err != nil {
		return Gate{}, fmt.Errorf("%q: %w", expr, err)
	}
	g.by = by
	return g, nil
}

// Evaluate holds the gate against every pair it is for. A pair that can't be judged leaves it open: to pass then would be a claim that nothing proves.
func (g Gate) Evaluate(c *Comparison) []GateResult {
	var all []GateResult
	for i := range c.Pairs {
		if p := &c.Pairs[i]; g.applies(p) {
			all = append(all, g.hold(p))
		}
	}
	if all == nil {
		return []GateResult{{Expr: g.Expr, Open: true, Actual: "no pair of engines to judge"}}
	}
	return all
}

func (g Gate) applies(p *Pair) bool {
	if g.engine == "" {
		return true
	}
	for _, name := range []string{p.Old, p.New} {
		engine, _, _ := strings.Cut(name, "@")
		if ok, err := path.Match(g.engine, engine); ok && err == nil {
			return true
		}
	}
	return false
}

func (g Gate) hold(p *Pair) GateResult {
	r := GateResult{Expr: g.Expr, Pair: p.Title()}
	if g.figure == "" && p.Broken != "" {
		r.Failed, r.Actual = true, "new "+p.Broken
		return r
	}
	var found []string
	for _, f := range p.Figures {
		if g.figure != "" && f.Name != g.figure {
			continue
		}
		r.Open = r.Open || f.Verdict == TooFew
		if f.Verdict == Worse && max(f.Difference, -f.Difference) >= g.by {
			r.Failed = true
			found = append(found, fmt.Sprintf("%s %s", f.Name, f.Change()))
		} else if g.figure != "" {
			found = append(found, fmt.Sprintf("%s, %s", f.Verdict, f.Change()))
		}
	}
	switch {
	case len(p.Figures) == 0:
		r.Open, r.Actual = true, "no run that proves anything"
	case len(found) == 0:
		r.Actual = "nothing worse"
	default:
		r.Actual = strings.Join(found, "; ")
	}
	if r.Open {
		r.Actual = TooFew
	}
	return r
}

// Title names the pair: one engine where both sides have the same.
func (p *Pair) Title() string {
	if p.Old == p.New {
		return p.Old
	}
	return p.Old + " → " + p.New
}

// Change writes the difference with its sign: per cent of the old value, or points of a rate.
func (f *Figure) Change() string {
	return signed(f.Difference, f.unit())
}

// Interval writes the interval of the difference.
func (f *Figure) Interval() string {
	return fmt.Sprintf("[%s, %s]", signed(f.Low, ""), signed(f.High, f.unit()))
}

func (f *Figure) unit() string {
	if f.Relative {
		return " %"
	}
	return " points"
}

// signed writes a share times 100 with three significant digits at the most, and without an exponent.
func signed(x float64, unit string) string {
	if x == 0 {
		return "0" + unit
	}
	digits := "%+.3g"
	switch a := math.Abs(x); {
	case a >= 10:
		digits = "%+.0f"
	case a < 1e-5:
		digits = fmt.Sprintf("%%+.%df", min(2-int(math.Floor(math.Log10(100*a))), 15))
	}
	return strings.Replace(fmt.Sprintf(digits, 100*x), "-", "−", 1) + unit
}
