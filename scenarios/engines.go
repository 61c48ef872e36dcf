package scenarios

import (
	"fmt"
	"path"
	"slices"
)

// AllEngines is the pattern that matches every engine.
const AllEngines = "all"

// Expand lists the engines that the patterns name, each once, in the order of the patterns: a name as memory/naive,
// a pattern as memory/* or */queue, or all. A pattern that matches none is an error with the nearest name.
func Expand(patterns, known []string) ([]string, error) {
	var engines []string
	for _, pattern := range patterns {
		matched := 0
		for _, name := range known {
			if hit, err := path.Match(pattern, name); pattern != AllEngines && (err != nil || !hit) {
				continue
			}
			matched++
			if !slices.Contains(engines, name) {
				engines = append(engines, name)
			}
		}
		if matched == 0 {
			return nil, fmt.Errorf("engine %q is not known: %s", pattern, suggest(pattern, known))
		}
	}
	return engines, nil
}
