package reports

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

func junitOf(t *testing.T, f *result.File, thresholds ...result.ThresholdResult) junitSuites {
	t.Helper()
	var b bytes.Buffer
	if err := JUnit(&b, f, thresholds...); err != nil {
		t.Fatal(err)
	}
	var all junitSuites
	if err := xml.Unmarshal(b.Bytes(), &all); err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	return all
}

func TestJUnitCountsWhatTheAuditSays(t *testing.T) {
	f := fixture(t)
	good := junitOf(t, f)
	skipped := 0
	for _, s := range good.Suites {
		skipped += s.Skipped
	}
	if len(good.Suites) != 10 || good.Tests != 50 || good.Failures != 0 || good.Errors != 0 || skipped != 3 { // two oversold and not promised, one not checked
		t.Errorf("%d suites, %d tests, %d failures, %d errors, %d skipped", len(good.Suites), good.Tests, good.Failures, good.Errors, skipped)
	}
	f.Runs[1].Checks[0] = result.Check{Name: "oversold", Promised: true, Verdict: result.Fail, Detail: `4 units <beyond> "stock"`, Limit: "0", Actual: "4", Replay: "doorbuster run x --seed 9"}
	f.Runs[2].Checks[3].Verdict = result.Unknown
	f.Runs[3].Checks[3].Verdict = "later"
	f.Runs[4].Valid, f.Runs[4].Invalid = false, []string{"the control did not oversell"}
	bad := junitOf(t, f, result.ThresholdResult{Expr: "units.stranded < 5", Engine: "memory/quota", Actual: "9"}, result.ThresholdResult{Expr: "events > 0", Engine: "memory/queue", Actual: "7", OK: true})
	if bad.Tests != 52 || bad.Failures != 2 || bad.Errors != 3 {
		t.Errorf("%d tests, %d failures, %d errors", bad.Tests, bad.Failures, bad.Errors)
	}
	failure := bad.Suites[1].Cases[1].Failure
	if failure == nil || failure.Message != `4 units <beyond> "stock"` || !strings.Contains(failure.Text, "replay: doorbuster run x --seed 9") {
		t.Errorf("failure %+v", failure)
	}
	if invalid := bad.Suites[4].Cases[0]; invalid.Error == nil || invalid.Error.Message != "the control did not oversell" {
		t.Errorf("invalid run: %+v", invalid)
	}
	threshold := bad.Suites[10].Cases[0]
	if threshold.Failure == nil || threshold.Failure.Message != "units.stranded < 5: found 9" || bad.Suites[10].Cases[1].Failure != nil {
		t.Errorf("threshold %+v", threshold)
	}
}
