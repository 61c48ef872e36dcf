package scenarios

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// reader decodes nodes and collects what is wrong with them.
type reader struct{ errs Errors }

func (r *reader) fail(n *node, format string, args ...any) {
	r.errs = append(r.errs, n.errorf(format, args...))
}

// rule reads a value, and says as JSON Schema which values it takes.
type rule struct {
	read   func(*node)
	schema schema
}

// then looks at a section that has been read.
func (r rule) then(check func(*node)) rule {
	return rule{schema: r.schema, read: func(n *node) {
		r.read(n)
		if n.kind == section {
			check(n)
		}
	}}
}

// field is one key of a section, what it means to who writes one, and its rule. The fields of a section are its only valid keys.
type field struct {
	key      string
	meaning  string
	optional bool
	rule
}

func need(key, meaning string, r rule) field { return field{key: key, meaning: meaning, rule: r} }
func may(key, meaning string, r rule) field {
	return field{key: key, meaning: meaning, rule: r, optional: true}
}

// section reads a section's fields in the order of the list and refuses keys that are not in it.
func (r *reader) section(fields ...field) rule {
	return rule{schema: sectionSchema(fields), read: func(n *node) {
		if n.kind != section {
			r.fail(n, "expected a section with keys, found %s", n.describe())
			return
		}
		r.refuseUnknown(n, fields)
		for _, f := range fields {
			switch value := n.get(f.key); {
			case value != nil && value.kind == empty:
				r.fail(value, "no value")
			case value != nil:
				f.read(value)
			case !f.optional:
				r.missing(n, f.key, "")
			}
		}
	}}
}

// missing reports a key that the section lacks, and why it needs it: the settings in it that asked for it, if any, are named.
func (r *reader) missing(n *node, key, why string) {
	at := *n
	at.path = join(n.path, key)
	if why == "" {
		r.fail(&at, "missing")
		return
	}
	r.failTogether(&at, []*node{n}, "missing: %s", why)
}

// whenIs makes needed a key that a section must have where its key is the word: a policy without its figure says nothing.
func (r *reader) whenIs(key, word, needed string, of rule) rule {
	return rule{schema: of.schema.ifThen(keyIs(key, word), schema{"required": []string{needed}}), read: func(n *node) {
		of.read(n)
		if v := n.get(key); v != nil && v.text == word && n.get(needed) == nil {
			r.missing(n, needed, key+" "+word+" needs it")
		}
	}}
}

func (r *reader) refuseUnknown(n *node, fields []field) {
	all := sync.OnceValue(func() schema { return (&decoder{s: &Scenario{}}).scenario().schema })
	var valid []string
	for _, f := range fields {
		valid = append(valid, f.key)
	}
	for _, e := range n.entries {
		if !slices.Contains(valid, e.key) {
			r.errs = append(r.errs, &Error{File: e.value.file, Line: e.line, Col: e.col,
				Msg: fmt.Sprintf("unknown key %q: %s", join(n.path, e.key), suggestKey(e.key, valid, all()))})
		}
	}
}

// scalar reads a scalar that accept takes; expected says in words what it takes.
func (r *reader) scalar(expected string, taken schema, accept func(text string) bool) rule {
	return rule{schema: taken, read: func(n *node) {
		if n.kind != scalar || !accept(n.text) {
			r.fail(n, "expected %s, found %s", expected, n.describe())
		}
	}}
}

// text reads any text that is not blank.
func (r *reader) text(to *string) rule {
	return r.scalar("text", schema{"type": "string", "pattern": `\S`}, func(s string) bool {
		*to = strings.TrimSpace(s)
		return *to != ""
	})
}

// matching reads text of a given form.
func (r *reader) matching(to *string, form *regexp.Regexp, expected string) rule {
	return r.scalar(expected, byDefault(schema{"type": "string", "pattern": form.String()}, *to), func(s string) bool {
		*to = s
		return form.MatchString(s)
	})
}

// oneOf reads one of a few words.
func (r *reader) oneOf(to *string, words ...string) rule {
	return rule{schema: byDefault(schema{"enum": words}, *to), read: func(n *node) {
		if n.kind != scalar || !slices.Contains(words, n.text) {
			r.fail(n, "%s is not known: %s", n.describe(), suggest(n.text, words))
			return
		}
		*to = n.text
	}}
}

func (r *reader) flag(to *bool) rule {
	return r.scalar("true or false", byDefault(schema{"type": "boolean"}, *to), func(s string) bool {
		*to = s == "true"
		return *to || s == "false"
	})
}

// number reads a finite number from lo to hi.
func (r *reader) number(to *float64, lo, hi float64) rule {
	return r.scalar(fmt.Sprintf("a number from %v to %v", lo, hi), byDefault(schema{"type": "number", "minimum": lo, "maximum": hi}, *to), func(s string) bool {
		v, err := strconv.ParseFloat(s, 64)
		*to = v
		return err == nil && v >= lo && v <= hi // false for NaN
	})
}

// positive reads a number above 0, up to hi.
func (r *reader) positive(to *float64, hi float64) rule {
	return r.scalar(fmt.Sprintf("a number above 0, at most %v", hi), byDefault(schema{"type": "number", "exclusiveMinimum": 0, "maximum": hi}, *to), func(s string) bool {
		v, err := strconv.ParseFloat(s, 64)
		*to = v
		return err == nil && v > 0 && v <= hi
	})
}

// probability reads a share of something, 0 to 1.
func (r *reader) probability(to *float64) rule { return r.number(to, 0, 1) }

// whole reads a whole number from lo to hi.
func whole[T int | int64](r *reader, to *T, lo, hi int64) rule {
	return r.scalar(fmt.Sprintf("a whole number from %d to %d", lo, hi), byDefault(schema{"type": "integer", "minimum": lo, "maximum": hi}, *to), func(s string) bool {
		v, err := strconv.ParseInt(s, 10, 64)
		*to = T(v)
		return err == nil && v >= lo && v <= hi
	})
}

// duration reads a time span from lo to hi.
func (r *reader) duration(to *time.Duration, lo, hi time.Duration) rule {
	return r.scalar(fmt.Sprintf("a time from %s to %s, as in 500ms, 15m or 1d12h", shortDuration(lo), shortDuration(hi)), byDefault(durationSchema(lo), *to), func(s string) bool {
		v, err := parseDuration(s)
		*to = v
		return err == nil && v >= lo && v <= hi
	})
}

var errDuration = errors.New("not a duration")

const maxDays = 36500

// parseDuration is time.ParseDuration with days: 2d, 1d12h.
func parseDuration(s string) (time.Duration, error) {
	days, rest, found := strings.Cut(s, "d")
	if !found {
		return time.ParseDuration(s)
	}
	n, err := strconv.ParseUint(days, 10, 32)
	if err != nil || n > maxDays {
		return 0, errDuration
	}
	d := time.Duration(n) * 24 * time.Hour
	if rest == "" {
		return d, nil
	}
	more, err := time.ParseDuration(rest)
	if err != nil || more < 0 || more > 24*time.Hour {
		return 0, errDuration
	}
	return d + more, nil
}

// maxWeight keeps sums of weights finite and exact enough.
const maxWeight = 1e9

// weights reads relative weights, of which at least one is above 0.
func (r *reader) weights(to *[]float64, least, most int) rule {
	var weight float64
	item := r.number(&weight, 0, maxWeight)
	taken := schema{"type": "array", "items": item.schema, "minItems": least, "maxItems": most, "contains": schema{"exclusiveMinimum": 0}}
	return rule{schema: taken, read: func(n *node) {
		if n.kind != list || len(n.items) < least || len(n.items) > most {
			r.fail(n, "expected a list of %s weights, found %s", span(least, most), n.describe())
			return
		}
		*to = make([]float64, len(n.items))
		sum := 0.0
		for i, item := range n.items {
			r.number(&(*to)[i], 0, maxWeight).read(item)
			sum += math.Abs((*to)[i])
		}
		if sum == 0 {
			r.fail(n, "expected at least one weight above 0")
		}
	}}
}

func span(least, most int) string {
	if least == most {
		return strconv.Itoa(least)
	}
	return fmt.Sprintf("%d to %d", least, most)
}

// maxEntries bounds lists of words and receipts.
const maxEntries = 500

// each reads every entry of a list into an item of its own, of which at least least are expected.
func each[T any](r *reader, to *[]T, least int, entry func(*T) rule) rule {
	taken := schema{"type": "array", "items": entry(new(T)).schema, "minItems": least, "maxItems": maxEntries}
	return rule{schema: taken, read: func(n *node) {
		if n.kind != list || len(n.items) < least || len(n.items) > maxEntries {
			r.fail(n, "expected a list of %d to %d entries, found %s", least, maxEntries, n.describe())
			return
		}
		*to = make([]T, len(n.items))
		for i, item := range n.items {
			entry(&(*to)[i]).read(item)
		}
	}}
}
