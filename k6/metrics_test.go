package k6

import (
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

// TestJudged: what isn't known to be right must not pass a threshold that asks for an audit.
func TestJudged(t *testing.T) {
	for name, c := range map[string]struct {
		run  result.Run
		want bool
	}{
		"kept its promise": {result.Run{Complete: true, Verdict: result.Pass}, true},
		"broke it":         {result.Run{Complete: true, Verdict: result.Fail}, true},
		"unknown":          {result.Run{Complete: true, Verdict: result.Unknown}, false},
		"cut short":        {result.Run{Verdict: result.Pass}, false},
		"a part":           {result.Run{Complete: true, Verdict: result.Pass, Segment: "0:1/4"}, false},
	} {
		if got := judged(&c.run); got != c.want {
			t.Errorf("a run that %s: judged %v, want %v", name, got, c.want)
		}
	}
}
