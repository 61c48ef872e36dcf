package reports

import (
	"fmt"
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

// crowdedSweep has a long frontier, two strategies, two variants, money, and points that can't be ranked.
func crowdedSweep() *result.File {
	f := planted(3, func(a, b int) (int64, int64) { return int64(a*40 + b), int64(200 - a*50 + 15 - b) })
	f.About, f.Card.Command = "Test data.", "doorbuster sweep planted --set stock.a=0:3:1 --set sync.b=15m,1m,5m"
	f.Card.Servers = map[string]result.Server{}
	for i := range f.Runs {
		r := &f.Runs[i]
		r.Shop.Money = result.Money{Currency: "EUR", Total: 1000 + float64(3*r.Orders.RefusedFalsely+r.Orders.Cancelled.SellerOversold)}
	}
	for _, r := range f.Runs[:len(f.Runs):len(f.Runs)] {
		r.Engine, r.Orders.RefusedFalsely = "memory/serializable", r.Orders.RefusedFalsely+900
		f.Runs = append(f.Runs, r)
	}
	for i := range f.Runs {
		f.Runs[i].Variant = fmt.Sprintf("with-a-long-name-%d", i%2)
	}
	f.Runs[0].Valid, f.Runs[0].Invalid = false, []string{"The control memory/naive did not oversell, so nothing shows that this day could make an engine oversell."}
	f.Runs[9].Verdict = result.Fail
	return f
}

func TestSweepPageInABrowser(t *testing.T)        { lookAt(t, sweepHTML(t, planted(3, tradeOff)), 2) }
func TestCrowdedSweepPageInABrowser(t *testing.T) { lookAt(t, sweepHTML(t, crowdedSweep()), 2) }

func TestSweepPageKeepsNobodyOut(t *testing.T) {
	script := axeScript(t)
	b := openPage(t, sweepHTML(t, crowdedSweep()))
	for _, scheme := range []string{"light", "dark"} {
		b.show(t, 1280, scheme)
		for _, line := range axe(t, b, script, "{}") {
			t.Errorf("%s: %s", scheme, line)
		}
	}
}
