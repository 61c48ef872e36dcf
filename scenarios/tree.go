package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// node is one value of a scenario, with the place that it came from. Files, profiles and --set are all read into
// nodes and laid over each other before anything is decoded, so that every error can name the place of its value.
type node struct {
	file      string
	line, col int    // of a section: its key
	path      string // dotted, from the root of the scenario
	setting   string // that brought it, as it was written; empty: the file did
	kind      kind
	text      string   // of a scalar
	entries   []*entry // of a section, in order
	items     []*node  // of a list
}

type kind uint8

const (
	scalar kind = iota
	empty       // a key without a value
	section
	list
)

func (k kind) String() string { return [...]string{"a value", "nothing", "a section", "a list"}[k] }

// entry is one key of a section.
type entry struct {
	key       string
	line, col int
	value     *node
}

// get is the value of a key, or nil.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for _, e := range n.entries {
		if e.key == key {
			return e.value
		}
	}
	return nil
}

// at is the node at the end of a path of keys, or the last one on the way that exists.
func (n *node) at(keys ...string) *node {
	for _, key := range keys {
		next := n.get(key)
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

func (n *node) errorf(format string, args ...any) *Error {
	msg := fmt.Sprintf(format, args...)
	if n.path != "" {
		msg = n.path + ": " + msg
	}
	return &Error{File: n.file, Line: n.line, Col: n.col, Msg: msg}
}

// over lays n over base: keys of n win, sections merge, lists are replaced whole.
func (n *node) over(base *node) *node {
	if n.kind != section || base.kind != section {
		return n
	}
	merged := *n
	merged.entries = nil
	for _, b := range base.entries {
		if n.get(b.key) == nil {
			merged.entries = append(merged.entries, b)
		}
	}
	for _, e := range n.entries {
		laid := *e
		if b := base.get(e.key); b != nil {
			laid.value = e.value.over(b)
		}
		merged.entries = append(merged.entries, &laid)
	}
	return &merged
}

// Limits of a scenario file. The parser recurses and takes time that grows with the square of the nesting.
const (
	maxBytes    = 1 << 16
	maxBrackets = 1000 // [ and {
)

// readTree parses one YAML document, whose root stands at path in the scenario.
func readTree(file string, data []byte, path string) (*node, error) {
	if len(data) > maxBytes {
		return nil, &Error{File: file, Msg: fmt.Sprintf("%d bytes: a scenario has at most %d", len(data), maxBytes)}
	}
	if n := bytes.Count(data, []byte("[")) + bytes.Count(data, []byte("{")); n > maxBrackets {
		return nil, &Error{File: file, Msg: fmt.Sprintf("%d brackets: a scenario has at most %d", n, maxBrackets)}
	}
	if !utf8.Valid(data) {
		return nil, &Error{File: file, Msg: "not UTF-8 text"}
	}
	doc, err := parseYAML(bytes.TrimPrefix(data, []byte("\ufeff")))
	if err != nil {
		return nil, syntaxError(file, err)
	}
	var root *node
	for _, d := range doc.Docs {
		if d.Body == nil {
			continue
		}
		n, err := treeReader{file: file}.read(d.Body, path)
		switch {
		case err != nil:
			return nil, err
		case root != nil:
			return nil, n.errorf("a second document: expected one in a file")
		}
		root = n
	}
	if root == nil {
		return nil, &Error{File: file, Msg: "empty: expected YAML"}
	}
	return root, nil
}

// parseYAML keeps a panic of the parser, which is not ours, from taking the program with it.
func parseYAML(data []byte) (doc *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("not readable as YAML: %v", p)
		}
	}()
	return parser.ParseBytes(data, 0)
}

func syntaxError(file string, err error) *Error {
	e := &Error{File: file, Msg: "YAML: " + err.Error()}
	var at yaml.Error
	if errors.As(err, &at) {
		e.Msg = "YAML: " + at.GetMessage() + hintOn(at.GetMessage())
		if t := at.GetToken(); t != nil && t.Position != nil {
			e.Line, e.Col = t.Position.Line, t.Position.Column
		}
	}
	return e
}

// hintOn says what is usually meant by the two mistakes that the parser has the least clear words for.
func hintOn(message string) string {
	switch {
	case strings.Contains(message, "non-map value"):
		return ": expected KEY: VALUE, with a colon and a space"
	case strings.Contains(message, "'\t'"), strings.Contains(message, "'	'"):
		return ": expected spaces in the place of a tab"
	}
	return ""
}

// treeReader turns the parser's tree into nodes.
type treeReader struct{ file string }

func (r treeReader) node(from ast.Node, path string, k kind) *node {
	p := from.GetToken().Position
	return &node{file: r.file, line: p.Line, col: p.Column, path: path, kind: k}
}

func (r treeReader) refuse(from ast.Node, msg string) *Error {
	return r.node(from, "", scalar).errorf("%s", msg)
}

func (r treeReader) read(from ast.Node, path string) (*node, error) {
	switch v := from.(type) {
	case *ast.MappingNode:
		return r.section(v.Values, r.node(from, path, section))
	case *ast.MappingValueNode:
		return r.section([]*ast.MappingValueNode{v}, r.node(from, path, section))
	case *ast.SequenceNode:
		return r.list(v, path)
	case *ast.NullNode:
		return r.node(from, path, empty), nil
	case *ast.StringNode:
		return r.scalar(from, path, v.Value), nil
	case *ast.LiteralNode:
		return r.scalar(from, path, v.Value.Value), nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return r.scalar(from, path, from.GetToken().Value), nil
	}
	return nil, r.refuse(from, "expected plain keys and values: anchors, aliases, merge keys and tags are not read")
}

func (r treeReader) scalar(from ast.Node, path, text string) *node {
	n := r.node(from, path, scalar)
	n.text = text
	return n
}

func (r treeReader) list(from *ast.SequenceNode, path string) (*node, error) {
	n := r.node(from, path, list)
	for i, v := range from.Values {
		item, err := r.read(v, fmt.Sprintf("%s[%d]", path, i))
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, item)
	}
	return n, nil
}

func (r treeReader) section(from []*ast.MappingValueNode, n *node) (*node, error) {
	for _, pair := range from {
		if _, plain := pair.Key.(ast.ScalarNode); !plain || pair.Key.IsMergeKey() {
			return nil, r.refuse(pair.Key, "expected a plain key")
		}
		t := pair.Key.GetToken()
		if p := t.Position; p.Line == n.line && p.Column < n.col { // a block's own token is its first colon
			n.col = p.Column
		}
		value, err := r.read(pair.Value, join(n.path, t.Value))
		if err != nil {
			return nil, err
		}
		if value.kind == section || value.kind == empty {
			value.line, value.col = t.Position.Line, t.Position.Column
		}
		n.entries = append(n.entries, &entry{key: t.Value, line: t.Position.Line, col: t.Position.Column, value: value})
	}
	return n, nil
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
