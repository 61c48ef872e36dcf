package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// backendsView sets the same strategies on several backends beside each other.
type backendsView struct {
	Runs *table
	Lost *table // what an answer is worth, when something fails
}

// backendsOf compares strategies that ran on two backends at least; nil if there is none. Simulated figures stand beside measured ones, each
// under its name, and nothing is ranked.
func backendsOf(files []*result.File) *backendsView {
	by := map[string][]*result.Run{} // strategy, and variant
	servers := map[string]result.Server{}
	for _, f := range files {
		maps.Copy(servers, f.Card.Servers)
		for i := range f.Runs {
			r := &f.Runs[i]
			_, strategy, _ := strings.Cut(r.Engine, "/")
			key := strings.TrimSpace(strategy + " " + r.Variant)
			same := func(other *result.Run) bool { return other.Engine == r.Engine && other.Mode == r.Mode }
			if !r.IsControl && r.Complete && !slices.ContainsFunc(by[key], same) {
				by[key] = append(by[key], r)
			}
		}
	}
	v := &backendsView{Runs: &table{
		Caption: "One line for each backend that the strategy ran on; of several seeds the first",
		Head:    []string{"strategy", "backend", "figures", "oversold units", "refused falsely", "p50 ms", "p99 ms", "operations/s at the peak", "contention"},
	}}
	shown := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(by)) {
		if len(by[key]) < 2 {
			continue
		}
		for _, r := range by[key] {
			backend, _, _ := strings.Cut(r.Engine, "/")
			shown[backend] = true
			v.Runs.Rows = append(v.Runs.Rows, []string{
				key, backend, kindOfFigure(r.Mode), oversold(r.Units.Oversold), count(r.Orders.RefusedFalsely),
				millis(r.LatencyMS.Intended.P50), millis(r.LatencyMS.Intended.P99), millis(r.Load.PeakPerS), busiest(r.Contention),
			})
		}
	}
	if len(shown) < 2 {
		return nil
	}
	v.Lost = lostWhen(slices.Sorted(maps.Keys(shown)), servers)
	return v
}

// busiest names the three counters of contention that moved most.
func busiest(counters map[string]int64) string {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(counters)), func(name string) bool { return counters[name] == 0 })
	slices.SortStableFunc(names, func(a, b string) int { return int(counters[b] - counters[a]) })
	var words []string
	for _, name := range names[:min(3, len(names))] {
		words = append(words, fmt.Sprintf("%s %s", count(counters[name]), wordsOf(name)))
	}
	if len(words) == 0 {
		return "none counted"
	}
	return strings.Join(words, ", ")
}

// lostWhen says what of the answers given is gone when a process or the power fails, by the settings that the servers had.
func lostWhen(backends []string, servers map[string]result.Server) *table {
	t := &table{Caption: "What is lost of the answers given, by the settings that the servers had", Head: []string{"backend", "if the process dies", "if the power fails"}}
	for _, b := range backends {
		process, power := "everything: its stock ends with it", "everything"
		switch b {
		case "postgres":
			process, power = lostByPostgres(servers[b].Settings)
		case "redis":
			process, power = lostByRedis(servers[b].Settings)
		case "redis+postgres":
			process, power = lostByRedis(servers["redis"].Settings)
			process, power = "decrements: "+process, "decrements: "+power+"; of orders that were copied to Postgres nothing"
		}
		t.Rows = append(t.Rows, []string{b, process, power})
	}
	return t
}

// See the PostgreSQL manual on asynchronous commit: at most three times wal_writer_delay.
func lostByPostgres(settings map[string]string) (process, power string) {
	switch {
	case settings["fsync"] == "off":
		return "nothing", "perhaps everything: fsync is off"
	case settings["synchronous_commit"] == "off":
		return "the last fraction of a second: synchronous_commit is off", "the same"
	case settings["synchronous_commit"] == "":
		return "not known: its settings were not read", "not known"
	}
	return "nothing", "nothing"
}

// See the Redis manual on persistence.
func lostByRedis(settings map[string]string) (process, power string) {
	switch {
	case settings["appendonly"] == "":
		return "not known: its settings were not read", "not known"
	case settings["appendonly"] != "yes":
		return "all since the last snapshot: appendonly is off", "the same"
	case settings["appendfsync"] == "always":
		return "nothing", "nothing"
	case settings["appendfsync"] == "no":
		return "nothing", "as much as the system had not written: appendfsync no"
	}
	return "nothing", "about the last second: appendfsync everysec"
}
