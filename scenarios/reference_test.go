package scenarios

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const referenceFile = "../docs/scenarios.md"

// referenceHead stands above what the schema says. What follows it is made by this test.
const referenceHead = `# The scenario file

<!-- Made from scenarios/scenario.schema.json: go test ./scenarios -run Reference -update -->

A scenario is one YAML file: a day of demand, the shop that meets it, and how it is to be judged. This page is made from
[its JSON Schema](../scenarios/scenario.schema.json), which in turn is made from the parser; editors that know the schema complete and check
keys while you type, if the file begins with

` + "```yaml" + `
# yaml-language-server: $schema=scenario.schema.json
` + "```" + `

Begin with a copy of [my-shop.yaml](../scenarios/my-shop.yaml) if you have a shop in mind, or of [blackfriday.yaml](../scenarios/blackfriday.yaml),
which explains its figures. A key that isn't here is refused with its line and column, and so is a value out of its range.

- **Times** have units: ` + "`500ms`, `15m`, `1d12h`" + `. **Shares** are from 0 to 1. **Weights** are relative: only their proportions count.
- **Profiles** are named sets of figures that come with doorbuster, in [scenarios/profiles](../scenarios/profiles): ` + "`demand: {profile: blackfriday}`" + `.
  Where a section names one, its needed keys are needed no more, and whatever the section gives itself wins.
  (` + "`doorbuster run --profile ci`" + ` is something else: a set of flags.)
- **--set KEY=VALUE** replaces any value for one run. The key is the path to it, as in ` + "`--set sync.polling.every=5m`" + ` or
  ` + "`--set stock.receipts[0].share=0.1`" + `.
- **Needed** keys have to be there, once their section is. A default in the last column is what a left-out key has; without one it is 0, false or nothing.
`

// TestReferenceIsThatOfTheSchema: after a change of the schema, go test ./scenarios -run 'Schema|Reference' -update.
func TestReferenceIsThatOfTheSchema(t *testing.T) {
	page := reference(t)
	if *update {
		if err := os.WriteFile(referenceFile, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if read(t, referenceFile) != page {
		t.Errorf("%s is not what the schema says: go test ./scenarios -run 'Schema|Reference' -update", referenceFile)
	}
}

// TestReferenceNamesEveryKey looks for each key of the schema in the table of its section.
func TestReferenceNamesEveryKey(t *testing.T) {
	page := reference(t)
	for _, key := range keysOf(schemaDocument(t), "") {
		at, last := "## The file itself", key
		if i := strings.LastIndex(key, "."); i >= 0 {
			at, last = "\n## "+sectionTitle(strings.ReplaceAll(key[:i], "[0]", "[]"))+"\n", key[i+1:]
		}
		_, after, found := strings.Cut(page, at)
		table, _, _ := strings.Cut(after, "\n## ")
		if !found || !strings.Contains(table, "| `"+last+"` |") && !strings.Contains(table, "| [`"+last+"`](") {
			t.Errorf("%s is not in the table under %q", key, at)
		}
	}
}

// schemaDocument is the schema as its file has it once that is up to date, which another test sees to.
func schemaDocument(t *testing.T) map[string]any {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(Schema(), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// reference is the page: a table of the file's own keys, then one for each section in the order of that table.
func reference(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(referenceHead)
	describe(&b, "", schemaDocument(t))
	return b.String()
}

// sectionTitle has one title for what is the same six times over.
func sectionTitle(path string) string {
	if channel, is := strings.CutPrefix(path, "channels."); is && channel != "" {
		return "channels.NAME"
	}
	if path == "" {
		return "The file itself"
	}
	return path
}

// describe writes the table of a section, and then those of the sections in it.
func describe(b *strings.Builder, path string, s map[string]any) {
	keys := keysInOrder(withNeeds(s))
	fmt.Fprintf(b, "\n## %s\n\n", sectionTitle(path))
	if about, _ := s["description"].(string); path != "" && about != "" {
		fmt.Fprintf(b, "%s\n\n", about)
	}
	b.WriteString("| key | takes | what it is | default |\n| --- | --- | --- | --- |\n")
	for _, key := range keys {
		of := properties(s)[key].(map[string]any)
		name, below := "`"+key+"`", sectionTitle(join(path, key))
		if _, _, is := sectionBelow(of); is {
			if strings.Contains(fmt.Sprint(of["type"]), "array") {
				below += "[]"
			}
			name = "[" + name + "](#" + anchor(below) + ")"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", name, takes(of), cell(of["description"].(string)), byDefaultInWords(s, key, of))
	}
	written := map[string]bool{}
	for _, key := range keys {
		of, suffix, is := sectionBelow(properties(s)[key].(map[string]any))
		if below := join(path, key) + suffix; is && !written[sectionTitle(below)] {
			written[sectionTitle(below)] = true
			describe(b, below, of)
		}
	}
}

func properties(s map[string]any) map[string]any {
	p, _ := s["properties"].(map[string]any)
	return p
}

// sectionBelow is the section that a key holds, or a list of; its suffix is [] then.
func sectionBelow(of map[string]any) (s map[string]any, suffix string, is bool) {
	if items, isList := of["items"].(map[string]any); isList {
		return items, "[]", properties(items) != nil
	}
	return of, "", properties(of) != nil
}

// keysInOrder has what is needed first. JSON objects have no order of their own.
func keysInOrder(s map[string]any) []string {
	var keys []string
	for key := range properties(s) {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if na, nb := needed(s, a), needed(s, b); na != nb {
			return map[bool]int{true: -1, false: 1}[na]
		}
		return strings.Compare(a, b)
	})
	return keys
}

func needed(s map[string]any, key string) bool {
	list, _ := s["required"].([]any)
	return slices.Contains(list, any(key))
}

// withNeeds is a section that needs, always, what it needs where no profile brings it.
func withNeeds(s map[string]any) map[string]any {
	conditions, _ := s["allOf"].([]any)
	for _, c := range conditions {
		unless, _ := json.Marshal(c.(map[string]any)["if"])
		if string(unless) != `{"not":{"required":["profile"]}}` {
			continue
		}
		then := c.(map[string]any)["then"].(map[string]any)
		s["required"] = then["required"]
		for key, strict := range properties(then) {
			properties(s)[key].(map[string]any)["required"] = strict.(map[string]any)["required"]
		}
	}
	return s
}

func byDefaultInWords(s map[string]any, key string, of map[string]any) string {
	if needed(s, key) {
		return "*needed*"
	}
	if value, there := of["default"]; there {
		return "`" + fmt.Sprint(value) + "`"
	}
	return ""
}

// takes says in words which values a key takes.
func takes(of map[string]any) string {
	kind := fmt.Sprint(of["type"])
	pattern, _ := of["pattern"].(string)
	switch {
	case of["enum"] != nil:
		var words []string
		for _, w := range of["enum"].([]any) {
			words = append(words, "`"+w.(string)+"`")
		}
		return strings.Join(words, ", ")
	case pattern == durationForm:
		return "time"
	case kind == "array":
		return listOf(of)
	case kind == "object":
		return "section"
	case kind == "boolean":
		return "`true`, `false`"
	case kind == "number" || kind == "integer":
		return map[string]string{"number": "number", "integer": "whole number"}[kind] + spanOf(of)
	}
	return "text"
}

func listOf(of map[string]any) string {
	items := of["items"].(map[string]any)
	switch {
	case of["contains"] != nil && of["minItems"] == of["maxItems"]:
		return "list of " + number(of["minItems"]) + " weights"
	case of["contains"] != nil:
		return "list of weights"
	case properties(items) != nil:
		return "list of sections"
	case items["pattern"] == durationForm:
		return "list of times"
	}
	return "list of texts"
}

// spanOf is a number's range.
func spanOf(of map[string]any) string {
	if above, is := of["exclusiveMinimum"]; is {
		return " above " + number(above) + " up to " + number(of["maximum"])
	}
	return " " + number(of["minimum"]) + " to " + number(of["maximum"])
}

// number writes one with the digits in groups, as people read them; anything else as it is.
func number(value any) string {
	n, is := value.(float64)
	if !is {
		return fmt.Sprint(value)
	}
	text := strconv.FormatFloat(n, 'f', -1, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + " " + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return whole
}

// cell keeps a text within its cell.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// anchor is how GitHub names a heading: small letters, digits, hyphens and underscores.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '.' || r == '[' || r == ']':
			return -1
		}
		return r
	}, strings.ToLower(heading))
}

// Defaults of the schema are those of the parser: a section that says nothing has them.
func TestDefaultsOfTheSchemaAreThoseOfTheParser(t *testing.T) {
	for key, want := range map[string]time.Duration{"floor.till_report_every": defaultFloor().TillReportEvery, "restock.lead_time": defaultRestock().LeadTime} {
		section, name, _ := strings.Cut(key, ".")
		of := properties(properties(schemaDocument(t))[section].(map[string]any))[name].(map[string]any)
		if got, err := parseDuration(of["default"].(string)); err != nil || got != want {
			t.Errorf("%s: the schema says %v, the parser takes %v (%v)", key, of["default"], want, err)
		}
	}
	for d, want := range map[time.Duration]string{15 * time.Minute: "15m", 168 * time.Hour: "7d", 24 * time.Hour: "24h", 90 * time.Second: "1m30s", 80 * time.Millisecond: "80ms"} {
		if got := shortDuration(d); got != want {
			t.Errorf("%v is written %s, want %s", d, got, want)
		}
	}
}
