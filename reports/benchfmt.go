package reports

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// benchUnit is a figure in Go's benchmark format.
type benchUnit struct {
	name, better, assume string
	latency              bool // of operations served: a run has none that served nothing
	of                   func(*result.Run) float64
}

var benchUnits = []benchUnit{
	{"oversold-units", "lower", "exact", false, func(r *result.Run) float64 { return float64(r.Units.Oversold.Max) }},
	{"cancelled-orders", "lower", "nothing", false, func(r *result.Run) float64 {
		return float64(r.Orders.Cancelled.SellerOversold + r.Orders.Cancelled.PendingExpired)
	}},
	{"falsely-refused-orders", "lower", "nothing", false, func(r *result.Run) float64 { return float64(r.Orders.RefusedFalsely) }},
	{"fill-rate", "higher", "nothing", false, func(r *result.Run) float64 { return r.Rates.FillRate }},
	{"p50-sec", "lower", "nothing", true, func(r *result.Run) float64 { return r.LatencyMS.Intended.P50 / 1000 }},
	{"p99-sec", "lower", "nothing", true, func(r *result.Run) float64 { return r.LatencyMS.Intended.P99 / 1000 }},
	{"p999-sec", "lower", "nothing", true, func(r *result.Run) float64 { return r.LatencyMS.Intended.P999 / 1000 }},
}

// Benchfmt writes the runs in Go's benchmark format, which benchstat reads: a line for each run, those of several seeds under one name. What
// proves nothing (runs that are incomplete, invalid or unknown, and those made only as control) stands in a comment. Units oversold are assumed exact, for
// a promise doesn't vary: benchstat warns of an engine whose runs differ in them. The commit is in a comment too, since benchstat puts what differs
// in its settings into tables of their own, and two commits are what it is to compare.
func Benchfmt(w io.Writer, f *result.File) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# commit %s\n", printable(f.Card.Commit))
	for _, setting := range [][2]string{{"scenario", f.Scenario}, {"demand", f.Demand.ConfigHash}, {"cpu", f.Card.CPU}} {
		if setting[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", setting[0], printable(setting[1]))
		}
	}
	for _, u := range benchUnits {
		fmt.Fprintf(&b, "Unit %s better=%s assume=%s\n", u.name, u.better, u.assume)
	}
	for i := range f.Runs {
		r := &f.Runs[i]
		if why := notBenchmarked(r); why != "" {
			fmt.Fprintf(&b, "# %s seed %d: %s\n", printable(r.Engine), r.Seed, why)
			continue
		}
		b.WriteString(benchLine(f.Scenario, r))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func notBenchmarked(r *result.Run) string {
	switch {
	case !r.Complete:
		return "cut short"
	case !r.Valid:
		return "invalid"
	case r.Verdict == result.Unknown:
		return "unknown"
	case r.IsControl:
		return "ran only as control"
	}
	return ""
}

// benchLine has the number of operations as its count of iterations.
func benchLine(scenario string, r *result.Run) string {
	backend, strategy, _ := strings.Cut(r.Engine, "/")
	name := "Benchmark" + capital(benchWord(scenario)) + "/backend=" + benchWord(backend) + "/strategy=" + benchWord(strategy) + "/mode=" + r.Mode
	if r.Variant != "" {
		name += "/variant=" + benchWord(r.Variant)
	}
	for _, s := range r.Settings {
		name += "/" + benchWord(s.Key) + "=" + benchWord(s.Value)
	}
	line := name + " " + strconv.FormatInt(max(1, r.Operations), 10)
	for _, u := range benchUnits {
		if !u.latency || r.LatencyMS.Intended.Count > 0 {
			line += " " + strconv.FormatFloat(u.of(r), 'g', 9, 64) + " " + u.name
		}
	}
	return line + "\n"
}

// benchWord makes s a part of a benchmark's name: no blank may be in it, no slash that would begin another part, and no dash at its end that would
// be read as the number of processors.
func benchWord(s string) string {
	word := strings.Map(func(r rune) rune {
		if r <= ' ' || r == '/' || r == '-' || r == '=' || r == 0x7f || r == '\u0085' || r == '\u00a0' {
			return '_'
		}
		return r
	}, s)
	if word == "" {
		return "_"
	}
	return word
}
