package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// broad says whether a file compares variants, or has a shop around its engines.
func broad(f *result.File) (varies, shop bool) {
	for i := range f.Runs {
		varies = varies || f.Runs[i].Variant != ""
		shop = shop || f.Runs[i].Shop.Modelled
	}
	return varies, shop
}

// backendOf is the backend that all engines share, with its slash, or "".
func backendOf(f *result.File) string {
	backend, _, _ := strings.Cut(f.Runs[0].Engine, "/")
	if slices.ContainsFunc(f.Runs, func(r result.Run) bool { return !strings.HasPrefix(r.Engine, backend+"/") }) {
		return ""
	}
	return backend + "/"
}

// names are the first cells of a run's line: its variant, if there are any, with its seed, and its engine.
func names(f *result.File, r *result.Run, varies bool) []string {
	engine := printable(strings.TrimPrefix(r.Engine, backendOf(f)))
	if !varies {
		return []string{engine + seedIfSeveral(f, r)}
	}
	return []string{printable(r.Variant) + seedIfSeveral(f, r), engine}
}

func seedIfSeveral(f *result.File, r *result.Run) string {
	if !severalSeeds(f) {
		return ""
	}
	return fmt.Sprintf(" #%d", r.Seed)
}

// shopRows is the table of a shop's runs: what customers met, and what it cost.
func shopRows(f *result.File, varies bool) textTable {
	g := textTable{left: 3, verdict: 2, rows: [][]string{
		{"engine", "figures", "verdict", "promised", "oversold", "by", "cancel", "cancel", "refused", "filled", "p99", "shown", "cost"},
		{"", "", "", "orders", "units", "engine", "led", "led %", "falsely", "%", "ms", "ms", currency(f)},
	}}
	costed := currency(f) != ""
	for i := range f.Runs {
		g.rows = append(g.rows, shopRow(f, &f.Runs[i], varies))
	}
	for i := range g.rows {
		if !costed {
			g.rows[i] = g.rows[i][:len(g.rows[i])-1]
		}
	}
	if varies {
		g.withVariants()
	}
	return g
}

// withVariants puts a column for the variant before the heading; the lines below have theirs.
func (g *textTable) withVariants() {
	g.rows[0] = append([]string{"variant"}, g.rows[0]...)
	g.rows[1] = append([]string{""}, g.rows[1]...)
	g.left, g.verdict = g.left+1, g.verdict+1
}

func currency(f *result.File) string {
	for i := range f.Runs {
		if m := f.Runs[i].Shop.Money; m.Currency != "" {
			return printable(m.Currency)
		}
	}
	return ""
}

func shopRow(f *result.File, r *result.Run, varies bool) []string {
	row := append(names(f, r, varies), kindOfFigure(r.Mode), shownVerdict(r))
	if blank(r) {
		return append(row, "–", "–", "–", "–", "–", "–", "–", "–", "–", "–")
	}
	o := &r.Orders
	shown, cost := "–", "–"
	if r.UpdateLatencyMS.Count > 0 {
		shown = short(r.UpdateLatencyMS.P99)
	}
	if r.Shop.Money.Currency != "" {
		cost = compact(whole(r.Shop.Money.Total))
	}
	return append(row, compact(o.Promised), exactOversold(r.Units.Oversold), strconv.FormatInt(r.Units.Oversold.ByCause.Engine, 10),
		strconv.FormatInt(o.Cancelled.SellerOversold+o.Cancelled.PendingExpired, 10), fmt.Sprintf("%.2f", r.Rates.Cancellation*100),
		compact(o.RefusedFalsely), fmt.Sprintf("%.1f", 100*r.Rates.FillRate), short(r.LatencyMS.Intended.P99), shown, cost)
}
