package scenarios

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Whole is what there is to run: each variant as a complete scenario that says which Variant it is, in the order of the
// file. A scenario without variants is its own only one. What is set on the command line holds in every variant.
func (s *Scenario) Whole() []*Scenario {
	if len(s.whole) == 0 {
		return []*Scenario{s}
	}
	return s.whole
}

const maxVariants = 20

// notOfAVariant are the keys that variants have in common: they meet the same demand, and are judged together.
var notOfAVariant = []string{"name", "about", "engines", "control", "pressure", "default_scale", "wall_peak_per_s", "day", "skus", "demand",
	"variants", "published", "idealised"}

// notOfItsChannels are those of a channel.
var notOfItsChannels = []string{"kind", "share"}

// overlay is what a variant lays over the scenario, and where it stands.
type overlay struct {
	name     string
	at       *node
	settings []setting
}

func (p *decoder) variants(to *[]Variant) rule {
	all := each(&p.reader, to, 0, p.variant)
	all.schema["maxItems"] = maxVariants
	return rule{schema: all.schema, read: func(n *node) {
		if len(n.items) > maxVariants {
			p.fail(n, "expected at most %d variants, found %d", maxVariants, len(n.items))
			return
		}
		all.read(n)
	}}
}

func (p *decoder) variant(v *Variant) rule {
	var o overlay
	return p.section(
		need("name", "Names the variant, as in a report.", p.matching(&v.Name, nameForm, "lower-case letters, digits, - and _, at most 64")),
		may("about", "What it is, in a sentence.", p.text(&v.About)),
		may("set", "Its settings, with keys as --set takes them: sync.polling.every: 15m.", p.overlaid(&o.settings)),
	).then(func(n *node) {
		o.name, o.at = v.Name, n
		if slices.ContainsFunc(p.overlays, func(other overlay) bool { return other.name == v.Name }) {
			p.fail(n.get("name"), "%q is the name of another variant", v.Name)
		}
		p.overlays = append(p.overlays, o)
		for _, s := range o.settings {
			v.Set = append(v.Set, s.value.setting)
		}
	})
}

// overlaid reads settings, whose keys may be dotted or nested: each value below is a setting of its own.
func (p *decoder) overlaid(to *[]setting) rule {
	taken := schema{"type": "object", "propertyNames": schema{"pattern": settingKey.String()}}
	return rule{schema: taken, read: func(n *node) {
		if n.kind != section {
			p.fail(n, "expected keys as --set takes them, as in holds.policy: cart, found %s", n.describe())
			return
		}
		p.leaves(n, "", to)
	}}
}

func (p *decoder) leaves(n *node, under string, to *[]setting) {
	for _, e := range n.entries {
		key := join(under, e.key)
		path := steps(key)
		switch {
		case !settingKey.MatchString(key):
			p.failAt(e, "%q: expected a key as --set takes it, as in holds.policy or stock.receipts[0].share", key)
		case !ofAVariant(path):
			p.failAt(e, "%s: variants meet the same demand and are judged together: this is not for one of them to set", key)
		case e.value.kind == section && len(e.value.entries) > 0:
			p.leaves(e.value, key, to)
		default:
			value := e.value.as(key)
			value.line, value.col = e.line, e.col
			value.broughtBy(key + "=" + value.flow())
			*to = append(*to, setting{path: path, value: value})
		}
	}
}

func (p *decoder) failAt(e *entry, format string, args ...any) {
	p.errs = append(p.errs, &Error{File: e.value.file, Line: e.line, Col: e.col, Msg: fmt.Sprintf(format, args...)})
}

func ofAVariant(path []string) bool {
	if slices.Contains(notOfAVariant, path[0]) {
		return false
	}
	return path[0] != "channels" || len(path) < 3 || !slices.Contains(notOfItsChannels, path[2])
}

// as is a copy of n and all below it, which stands at another path.
func (n *node) as(path string) *node {
	c := *n
	c.path, c.entries, c.items = path, nil, nil
	for _, e := range n.entries {
		inner := *e
		inner.value = e.value.as(join(path, e.key))
		c.entries = append(c.entries, &inner)
	}
	for i, item := range n.items {
		c.items = append(c.items, item.as(fmt.Sprintf("%s[%d]", path, i)))
	}
	return &c
}

// bareForm is that of text which YAML takes for itself without quotes.
var bareForm = regexp.MustCompile(`^[A-Za-z0-9_.+/-]+$`)

// flow writes a value in one line, as --set takes it.
func (n *node) flow() string {
	var parts []string
	switch n.kind {
	case scalar:
		if bareForm.MatchString(n.text) {
			return n.text
		}
		return strconv.Quote(n.text)
	case list:
		for _, item := range n.items {
			parts = append(parts, item.flow())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case section:
		for _, e := range n.entries {
			parts = append(parts, e.key+": "+e.value.flow())
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return "null"
}

// resolveVariants parses every variant as a scenario of its own.
func (f *file) resolveVariants(base *Scenario, overlays []overlay) error {
	var all Errors
	for _, o := range overlays {
		s, _, err := f.resolve(append(slices.Clone(o.settings), f.settings...))
		if err != nil {
			all = append(all, o.blame(err)...)
			continue
		}
		s.Variant, s.Variants = o.name, nil
		base.whole = append(base.whole, s)
	}
	if len(all) > 0 {
		return all
	}
	return nil
}

// blame names the variant in its errors, and its place where they stand elsewhere: without the variant all was right.
func (o overlay) blame(err error) Errors {
	var errs Errors
	if one := (*Error)(nil); errors.As(err, &one) {
		errs = Errors{one}
	} else {
		errors.As(err, &errs)
	}
	for _, e := range errs {
		e.Msg = fmt.Sprintf("variant %s: %s", o.name, e.Msg)
		if !o.holds(e) {
			e.File, e.Line, e.Col = o.at.file, o.at.line, o.at.col
		}
	}
	return errs
}

// holds says whether the place of an error is one of the variant's settings.
func (o overlay) holds(e *Error) bool {
	return slices.ContainsFunc(o.settings, func(s setting) bool {
		return s.value.file == e.File && s.value.line <= e.Line && e.Line <= s.value.lastLine()
	})
}

func (n *node) lastLine() int {
	last := n.line
	for _, item := range n.items {
		last = max(last, item.lastLine())
	}
	return last
}
