package result

import (
	"reflect"
	"strings"
	"testing"
)

func TestThresholdsJudge(t *testing.T) {
	for _, c := range []struct {
		expr string
		want []ThresholdResult // without Expr
	}{
		{"rates.cancellation < 0.0004", []ThresholdResult{{Engine: "memory/quota", Actual: "0.0003", OK: true}, {Engine: "memory/queue", Actual: "0.0003", OK: true}}},
		{"units.stranded < 100", []ThresholdResult{{Engine: "memory/quota", Actual: "120"}, {Engine: "memory/queue", Actual: "0", OK: true}}},
		{"memory/quota: units.stranded <= 120", []ThresholdResult{{Engine: "memory/quota", Actual: "120", OK: true}}},
		{"memory/*: units.oversold.max == 0", []ThresholdResult{
			{Engine: "memory/naive", Actual: "12"}, {Engine: "memory/quota", Actual: "0", OK: true}, {Engine: "memory/queue", Actual: "0", OK: true}}},
		{"*/naive: units.oversold.max > 0", []ThresholdResult{{Engine: "memory/naive", Actual: "12", OK: true}}},
		{"postgres/naive: units.oversold.max >= 1", []ThresholdResult{{Engine: "postgres/naive", Actual: "0"}}},
		{"memory/queue: channels.amazon.cancellation_rate != 0.01", []ThresholdResult{{Engine: "memory/queue", Actual: "0.01"}}},
		{"memory/queue: checks.oversold.verdict == pass", []ThresholdResult{{Engine: "memory/queue", Actual: "pass", OK: true}}},
		{"memory/naive:checks.oversold.verdict==pass", []ThresholdResult{{Engine: "memory/naive", Actual: "fail"}}},
		{"memory/queue: valid == true", []ThresholdResult{{Engine: "memory/queue", Actual: "true", OK: true}}},
		{"memory/queue: contention.retries < 7", []ThresholdResult{{Engine: "memory/queue", Actual: "7"}}},
		{"memory/queue: hot.door-1.sold_out_at_ms == -1", []ThresholdResult{{Engine: "memory/queue", Actual: "-1", OK: true}}},
		{"memory/queue: seed != 2", []ThresholdResult{{Engine: "memory/queue", Actual: "1", OK: true}}},
		{"memory/queue: contention.retires < 7", []ThresholdResult{{Engine: "memory/queue", Actual: "the run has no contention.retires"}}},
		{"memory/queue: channels.amazn.asked > 0", []ThresholdResult{{Engine: "memory/queue", Actual: "the run has no channels.amazn.asked"}}},
		{"redis/*: events > 0", []ThresholdResult{{Engine: "redis/*", Actual: "no run to judge"}}},
	} {
		th, err := ParseThreshold(c.expr)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		for i := range c.want {
			c.want[i].Expr = c.expr
		}
		if got := th.Evaluate(sample()); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", c.expr, got, c.want)
		}
	}
}

func TestThresholdFailsOnARunCutShort(t *testing.T) {
	f := sample()
	f.Runs[2].Complete = false
	th, err := ParseThreshold("memory/queue: units.oversold.max == 0")
	if err != nil {
		t.Fatal(err)
	}
	got := th.Evaluate(f)
	if len(got) != 1 || got[0].OK || got[0].Actual != "0, in a run that is not complete" {
		t.Errorf("got %+v", got)
	}
}

func TestThresholdRefuses(t *testing.T) {
	for expr, want := range map[string]string{
		"":                             "expected FIELD OP VALUE",
		"rates.cancellation":           "expected FIELD OP VALUE",
		"rates.cancellation < ":        "expected FIELD OP VALUE",
		"rates.cancelation < 1":        "the nearest is rates.cancellation",
		"p99 < 1":                      "the nearest is latency_ms.intended.p99",
		"units.oversold < 1":           "the nearest is units.oversold.m",
		"channels.amazon.promise < 1":  "the nearest is channels.amazon.promised",
		"series.asked < 1":             "no field series.asked",
		"examples.door-1.at_ms < 1":    "no field examples",
		"units.stranded < many":        `found "many": expected a number`,
		"units.stranded < NaN":         "expected a number",
		"valid < true":                 "expected == or !=",
		"valid == maybe":               "true or false",
		"verdict < pass":               "a word can't be compared with <",
		"memory/[: units.stranded < 1": "engine pattern memory/[",
		"contention. < 1":              "no field contention.",
	} {
		if _, err := ParseThreshold(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", expr, err, want)
		}
	}
}
