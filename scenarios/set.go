package scenarios

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// setting is one KEY=VALUE, of --set or of a variant: its key is a dotted path into the scenario, with [i] for entry i of a
// list. Its value's place is that of the setting.
type setting struct {
	path  []string
	value *node
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
		value.broughtBy(origin)
		all = append(all, setting{path: steps(key), value: value})
	}
	return all, nil
}

// steps are the parts of a key: stock, receipts, [0], share.
func steps(key string) []string { return strings.Split(strings.ReplaceAll(key, "[", ".["), ".") }

// broughtBy marks a value and all below it with the setting that brings it.
func (n *node) broughtBy(setting string) {
	n.setting = setting
	for _, e := range n.entries {
		e.value.broughtBy(setting)
	}
	for _, item := range n.items {
		item.broughtBy(setting)
	}
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
			v := s.value
			*place = &node{file: v.file, line: v.line, col: v.col, setting: v.setting, path: join(n.path, step), kind: section}
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
			return nil, s.misses(n.path + " has no entry " + step + ": it is " + n.describe())
		}
		return &n.items[i], nil
	}
	if n.kind != section {
		return nil, s.misses(n.path + " has no keys: it is " + n.describe())
	}
	for _, e := range n.entries {
		if e.key == step {
			return &e.value, nil
		}
	}
	e := &entry{key: step, line: s.value.line, col: s.value.col}
	n.entries = append(n.entries, e)
	return &e.value, nil
}

// misses is the error of a setting that has no place to go to.
func (s setting) misses(msg string) *Error {
	return &Error{File: s.value.file, Line: s.value.line, Col: s.value.col, Msg: msg}
}

// settings adds to found the setting of every value in n that came by one, each once.
func (n *node) settings(found []string) []string {
	if n.setting != "" && !slices.Contains(found, n.setting) {
		found = append(found, n.setting)
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
