package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"` // what is skipped is counted there: the common schema has no place for it here
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string      `xml:"classname,attr"`
	Name    string      `xml:"name,attr"`
	Failure *junitCause `xml:"failure"`
	Error   *junitCause `xml:"error"`
	Skipped *junitCause `xml:"skipped"`
	Output  string      `xml:"system-out,omitempty"`
}

type junitCause struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes f as a test report: a suite for each run with a case for each check, and a suite of the thresholds, if any.
// A failed check that the engine promises to pass is a failure, one it doesn't promise is skipped with its detail; an unknown verdict
// and an invalid run are errors.
func JUnit(w io.Writer, f *result.File, thresholds ...result.ThresholdResult) error {
	all := junitSuites{Name: f.Scenario}
	for i := range f.Runs {
		all.add(runSuite(f.Scenario, &f.Runs[i]))
	}
	if len(thresholds) > 0 {
		all.add(thresholdSuite(f.Scenario, thresholds))
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (all *junitSuites) add(s junitSuite) {
	for _, c := range s.Cases {
		s.Tests++
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	all.Tests, all.Failures, all.Errors = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors
	all.Suites = append(all.Suites, s)
}

func runSuite(scenario string, r *result.Run) junitSuite {
	name := strings.Join(strings.Fields(fmt.Sprintf("%s %s %s seed %d %s", scenario, r.Engine, r.Variant, r.Seed, r.Settings)), " ")
	s := junitSuite{Name: name, Time: trimmed(r.ElapsedS, 3)}
	valid := junitCase{Class: name, Name: "valid"}
	if !r.Valid || !r.Complete || r.Error != "" {
		valid.Error = &junitCause{Message: whyInvalid(r)}
	}
	s.Cases = append(s.Cases, valid)
	for _, c := range r.Checks {
		s.Cases = append(s.Cases, checkCase(name, c))
	}
	return s
}

func whyInvalid(r *result.Run) string {
	why := slices.Clone(invalidity(r))
	if !r.Complete {
		why = append(why, "The run was cut short")
	}
	if r.Error != "" {
		why = append(why, r.Error)
	}
	if len(why) == 0 {
		return "The run is invalid."
	}
	if len(why) == 1 {
		return why[0]
	}
	for i := range why {
		why[i] = sentence(why[i])
	}
	return strings.Join(why, " ")
}

func checkCase(class string, c result.Check) junitCase {
	out := junitCase{Class: class, Name: c.Name}
	cause := &junitCause{Message: c.Detail, Text: fmt.Sprintf("limit: %s\nactual: %s\nreplay: %s\n", c.Limit, c.Actual, c.Replay)}
	switch c.Verdict {
	case result.Pass:
		out.Output = fmt.Sprintf("%s compared", plural(c.Evidence, "thing"))
	case result.Fail:
		if c.Promised {
			out.Failure = cause
		} else {
			out.Skipped = &junitCause{Message: "failed, and is not promised: " + c.Detail}
		}
	case result.NotChecked:
		out.Skipped = &junitCause{Message: "not checked: " + c.Detail}
	default: // a verdict that we don't know is no better than unknown
		out.Error = cause
	}
	return out
}

func thresholdSuite(scenario string, thresholds []result.ThresholdResult) junitSuite {
	s := junitSuite{Name: scenario + " thresholds", Time: "0"}
	for _, t := range thresholds {
		c := junitCase{Class: s.Name, Name: strings.TrimSpace(t.Engine + " " + t.Expr)}
		if !t.OK {
			c.Failure = &junitCause{Message: fmt.Sprintf("%s: found %s", t.Expr, t.Actual)}
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}
