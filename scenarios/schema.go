package scenarios

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// schema is a JSON Schema, or a part of one. Each rule of the parser brings its own, so that they can't differ.
type schema map[string]any

// Schema is the JSON Schema (2020-12) of a scenario file, for editors. It is made from the parser's own rules; what takes
// several values together, or the list of engines, only the parser says: sums of shares, limits of times, names of variants.
func Schema() []byte {
	p := &decoder{s: defaultsOfSections()}
	all := maps.Clone(p.scenario().schema)
	all["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	all["title"] = "A scenario of doorbuster"
	all["description"] = "A day of demand, the shop that meets it, and how it is to be judged."
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(all); err != nil {
		panic(err) // words and numbers of our own
	}
	return text.Bytes()
}

// defaultsOfSections is a scenario in which every section is there and says nothing.
func defaultsOfSections() *Scenario {
	s := plainShop()
	s.Overflow, s.Restock, s.Floor, s.Costs = defaultOverflow(), defaultRestock(), defaultFloor(), defaultCosts()
	s.Tuning = Tuning(engines.DefaultTuning)
	return s
}

// byDefault notes the value that a key has where it is left out. Zeros go without saying: they are the absence of what the key is of.
func byDefault[T comparable](s schema, value T) schema {
	var zero T
	if value == zero {
		return s
	}
	s["default"] = value
	if d, isTime := any(value).(time.Duration); isTime {
		s["default"] = shortDuration(d)
	}
	return s
}

// shortDuration has days, as the parser reads them, and leaves out the units that time.Duration writes although they are 0: 15m for 15m0s.
func shortDuration(d time.Duration) string {
	if day := 24 * time.Hour; d > day && d%day == 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func sectionSchema(fields []field) schema {
	properties, required := schema{}, []string{}
	for _, f := range fields {
		described := maps.Clone(f.schema)
		described["description"] = f.meaning
		properties[f.key] = described
		if !f.optional {
			delete(described, "default")
			required = append(required, f.key)
		}
	}
	return schema{"type": "object", "additionalProperties": false, "properties": properties, "required": required}
}

// durationForm is that of parseDuration.
const durationForm = `^([0-9]{1,5}d)?(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))*$`

// durationSchema takes a number only for 0, the one time that needs no unit. Of limits it knows that 0 is below lo.
func durationSchema(lo time.Duration) schema {
	if lo == 0 {
		return schema{"type": []string{"string", "integer"}, "minLength": 1, "pattern": durationForm, "minimum": 0, "maximum": 0}
	}
	return schema{"type": "string", "pattern": durationForm, "allOf": []schema{{"pattern": "[1-9]"}}}
}

// ifThen adds a condition.
func (s schema) ifThen(cond, then schema) schema {
	return s.also(schema{"if": cond, "then": then})
}

// also adds a schema that must hold too.
func (s schema) also(more schema) schema {
	all, _ := s["allOf"].([]schema)
	c := maps.Clone(s)
	c["allOf"] = append(slices.Clip(all), more)
	return c
}

func keyIs(key, word string) schema {
	return schema{"properties": schema{key: schema{"const": word}}, "required": []string{key}}
}

func has(key string) schema { return schema{"required": []string{key}} }

func not(s schema) schema { return schema{"not": s} }

// unlessProfile asks for the required keys only where no profile brings them.
func (s schema) unlessProfile() schema {
	loose, needs := s.split()
	return loose.ifThen(not(has("profile")), needs)
}

// split takes the required keys out of a section's schema, as a schema of their own.
func (s schema) split() (loose, needs schema) {
	loose, needs = maps.Clone(s), schema{"required": s["required"]}
	delete(loose, "required")
	inner, strict := schema{}, schema{}
	for key, value := range s["properties"].(schema) {
		inner[key] = value
		if of := value.(schema); of["required"] != nil {
			inner[key], strict[key] = of.split()
		}
	}
	loose["properties"] = inner
	if len(strict) > 0 {
		needs["properties"] = strict
	}
	return loose, needs
}
