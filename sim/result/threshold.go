package result

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// Threshold is a condition on one field of a run, such as "rates.cancellation < 0.0004", or, for some engines only,
// "memory/quota: units.stranded < 100".
type Threshold struct {
	Expr   string // as it was written
	Engine string // a name or a pattern such as memory/*; empty: every engine that promises no oversell
	field  []string
	op     string
	text   string  // what a string is compared with
	number float64 // what a number, or a bool as 0 or 1, is compared with
}

// ThresholdResult is what a threshold says of one run.
type ThresholdResult struct {
	Expr   string
	Engine string // of the run; of the threshold where no run was to be judged
	Actual string
	OK     bool
}

var thresholdForm = regexp.MustCompile(`^(?:([^\s:<>=!]+)\s*:)?\s*([^\s:<>=!]+)\s*(<=|>=|==|!=|<|>)\s*(\S.*)$`)

// ParseThreshold reads "[ENGINE: ]FIELD OP VALUE". FIELD is a path in a run of the result file; OP is one of
// < <= > >= == !=; VALUE is a number, true or false, or, with == and !=, a word.
func ParseThreshold(expr string) (Threshold, error) {
	m := thresholdForm.FindStringSubmatch(strings.TrimSpace(expr))
	if m == nil {
		return Threshold{}, fmt.Errorf("threshold %q: expected FIELD OP VALUE, as in rates.cancellation < 0.0004", expr)
	}
	t := Threshold{Expr: strings.TrimSpace(expr), Engine: m[1], field: strings.Split(m[2], "."), op: m[3], text: strings.TrimSpace(m[4])}
	if _, err := path.Match(t.Engine, ""); err != nil {
		return Threshold{}, fmt.Errorf("threshold %q: engine pattern %s: %w", expr, t.Engine, err)
	}
	kind, err := knownField(t.field)
	if err == nil {
		err = t.setValue(kind)
	}
	if err != nil {
		return Threshold{}, fmt.Errorf("threshold %q: %w", expr, err)
	}
	return t, nil
}

func (t *Threshold) setValue(kind reflect.Kind) (err error) {
	ordered := t.op != "==" && t.op != "!="
	switch kind {
	case reflect.String:
		if ordered {
			return fmt.Errorf("a word can't be compared with %s: expected == or !=", t.op)
		}
		return nil
	case reflect.Bool:
		b, err := strconv.ParseBool(t.text)
		if err != nil || ordered {
			return fmt.Errorf("found %s %s: expected == or != and true or false", t.op, t.text)
		}
		t.number = truth(b)
		return nil
	}
	if t.number, err = strconv.ParseFloat(t.text, 64); err != nil || t.number != t.number {
		return fmt.Errorf("found %q: expected a number", t.text)
	}
	return nil
}

// Evaluate judges the runs of f. A threshold applies to the runs whose engine promises no oversell unless it names engines;
// a run made only as control is judged only where its engine is named in full. Where there is nothing to judge, and where a
// run was cut short or lacks the entry, the answer is not OK.
func (t Threshold) Evaluate(f *File) []ThresholdResult {
	var all []ThresholdResult
	for i := range f.Runs {
		if run := &f.Runs[i]; t.applies(run) {
			actual, err := t.judge(run)
			r := ThresholdResult{Expr: t.Expr, Engine: run.Engine, Actual: actual, OK: err == nil}
			if err != nil && !errors.Is(err, errNotMet) {
				r.Actual = err.Error()
			}
			all = append(all, r)
		}
	}
	if all == nil {
		return []ThresholdResult{{Expr: t.Expr, Engine: t.Engine, Actual: "no run to judge"}}
	}
	return all
}

func (t Threshold) applies(r *Run) bool {
	if t.Engine == "" || r.IsControl {
		return t.Engine == r.Engine || t.Engine == "" && r.PromisesNoOversell && !r.IsControl
	}
	named, _ := path.Match(t.Engine, r.Engine)
	return named
}

var errNotMet = errors.New("not met")

func (t Threshold) judge(r *Run) (actual string, err error) {
	v, ok := at(reflect.ValueOf(*r), t.field)
	if !ok {
		return "", fmt.Errorf("the run has no %s", strings.Join(t.field, "."))
	}
	if !r.Complete {
		return "", fmt.Errorf("%v, in a run that is not complete", v)
	}
	var order int
	switch v.Kind() {
	case reflect.String:
		order = strings.Compare(v.String(), t.text)
	case reflect.Bool:
		order = cmp.Compare(truth(v.Bool()), t.number)
	case reflect.Float64:
		order = cmp.Compare(v.Float(), t.number)
	case reflect.Uint64:
		order = cmp.Compare(float64(v.Uint()), t.number)
	default:
		order = cmp.Compare(float64(v.Int()), t.number)
	}
	if !holds(t.op, order) {
		err = errNotMet
	}
	return fmt.Sprint(v), err
}

func holds(op string, order int) bool {
	switch op {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "==":
		return order == 0
	}
	return order != 0
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
