package result

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func itoa(n int) string { return strconv.Itoa(n) }

func bytesOf(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type object struct {
	Description string            `json:"description"`
	Required    []string          `json:"required"`
	Properties  map[string]object `json:"properties"`
	Defs        map[string]object `json:"$defs"`
	Ref         string            `json:"$ref"`
}

// TestSchemaHasTheNamesOfTheStructs compares the schema with the Go types, by reflection.
func TestSchemaHasTheNamesOfTheStructs(t *testing.T) {
	var schema object
	if err := json.Unmarshal(Schema, &schema); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	sameNames(t, reflect.TypeFor[File](), schema, schema.Defs, seen)
	if got, want := slices.Sorted(maps.Keys(schema.Defs)), slices.Sorted(maps.Keys(seen)); !slices.Equal(got, want) {
		t.Errorf("the schema defines %v, the structs are %v", got, want)
	}
}

func sameNames(t *testing.T, typ reflect.Type, o object, defs map[string]object, seen map[string]bool) {
	t.Helper()
	var names []string
	for i := range typ.NumField() {
		name := jsonName(typ.Field(i))
		names = append(names, name)
		if p := o.Properties[name]; p.Description == "" && p.Ref == "" {
			t.Errorf("%s.%s has no description in the schema", typ.Name(), name)
		}
		if inner := structOf(typ.Field(i).Type); inner != nil && !seen[inner.Name()] {
			seen[inner.Name()] = true
			sameNames(t, inner, defs[inner.Name()], defs, seen)
		}
	}
	if !slices.Equal(names, o.Required) {
		t.Errorf("%s requires %v, the struct has %v", typ.Name(), o.Required, names)
	}
	if got := slices.Sorted(maps.Keys(o.Properties)); !slices.Equal(got, slices.Sorted(slices.Values(names))) {
		t.Errorf("%s has the properties %v, the struct has %v", typ.Name(), got, names)
	}
}

func structOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct {
		return t
	}
	return nil
}

func TestSchemaJudges(t *testing.T) {
	schema := compiled(t)
	path := filepath.Join(t.TempDir(), "result.json")
	if err := Write(path, sample()); err != nil {
		t.Fatal(err)
	}
	text := string(bytesOf(t, path))
	if err := validate(t, schema, text); err != nil {
		t.Fatalf("a written result does not fit its own schema: %v", err)
	}
	for name, change := range map[string][2]string{
		"another schema": {`"doorbuster/result/v1"`, `"doorbuster/result/v2"`},
		"a verdict":      {`"verdict": "pass"`, `"verdict": "fine"`},
		"a negative":     {`"stranded": 120`, `"stranded": -1`},
		"a null list":    {`"invalid": []`, `"invalid": null`},
		"a missing name": {`"scenario": "sample",`, ``},
		"a rate over 1":  {`"cancellation": 0.0003`, `"cancellation": 1.5`},
		"no backend":     {`"engine": "memory/quota"`, `"engine": "quota"`},
	} {
		wrong := strings.Replace(text, change[0], change[1], 1)
		if wrong == text {
			t.Fatalf("%s: the sample has no %s", name, change[0])
		}
		if validate(t, schema, wrong) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("result.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("result.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(t *testing.T, schema *jsonschema.Schema, text string) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(v)
}
