package k6

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What scripts do wrong, and what the exception must name.
var bad = map[string]struct {
	script string // after the import of Demand, "@" standing for the options of a good demand
	want   []string
}{
	"no scenario":       {`new Demand()`, []string{"scenario is missing"}},
	"null scenario":     {`new Demand(null, @)`, []string{"scenario is missing"}},
	"number":            {`new Demand(7, @)`, []string{"scenario: found 7: expected a string"}},
	"unknown scenario":  {`new Demand("blackfridya", @)`, []string{`"blackfridya"`, "blackfriday"}},
	"no such file":      {`new Demand("nowhere.yaml", @)`, []string{"nowhere.yaml"}},
	"a shop around":     {`new Demand("channel-sync", @)`, []string{"channel-sync", "unified"}},
	"no options":        {`new Demand("flashsale")`, []string{"engine is missing"}},
	"options a string":  {`new Demand("flashsale", "memory/naive")`, []string{"options: found memory/naive: expected an object"}},
	"unknown engine":    {`new Demand("flashsale", {engine: "memory/naiv"})`, []string{`"memory/naiv"`, "memory/naive"}},
	"unknown option":    {`new Demand("flashsale", {engine: "memory/naive", sed: 1})`, []string{"sed: no such option", "seed"}},
	"seed":              {`new Demand("flashsale", {engine: "memory/naive", seed: "one"})`, []string{`seed: found "one": expected a whole number`}},
	"negative seed":     {`new Demand("flashsale", {engine: "memory/naive", seed: -1})`, []string{"seed: found -1"}},
	"seed NaN":          {`new Demand("flashsale", {engine: "memory/naive", seed: NaN})`, []string{"seed: found NaN"}},
	"duration":          {`new Demand("flashsale", {engine: "memory/naive", duration: 30})`, []string{"duration: found 30: expected a string"}},
	"short":             {`new Demand("flashsale", {engine: "memory/naive", duration: "1ms"})`, []string{`duration: found "1ms"`}},
	"scale":             {`new Demand("flashsale", {engine: "memory/naive", scale: 2})`, []string{"scale: found 2"}},
	"vus":               {`new Demand("flashsale", {engine: "memory/naive", vus: 0})`, []string{"vus: found 0"}},
	"set":               {`new Demand("flashsale", {engine: "memory/naive", set: "holds.policy=cart"})`, []string{"set: found", "expected a list of strings"}},
	"set of nothing":    {`new Demand("flashsale", {engine: "memory/naive", set: ["hold.policy=cart"]})`, []string{"hold.policy"}},
	"part":              {`new Demand("flashsale", {engine: "memory/naive", part: true})`, []string{"part", "memory/naive keeps its stock in this process"}},
	"open too early":    {`new Demand("flashsale", @).open()`, []string{"Demand.open()", "init context", "setup()"}},
	"prepare too early": {`new Demand("flashsale", @).prepare()`, []string{"Demand.prepare()", "init context"}},
	"next too early":    {`new Demand("flashsale", @).next()`, []string{"Demand.next()", "init context"}},
	"audit too early":   {`new Demand("flashsale", @).audit()`, []string{"Demand.audit()", "init context"}},
	"result too early":  {`new Demand("flashsale", @).result()`, []string{"Demand.result()", "never opened"}},
}

// What scripts do wrong in a function: the demand is d.
var badLater = map[string]struct {
	setup, iteration string
	want             []string
}{
	"late":             {``, `new Demand("flashsale", @)`, []string{"new Demand()", "init context"}},
	"not open":         {``, `d.next("shopify")`, []string{"Demand.next()", "not open", "setup()"}},
	"no channel":       {`d.open()`, `d.next()`, []string{`channel: found "default"`, "shopify, woocommerce"}},
	"wrong channel":    {`d.open()`, `d.next("amazon")`, []string{`channel: found "amazon"`}},
	"open twice":       {`d.open(); d.open()`, ``, []string{"open already"}},
	"next in setup":    {`d.open(); d.next("shopify")`, ``, []string{"Demand.next()", "not in setup()"}},
	"told nonsense":    {`d.open()`, `d.next("shopify").next().told("maybe")`, []string{"Operation.told()", `"maybe"`}},
	"told a number":    {`d.open()`, `d.next("shopify").next().told(3)`, []string{"Operation.told()", "found 3"}},
	"told twice":       {`d.open()`, `const o = d.next("shopify").next(); o.do(); o.told("done")`, []string{"Operation.told()", "no operation waits"}},
	"next before told": {`d.open()`, `const s = d.next("shopify"); s.next(); s.next()`, []string{"Shopper.next()", "no answer yet"}},
	"server away":      {`gone.open()`, ``, []string{"Demand.open()", "http://127.0.0.1:1"}},
}

const good = `{engine: "memory/conditional", duration: "1s", out: __ENV.OUT}`

func TestBadScripts(t *testing.T) {
	for name, c := range bad {
		expect(t, name, c.script, c.want, 1)
	}
	for name, c := range badLater {
		body := `const d = new Demand("flashsale", @); const gone = new Demand("flashsale", {engine: "http://127.0.0.1:1", out: __ENV.OUT});
export const options = {vus: 1, iterations: 1};
export function setup() { ` + c.setup + ` }
export default function () { try { ` + c.iteration + ` } catch (e) { console.error(String(e)); throw e; } }`
		expect(t, name, body, c.want, 0)
	}
}

// expect runs a script, which must end with an exception that says all that is wanted. In the init context it ends k6, too.
func expect(t *testing.T, name, script string, want []string, least int) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		file := filepath.Join(dir, "bad.js")
		text := `import { Demand } from "k6/x/doorbuster";` + "\n" + strings.ReplaceAll(script, "@", good)
		if least > 0 {
			text += "\nexport default function () {}"
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out := play{script: file, env: map[string]string{"OUT": dir}}.run(t)
		if code < least || !containsAll(strings.ReplaceAll(out, `\"`, `"`), want...) {
			t.Errorf("exit code %d, want %q in\n%s", code, want, out)
		}
	})
}

func containsAll(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}
