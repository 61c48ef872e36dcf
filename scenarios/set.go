package scenarios

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// setting is one --set KEY=VALUE: its key is a dotted path into the scenario, with [i] for entry i of a list.
type setting struct {
	origin string // as it was written
	path   []string
	value  *node
}

// settingPrefix begins the origin of every value that came by --set, where others have the name of a file.
const settingPrefix = "--set "

var settingKey = regexp.MustCompile(`^[A-Za-z0-9_]+(\[[0-9]+\])*(\.[A-Za-z0-9_]+(\[[0-9]+\])*)*$`)

// readSettings parses the --set list. Values are YAML, so that a list can be set whole.
func readSettings(set []string) ([]setting, error) {
	var all []setting
	for _, s := range set {
		key, text, found := strings.Cut(s, "=")
		origin := settingPrefix + s
		if !found || !settingKey.MatchString(key) {
			return nil, &Error{File: origin, Msg: "expected KEY=VALUE, as in holds.policy=cart or stock.receipts[0].share=0.1"}
		}
		value, err := readTree(origin, []byte(text), key)
		if err != nil {
			return nil, err
		}
		value.forgetPlace()
		dotted := strings.ReplaceAll(key, "[", ".[")
		all = append(all, setting{origin: origin, path: strings.Split(dotted, "."), value: value})
	}
	return all, nil
}

// forgetPlace drops line and column, which would count from the start of the value alone.
func (n *node) forgetPlace() {
	n.line, n.col = 0, 0
	for _, e := range n.entries {
		e.line, e.col = 0, 0
		e.value.forgetPlace()
	}
	for _, item := range n.items {
		item.forgetPlace()
	}
}

// apply puts the value in its place below root. Keys that don't exist yet are made: whether they may exist is for the
// decoder to say, which knows the valid ones.
func (s setting) apply(root *node) error {
	n := root
	for i, step := range s.path {
		place, err := n.slot(step, s)
		if err != nil {
			return err
		}
		switch last := i == len(s.path)-1; {
		case last:
			*place = s.value
		case *place == nil || (*place).kind == empty:
			*place = &node{file: s.origin, path: join(n.path, step), kind: section}
		}
		n = *place
	}
	return nil
}

// slot is where the step's node hangs below n.
func (n *node) slot(step string, s setting) (**node, error) {
	if index, isIndex := strings.CutPrefix(step, "["); isIndex {
		i, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
		if n.kind != list || err != nil || i >= len(n.items) {
			return nil, &Error{File: s.origin, Msg: n.path + " has no entry " + step + ": it is " + n.describe()}
		}
		return &n.items[i], nil
	}
	if n.kind != section {
		return nil, &Error{File: s.origin, Msg: n.path + " has no keys: it is " + n.describe()}
	}
	for _, e := range n.entries {
		if e.key == step {
			return &e.value, nil
		}
	}
	e := &entry{key: step}
	n.entries = append(n.entries, e)
	return &e.value, nil
}

// settings adds to found the --set of every value in n that came by one, each once.
func (n *node) settings(found []string) []string {
	if strings.HasPrefix(n.file, settingPrefix) && !slices.Contains(found, n.file) {
		found = append(found, n.file)
	}
	for _, e := range n.entries {
		found = e.value.settings(found)
	}
	for _, item := range n.items {
		found = item.settings(found)
	}
	return found
}

func (n *node) describe() string {
	switch n.kind {
	case list:
		return "a list of " + strconv.Itoa(len(n.items))
	case scalar:
		return strconv.Quote(n.text)
	}
	return n.kind.String()
}
