// Package catalog is the one table of every engine that this build has. Whoever adds an engine adds it here.
package catalog

import (
	"slices"

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

// Find returns the engine of that name.
func Find(name string) (engines.Spec, bool) {
	all := All()
	i := slices.IndexFunc(all, func(s engines.Spec) bool { return s.Name == name })
	if i < 0 {
		return engines.Spec{}, false
	}
	return all[i], true
}
