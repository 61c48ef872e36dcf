package sweep

import (
	"github.com/doorbuster/doorbuster/sim/result"
)

// slim leaves out of a run what a sweep has no use for: what happened when. A thousand days of series would be a gigabyte; each point's own
// command shows them again.
func slim(r *result.Run) {
	r.Series, r.Histograms, r.Hot, r.Examples = result.Series{}, result.Histograms{}, nil, nil
	r.Shop.UpdateP99MS, r.Shop.Pending, r.Shop.Cancelled = nil, nil, nil
	for i := range r.Checks {
		if c := &r.Checks[i]; c.Verdict == result.Pass || c.Verdict == result.NotChecked {
			c.Detail, c.Limit, c.Actual, c.NotSeen = "", "", "", ""
			if i > 0 { // one is enough: it is the run's
				c.Replay = ""
			}
		}
	}
}
