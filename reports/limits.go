package reports

import (
	"fmt"
	"slices"
	"strings"
)

// limit is what a marketplace allows of cancellations by the seller, and who keeps to it.
type limit struct {
	Marketplace, Allows string
	Window              int // days that the marketplace measures over
	share               float64
	strictly            bool // the limit itself is already too much
	Rows                []limitRow
}

// limitRow is what one strategy's day does to a marketplace's window.
type limitRow struct {
	Engine, Rate string
	Within       bool
	Adds         string // to the window, in points
	Alone        string // how busy the day must be to breach the whole window by itself; empty: it can't
}

// The marketplaces' published limits on cancellations by the seller. Walmart's window is that of its seller performance standards; eBay looks back
// three months or a year at fixed dates, and 60 days stand here for it: a day weighs less there than this says.
var marketplaceLimits = []limit{
	{Marketplace: "Amazon", Allows: "below 2.5 %", Window: 7, share: 0.025, strictly: true},
	{Marketplace: "Walmart", Allows: "at most 2 %", Window: 30, share: 0.02},
	{Marketplace: "eBay, minimum standard", Allows: "at most 2 %", Window: 60, share: 0.02},
	{Marketplace: "eBay, Top Rated", Allows: "at most 0.5 %", Window: 60, share: 0.005},
}

// limits hold the strategies shown against the marketplaces; those whose runs prove nothing are left out, all of them gives nil.
func limits(c *comparison) []limit {
	judged := slices.DeleteFunc(slices.Clone(c.shown()), func(s *score) bool { return !s.Proven() })
	if len(judged) == 0 {
		return nil
	}
	all := slices.Clone(marketplaceLimits)
	for i := range all {
		for _, s := range judged {
			all[i].Rows = append(all[i].Rows, all[i].row(s, min(days(c.File.Demand), all[i].Window)))
		}
	}
	return all
}

// row holds one strategy's day, or as many days as were run, against the limit.
func (l *limit) row(s *score, ran int) limitRow {
	rate := s.rateAt(l.Marketplace)
	r := limitRow{Engine: s.Short, Rate: percent(rate), Adds: "adds nothing"}
	r.Within = rate < l.share || rate == l.share && !l.strictly
	if rate > 0 {
		r.Adds = fmt.Sprintf("adds %s points in %d days", points(rate*float64(ran)/float64(l.Window)), l.Window)
	}
	if times := l.alone(rate, ran); times > 0 {
		r.Alone = figures(times, 2) + nbsp + "×"
	}
	return r
}

// alone is how many times the orders of an ordinary day these days must have had each, to breach the window by themselves when nothing was cancelled
// on its other days; 0: they can't, however busy they were.
func (l *limit) alone(rate float64, ran int) float64 {
	if rate <= l.share {
		return 0
	}
	weight := l.share / rate // of the window's orders
	return weight / (1 - weight) * float64(l.Window-ran) / float64(ran)
}

// points writes a share as percentage points.
func points(share float64) string { return strings.TrimSuffix(percent(share), nbsp+"%") }

// rateAt is the cancellation rate that a marketplace sees: of its own channel in the worst seed, if the shop has one by its name, else of
// all orders.
func (s *score) rateAt(marketplace string) float64 {
	rate, found := 0.0, false
	name, _, _ := strings.Cut(strings.ToLower(marketplace), ",")
	for _, r := range s.Runs {
		for _, ch := range r.Channels {
			if strings.ToLower(ch.Name) == name {
				rate, found = max(rate, ch.CancellationRate), true
			}
		}
	}
	if !found {
		return s.Cancellation
	}
	return rate
}
