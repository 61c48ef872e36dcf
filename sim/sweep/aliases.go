package sweep

import "github.com/doorbuster/doorbuster/sim/result"

// aliases are keys of a sweep that set several of the scenario's: one job sends a channel its quantities and fetches its orders, so both go at its
// interval.
var aliases = map[string][]string{
	"sync.every": {"sync.polling.every", "sync.imports.every"},
}

// Sets are the settings as a scenario takes them.
func Sets(s result.Settings) []string {
	var sets []string
	for _, one := range s {
		keys, ok := aliases[one.Key]
		if !ok {
			keys = []string{one.Key}
		}
		for _, key := range keys {
			sets = append(sets, key+"="+one.Value)
		}
	}
	return sets
}
