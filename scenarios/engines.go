package scenarios

import (
	"fmt"
	"path"
	"slices"
	"strings"
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
			return nil, fmt.Errorf("engine %q is not known: %s", pattern, suggestEngine(pattern, known))
		}
	}
	return engines, nil
}

// suggestEngine knows that a word without a slash is half a name.
func suggestEngine(pattern string, known []string) string {
	for _, name := range known {
		switch backend, strategy, _ := strings.Cut(name, "/"); pattern {
		case strategy:
			return fmt.Sprintf("an engine is backend/strategy: did you mean %q?", name)
		case backend:
			return fmt.Sprintf("an engine is backend/strategy: did you mean %q?", backend+"/*")
		}
	}
	return suggest(pattern, known)
}
