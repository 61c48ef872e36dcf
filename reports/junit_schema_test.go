package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

// element is what the common schema of JUnit reports allows of one element. This is a restatement, in the words that JUnit uses, of Jenkins'
// junit-10.xsd, the schema that most tools refer to; it is not that file, since no validator of XML Schema is at hand without a network.
type element struct {
	required, optional []string // attributes
	children           []string // in any order and number
	text               bool
}

var junitSchema = map[string]element{
	"testsuites": {optional: []string{"name", "time", "tests", "failures", "errors"}, children: []string{"testsuite"}},
	"testsuite": {required: []string{"name", "tests", "failures", "errors"},
		optional: []string{"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
		children: []string{"testsuite", "properties", "testcase", "system-out", "system-err"}},
	"testcase": {required: []string{"name"}, optional: []string{"time", "classname", "group"},
		children: []string{"skipped", "error", "failure", "system-out", "system-err"}},
	"failure":    {optional: []string{"type", "message"}, text: true},
	"error":      {optional: []string{"type", "message"}, text: true},
	"skipped":    {optional: []string{"type", "message"}, text: true},
	"system-out": {text: true},
	"system-err": {text: true},
}

// junitTime is the schema's pattern of a time in seconds.
var junitTime = regexp.MustCompile(`^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?$`)

// breaches are what is wrong with a report by the schema.
func breaches(report io.Reader) (all []string, err error) {
	dec := xml.NewDecoder(report)
	var open []string
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			all = append(all, misplaced(open, token)...)
			open = append(open, token.Name.Local)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 && !junitSchema[open[len(open)-1]].text && strings.TrimSpace(string(token)) != "" {
				all = append(all, fmt.Sprintf("text %q in %s", token, open[len(open)-1]))
			}
		}
	}
}

func misplaced(open []string, e xml.StartElement) (all []string) {
	name := e.Name.Local
	rule, known := junitSchema[name]
	switch {
	case !known:
		return []string{"no element " + name}
	case len(open) == 0 && name != "testsuites" && name != "testsuite":
		all = append(all, name+" at the root")
	case len(open) > 0 && !slices.Contains(junitSchema[open[len(open)-1]].children, name):
		all = append(all, name+" in "+open[len(open)-1])
	}
	var has []string
	for _, a := range e.Attr {
		has = append(has, a.Name.Local)
		if !slices.Contains(rule.required, a.Name.Local) && !slices.Contains(rule.optional, a.Name.Local) {
			all = append(all, fmt.Sprintf("%s has the attribute %s", name, a.Name.Local))
		}
		if a.Name.Local == "time" && strings.HasPrefix(name, "testsuite") && !junitTime.MatchString(a.Value) {
			all = append(all, fmt.Sprintf("%s has the time %s", name, a.Value))
		}
	}
	for _, must := range rule.required {
		if !slices.Contains(has, must) {
			all = append(all, name+" lacks "+must)
		}
	}
	return all
}

func TestJUnitKeepsToTheCommonSchema(t *testing.T) {
	f := fixture(t)
	f.Scenario = `<b>"names" & such</b>`
	f.Runs[0].ElapsedS = 12345.678
	f.Runs[1].Checks[0] = result.Check{Name: "over\x00sold", Promised: true, Verdict: result.Fail, Detail: "4 ]]> units", Replay: "doorbuster run"}
	f.Runs[2].Valid, f.Runs[2].Invalid = false, []string{"it lagged", "it dropped"}
	var b bytes.Buffer
	if err := JUnit(&b, f, result.ThresholdResult{Expr: "units.stranded < 5", Engine: "memory/quota", Actual: "9"}); err != nil {
		t.Fatal(err)
	}
	all, err := breaches(&b)
	if err != nil || len(all) > 0 {
		t.Errorf("%v %q", err, all)
	}
}

// Every rule of the schema is broken once.
func TestJUnitSchemaCanBeBroken(t *testing.T) {
	for report, want := range map[string]string{
		`<testsuites skipped="1"></testsuites>`:                                                       "testsuites has the attribute skipped",
		`<testsuites><testcase name="x"></testcase></testsuites>`:                                     "testcase in testsuites",
		`<testcase name="x"></testcase>`:                                                              "testcase at the root",
		`<testsuite name="x" tests="1" failures="0"></testsuite>`:                                     "testsuite lacks errors",
		`<testsuite name="x" tests="1" failures="0" errors="0" time="1e-07"></testsuite>`:             "testsuite has the time 1e-07",
		`<testsuite name="x" tests="1" failures="0" errors="0">words</testsuite>`:                     `text "words" in testsuite`,
		`<testsuite name="x" tests="1" failures="0" errors="0"><case/></testsuite>`:                   "no element case",
		`<testsuite name="x" tests="1" failures="0" errors="0"><testcase classname="c"/></testsuite>`: "testcase lacks name",
	} {
		all, err := breaches(strings.NewReader(report))
		if err != nil || !slices.Equal(all, []string{want}) {
			t.Errorf("%s: got %q, %v; want %q", report, all, err, want)
		}
	}
}
