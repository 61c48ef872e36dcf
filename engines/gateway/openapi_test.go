package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// description is openapi.yaml, with the responses' references followed.
type description struct {
	doc      map[string]any
	compiler *jsonschema.Compiler
}

// described reads a description of the server.
func described(t *testing.T, text []byte) description {
	t.Helper()
	plain, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(plain))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	return description{doc.(map[string]any), c}
}

func theDescription(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// at is what stands at the keys.
func (d description) at(keys ...string) any {
	var v any = d.doc
	for _, k := range keys {
		v = v.(map[string]any)[k]
	}
	return v
}

// responses are those that the description names, as METHOD path status, each with its media type and where its schema stands.
func (d description) responses() map[string][2]string {
	all := map[string][2]string{}
	for path, methods := range d.at("paths").(map[string]any) {
		for method, operation := range methods.(map[string]any) {
			for status, r := range operation.(map[string]any)["responses"].(map[string]any) {
				where := "/paths/" + strings.ReplaceAll(path, "/", "~1") + "/" + method + "/responses/" + status
				if ref, ok := r.(map[string]any)["$ref"].(string); ok {
					where = strings.TrimPrefix(ref, "#")
					r = d.at(strings.Split(where, "/")[1:]...)
				}
				for media := range r.(map[string]any)["content"].(map[string]any) {
					all[strings.ToUpper(method)+" "+path+" "+status] = [2]string{media, where + "/content/" + strings.ReplaceAll(media, "/", "~1") + "/schema"}
				}
			}
		}
	}
	return all
}

// check says what is wrong with an answer, or nothing.
func (d description) check(media, schema string, got *httptest.ResponseRecorder) error {
	if found, _, _ := strings.Cut(got.Header().Get("Content-Type"), ";"); found != media {
		return fmt.Errorf("Content-Type %s: expected %s", found, media)
	}
	if media == "text/plain" {
		return nil
	}
	s, err := d.compiler.Compile("openapi.json#" + schema)
	if err != nil {
		return err
	}
	body, err := jsonschema.UnmarshalJSON(got.Body)
	if err != nil {
		return err
	}
	return s.Validate(body)
}

// requests has one that each path answers well, with a body to spoil where there is one.
var requests = map[string]struct{ path, good string }{
	"POST /v1/operations":         {"/v1/operations", `{"kind":"sell","order":2,"channel":1,"lines":[{"sku":0,"qty":1}],"at_ns":7}`},
	"POST /v1/reset":              {"/v1/reset", `{"opening":[3,4]}`},
	"GET /v1/books/stock":         {"/v1/books/stock?limit=1", ""},
	"GET /v1/books/grants":        {"/v1/books/grants?limit=1", ""},
	"GET /v1/books/outcomes/{id}": {"/v1/books/outcomes/17", ""},
	"GET /healthz":                {"/healthz", ""},
	"GET /metrics":                {"/metrics", ""},
}

// live sends to a running server what must bring each status about, and returns the answers by METHOD path status.
func live(t *testing.T) map[string]*httptest.ResponseRecorder {
	t.Helper()
	all := map[string]*httptest.ResponseRecorder{}
	for name, c := range requests {
		method, path, _ := strings.Cut(name, " ")
		for _, got := range answers(t, method, c.path, c.good) {
			all[fmt.Sprintf("%s %s %d", method, path, got.Code)] = got
		}
	}
	return all
}

// answers spoils a request in every way that there is.
func answers(t *testing.T, method, path, good string) (all []*httptest.ResponseRecorder) {
	t.Helper()
	send := func(o Options, body, media string, ready func(*Server, *tapped)) {
		s, e := stocked(t, o)
		ready(s, e)
		r := to(method, path, body)
		r.Header.Set(keyHeader, "36")
		r.Header.Set("Content-Type", media)
		all = append(all, ask(s, r))
	}
	const json = "application/json"
	nothing := func(*Server, *tapped) {}
	open := Options{Name: "memory/conditional", Resets: true}
	send(open, good, json, nothing)
	send(Options{}, good, json, nothing)
	send(open, good, "text/plain", nothing)
	send(open, "{", json, nothing)
	send(open, "{}", json, nothing)
	send(open, `{"kind":"`+strings.Repeat("x", maxResetBody)+`"}`, json, nothing)
	send(open, good, json, func(_ *Server, e *tapped) { e.before = func(context.Context) error { return errors.New("broken") } })
	send(Options{Resets: true, InFlight: 1}, good, json, func(s *Server, _ *tapped) { s.slots <- struct{}{} })
	send(open, good, json, func(s *Server, e *tapped) {
		s.options.Timeout = time.Millisecond
		e.before = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	})
	s, _ := stocked(t, open)
	wrong := strings.ReplaceAll(path, "limit=1", "limit=0")
	wrong = strings.ReplaceAll(wrong, "outcomes/17", "outcomes/x")
	all = append(all, ask(s, to(http.MethodDelete, path, "")))
	if wrong != path {
		all = append(all, ask(s, to(method, wrong, "")))
	}
	return all
}

// problemsOf are where the description and the answers differ.
func problemsOf(d description, got map[string]*httptest.ResponseRecorder) []string {
	var problems []string
	named := d.responses()
	for _, key := range slices.Sorted(maps.Keys(named)) {
		switch answer := got[key]; {
		case answer == nil:
			problems = append(problems, key+" is described and never given")
		default:
			again := *answer
			again.Body = bytes.NewBuffer(answer.Body.Bytes())
			if err := d.check(named[key][0], named[key][1], &again); err != nil {
				problems = append(problems, fmt.Sprintf("%s: %v", key, err))
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, known := named[key]; !known {
			problems = append(problems, key+" is given and not described")
		}
	}
	return problems
}

// shapes are the types that travel, by the name of their schema.
var shapes = map[string]any{
	"Operation": operation{}, "Line": line{}, "Version": version{}, "Reply": reply{}, "Stock": stock{}, "StockPage": page[stock]{},
	"Grant": grant{}, "GrantPage": page[grant]{}, "Recorded": recorded{}, "Opening": opening{}, "Health": health{}, "Problem": Problem{},
}

// fieldProblems are where the fields of schemas and of types differ.
func fieldProblems(d description) []string {
	var problems []string
	for name, shape := range shapes {
		var fields []string
		for f := range reflect.TypeOf(shape).Fields() {
			tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			fields = append(fields, tag)
		}
		slices.Sort(fields)
		described := slices.Sorted(maps.Keys(d.at("components", "schemas", name, "properties").(map[string]any)))
		if !slices.Equal(fields, described) {
			problems = append(problems, fmt.Sprintf("%s has %v, described are %v", name, fields, described))
		}
	}
	return problems
}

// enumProblems are where the names that are described differ from those of the engines.
func enumProblems(d description) []string {
	var problems []string
	same := func(described any, names []string) {
		var found []string
		for _, v := range described.([]any) {
			found = append(found, v.(string))
		}
		slices.Sort(found)
		if slices.Sort(names); !slices.Equal(found, names) {
			problems = append(problems, fmt.Sprintf("described are %v, there are %v", found, names))
		}
	}
	var types []string
	for _, c := range causes {
		types = append(types, typePrefix+c.name)
	}
	same(d.at("components", "schemas", "Kind", "enum"), slices.Collect(maps.Keys(kindNames)))
	same(d.at("components", "schemas", "Outcome", "enum"), slices.Collect(maps.Keys(outcomeNames)))
	same(d.at("components", "schemas", "Grant", "properties", "state", "enum"), slices.Collect(maps.Keys(stateNames)))
	same(d.at("components", "schemas", "Problem", "properties", "type", "enum"), types)
	return problems
}

// TestDescription holds openapi.yaml and the running server against each other, both ways: every response that is described is
// given, and the other way round; bodies have the described fields, types and names.
func TestDescription(t *testing.T) {
	d := described(t, theDescription(t))
	if len(d.responses()) < 40 {
		t.Errorf("found only %d responses: the rest was not looked at", len(d.responses()))
	}
	for _, p := range slices.Concat(problemsOf(d, live(t)), fieldProblems(d), enumProblems(d)) {
		t.Error(p)
	}
}

// TestRequestsAreDescribed: a body that the server takes is one that the description allows, and limits are the same.
func TestRequestsAreDescribed(t *testing.T) {
	d := described(t, theDescription(t))
	for name, c := range requests {
		method, path, _ := strings.Cut(name, " ")
		if c.good == "" {
			continue
		}
		where := "/paths/" + strings.ReplaceAll(path, "/", "~1") + "/" + strings.ToLower(method) + "/requestBody/content/application~1json/schema"
		s, err := d.compiler.Compile("openapi.json#" + where)
		if err != nil {
			t.Fatal(err)
		}
		body, err := jsonschema.UnmarshalJSON(strings.NewReader(c.good))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for want, at := range map[int][]string{
		maxLines: {"components", "schemas", "Operation", "properties", "lines", "maxItems"},
		maxSKUs:  {"components", "schemas", "Opening", "properties", "opening", "maxItems"},
		maxPage:  {"components", "parameters", "Limit", "schema", "maximum"},
	} {
		if got := fmt.Sprint(d.at(at...)); got != fmt.Sprint(want) {
			t.Errorf("%v is %s, the server has %d", at, got, want)
		}
	}
}

// TestDescriptionCanFail plants one mistake after another in the description.
func TestDescriptionCanFail(t *testing.T) {
	text, got := string(theDescription(t)), live(t)
	for _, c := range []struct{ old, mistake, want string }{
		{`        "403": {$ref: "#/components/responses/Problem"}` + "\n", "", "POST /v1/reset 403 is given and not described"},
		{`        "422": {`, `        "418": {`, "418 is described and never given"},
		{"shipped: {type: integer}", "sent: {type: integer}", "Stock has"},
		{"seq: {type: integer, minimum: 0}", "seq: {type: string}", "GET /v1/books/stock 200"},
		{"required: [outcome, versions]", "required: [outcome, versions, took_ns]", "POST /v1/operations 200"},
		{"sold out, contended", "sold-out, contended", "described are"},
		{"application/problem+json:", "application/json:", "Content-Type application/problem+json"},
		{"  /healthz:", "  /health:", "GET /health 200 is described and never given"},
	} {
		planted := strings.Replace(text, c.old, c.mistake, 1)
		if strings.Contains(c.old, "seq") || strings.Contains(c.old, "shipped") {
			planted = strings.ReplaceAll(text, c.old, c.mistake)
		}
		d := described(t, []byte(planted))
		problems := strings.Join(slices.Concat(problemsOf(d, got), fieldProblems(d), enumProblems(d)), "\n")
		if planted == text || !strings.Contains(problems, c.want) {
			t.Errorf("%q for %q: found %q, want %q", c.mistake, c.old, problems, c.want)
		}
	}
}
