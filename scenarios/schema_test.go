package scenarios

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const schemaFile = "scenario.schema.json"

var update = flag.Bool("update", false, "write "+schemaFile)

// TestTheSchemaIsThatOfTheParser: after a change of the parser's keys, go test ./scenarios -run Schema -update.
func TestTheSchemaIsThatOfTheParser(t *testing.T) {
	if *update {
		if err := os.WriteFile(schemaFile, Schema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if read(t, schemaFile) != string(Schema()) {
		t.Errorf("%s is not what the parser reads: go test ./scenarios -run Schema -update", schemaFile)
	}
}

// TestEveryKeyOfTheSchemaIsOneOfTheParser gives each key of the schema a value that no rule takes, and expects the parser to
// know the key; and another key beside it, which both refuse.
func TestEveryKeyOfTheSchemaIsOneOfTheParser(t *testing.T) {
	var all map[string]any
	if err := json.Unmarshal(Schema(), &all); err != nil {
		t.Fatal(err)
	}
	keys := keysOf(all, "")
	if len(keys) < 150 {
		t.Fatalf("found only %d keys", len(keys))
	}
	for _, key := range keys {
		if known := "unknown key"; strings.Contains(errorOfSetting(t, key), known) {
			t.Errorf("%s is in the schema, but the parser doesn't know it", key)
		}
		if other := key + "_x"; !strings.Contains(errorOfSetting(t, other), `unknown key "`+other+`"`) {
			t.Errorf("%s is accepted", other)
		}
	}
}

// keysOf lists the keys below, dotted; those of a list's entries as of its first.
func keysOf(s map[string]any, under string) []string {
	var keys []string
	properties, _ := s["properties"].(map[string]any)
	for name, value := range properties {
		of, key := value.(map[string]any), join(under, name)
		keys = append(keys, key)
		keys = append(keys, keysOf(of, key)...)
		if items, is := of["items"].(map[string]any); is {
			keys = append(keys, keysOf(items, key+"[0]")...)
		}
	}
	return keys
}

// errorOfSetting is that of a shop with every section, and one more value.
func errorOfSetting(t *testing.T, key string) string {
	t.Helper()
	_, err := parseMarket(t, "returns: 0}", "returns: 0, receipts: [{at: 1h, share: 0.5}]}", key+"=no such value")
	if err == nil {
		return ""
	}
	return err.Error()
}

func schemaOf(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(read(t, schemaFile)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaFile, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate says what the schema has against a file, and whether it could be read at all: it may be no YAML, or hold NaN.
func validate(t *testing.T, s *jsonschema.Schema, text string) (readable bool, err error) {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON([]byte(text))
	if err == nil {
		var doc any
		if doc, err = jsonschema.UnmarshalJSON(bytes.NewReader(asJSON)); err == nil {
			return true, s.Validate(doc)
		}
	}
	return false, err
}

func TestTheSchemaAcceptsWhatTheParserAccepts(t *testing.T) {
	s := schemaOf(t)
	files := []string{"testdata/shop.yaml", "testdata/market.yaml"}
	for name := range theLibrary {
		files = append(files, name+".yaml")
	}
	for _, file := range files {
		if readable, err := validate(t, s, read(t, file)); err != nil || !readable {
			t.Errorf("%s: readable %v, %v", file, readable, err)
		}
	}
	partly := strings.Replace(read(t, "testdata/market.yaml"), "profile: even", "profile: even\n  spike: {factor: 3}", 1)
	if _, err := validate(t, s, partly); err != nil {
		t.Errorf("a section that a profile completes: %v", err)
	}
	if _, err := Parse("market.yaml", []byte(partly), known, nil); err != nil {
		t.Errorf("a section that a profile completes: %v", err)
	}
}

// TestTheSchemaRefusesWhatTheParserRefuses, but for what it can't see; and that it accepts, so that the list stays true.
func TestTheSchemaRefusesWhatTheParserRefuses(t *testing.T) {
	s := schemaOf(t)
	for file, table := range map[string]map[string]wrong{"testdata/shop.yaml": refused, "testdata/market.yaml": refusedShops} {
		for name, c := range table {
			readable, err := validate(t, s, strings.Replace(read(t, file), c.old, c.new, 1))
			switch {
			case !c.unseen && (!readable || err == nil):
				t.Errorf("%s, %s: the schema accepts it", file, name)
			case c.unseen && readable && err != nil:
				t.Errorf("%s, %s: the schema sees it after all: %v", file, name, err)
			}
		}
	}
}
