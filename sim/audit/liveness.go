package audit

import (
	"fmt"
	"strings"

	"github.com/doorbuster/doorbuster/engines"
)

// liveness keeps a run that proves nothing from passing: an engine that refuses everything oversells nothing.
type liveness struct{}

func (*liveness) about() about {
	return about{
		name: "liveness", limit: "every kind of operation succeeds at least once", always: true,
		notSeen: "Whether operations succeeded as often as they should: see refused_falsely. Kinds that were never asked for.",
	}
}

func (*liveness) judge(c *closing) finding {
	var asked int64
	var never []string
	for _, k := range engines.Kinds() {
		n := c.ledger.Kind(k)
		if n.Asked == 0 {
			continue
		}
		asked++
		if n.Done == 0 {
			never = append(never, fmt.Sprintf("%s (asked %d times)", k, n.Asked))
		}
	}
	f := finding{evidence: asked, actual: fmt.Sprintf("%d of %d kinds", asked-int64(len(never)), asked)}
	switch {
	case asked == 0:
		f.verdict, f.detail = Unknown, "Nothing was asked, so nothing is proven."
	case len(never) > 0:
		f.verdict, f.detail = Unknown, "Never succeeded: "+strings.Join(never, ", ")+"."
	default:
		f.verdict, f.detail = Pass, fmt.Sprintf("Each of %d kinds of operation succeeded at least once.", asked)
	}
	return f
}
