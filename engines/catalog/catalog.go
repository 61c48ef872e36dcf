// Package catalog is the one table of every engine that this build has. Whoever adds an engine adds it here.
package catalog

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/memory"
)

// All lists every engine, in the order in which reports show them.
func All() []engines.Spec {
	return slices.Concat(
		memory.Specs(),
	)
}

// Names lists the engines' names, in the same order.
func Names() []string {
	var names []string
	for _, s := range All() {
		names = append(names, s.Name)
	}
	return names
}

// Match returns the engines that patterns name, each once, in the order in which they are named. A pattern is a name, a glob such as
// memory/*, the word all, or several of these with commas between. One that names no engine is an error, which
// gives the nearest name.
func Match(patterns []string) ([]engines.Spec, error) {
	var found []engines.Spec
	for _, list := range patterns {
		for pattern := range strings.SplitSeq(list, ",") {
			specs, err := match(strings.TrimSpace(pattern))
			if err != nil {
				return nil, err
			}
			for _, s := range specs {
				if !slices.ContainsFunc(found, func(f engines.Spec) bool { return f.Name == s.Name }) {
					found = append(found, s)
				}
			}
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no engine named: want one of %s", strings.Join(Names(), ", "))
	}
	return found, nil
}

func match(pattern string) ([]engines.Spec, error) {
	if pattern == "all" {
		return All(), nil
	}
	var found []engines.Spec
	for _, s := range All() {
		ok, err := path.Match(pattern, s.Name)
		if err != nil {
			return nil, fmt.Errorf("engine pattern %q: %w", pattern, err)
		}
		if ok {
			found = append(found, s)
		}
	}
	if found == nil {
		return nil, fmt.Errorf("unknown engine %q: did you mean %q? (doorbuster list engines shows all)", pattern, nearest(pattern, Names()))
	}
	return found, nil
}

// nearest is the name that is the fewest edits away, by name or by strategy alone.
func nearest(word string, names []string) string {
	best, least := "", 1<<30
	for _, n := range names {
		_, strategy, _ := strings.Cut(n, "/")
		if d := min(distance(word, n), distance(word, strategy)); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance is Levenshtein's: the insertions, deletions and substitutions that make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		left := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := left
			if a[i] != b[j] {
				change++
			}
			left = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
