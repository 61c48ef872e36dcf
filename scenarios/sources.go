package scenarios

import (
	"fmt"
	"slices"
	"strings"
)

// nameSources adds to the source of a profile's figures which of them the scenario replaced.
func nameSources(root *node, s *Scenario) {
	s.Demand.Source += replaced(root.get("demand"))
	s.Storage.Source += replaced(root.get("storage"))
}

// notFigures are keys whose presence in a scenario replaces no figure of a profile.
var notFigures = []string{"profile", "source", "about", "arrivals_per_day", "orders_per_day"}

func replaced(n *node) string {
	source := n.get("source")
	if n.get("profile") == nil || source.file == n.file {
		return ""
	}
	var keys []string
	for _, e := range n.entries {
		if !slices.Contains(notFigures, e.key) {
			keys = append(keys, e.value.leavesNotFrom(source.file, e.key)...)
		}
	}
	if len(keys) == 0 {
		return ""
	}
	return fmt.Sprintf(" (the scenario sets %s itself)", strings.Join(keys, ", "))
}

// leavesNotFrom lists the values below n that another file than the profile's brought.
func (n *node) leavesNotFrom(file, key string) []string {
	if n.kind != section {
		for _, item := range n.items {
			if item.file != file {
				return []string{key}
			}
		}
		if n.file != file {
			return []string{key}
		}
		return nil
	}
	var keys []string
	for _, e := range n.entries {
		keys = append(keys, e.value.leavesNotFrom(file, key+"."+e.key)...)
	}
	return keys
}
