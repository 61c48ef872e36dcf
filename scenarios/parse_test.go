package scenarios

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

var known = []string{
	"memory/naive", "memory/pessimistic", "memory/nowait", "memory/optimistic", "memory/conditional",
	"memory/lock", "memory/fenced", "memory/serializable", "memory/queue", "memory/quota", "memory/stream", "postgres/naive",
}

func read(t testing.TB, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// parse parses testdata/shop.yaml with old replaced by new.
func parse(t *testing.T, old, new string, set ...string) (*Scenario, error) {
	t.Helper()
	text := read(t, "testdata/shop.yaml")
	if !strings.Contains(text, old) {
		t.Fatalf("testdata/shop.yaml has no %q to replace", old)
	}
	return Parse("shop.yaml", []byte(strings.Replace(text, old, new, 1)), known, set)
}

func TestEveryFieldIsRead(t *testing.T) {
	s, err := parse(t, "", "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "channels", len(s.Channels), 2)
	equal(t, "first channel", s.Channels[0], Channel{Index: 0, Name: "amazon", Kind: Marketplace, Share: 0.4, Sync: "unified"})
	equal(t, "second channel", s.Channels[1], Channel{Index: 3, Name: "shopify", Kind: Own, Share: 0.6, Sync: "unified"})
	equal(t, "spike", s.Demand.Spike, Spike{"the day's mean", 9 * time.Hour, time.Minute, 12, 10 * time.Minute, 20 * time.Minute})
	equal(t, "hot", s.Demand.Hot, Hot{5, 7, 8 * time.Minute, 10 * time.Minute})
	equal(t, "shopper", s.Shopper, Shopper{"", 3 * time.Minute, 2 * time.Minute, 3 * time.Minute, 0.8, 0.55, 0.33, 0.15, 0.6, 0.02,
		10 * time.Minute, 0.001, 0})
	equal(t, "holds", s.Holds, Holds{HoldAtCheckout, 15 * time.Minute})
	equal(t, "receipt", s.Stock.Receipts[0], Receipt{13 * time.Hour, 0.05})
	equal(t, "storage", s.Storage, Storage{"", "a test", "made up", time.Millisecond, 400 * time.Microsecond, "exponential", 16,
		500 * time.Microsecond, 200, 5 * time.Second, "barging"})
	equal(t, "faults", s.Faults, Faults{0.001, 8 * time.Second})
	equal(t, "tuning", s.Tuning, Tuning{2 * time.Second, 5, 2 * time.Millisecond, 5 * time.Second, 64, 0.25})
	equal(t, "day", s.Day, 24*time.Hour)
	equal(t, "pressure", s.Pressure, true)
	equal(t, "hours", len(s.Demand.Hourly), 24)
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}

// wrong is a change that makes a good file bad.
type wrong struct {
	old, new string
	want     string // part of the error
	unseen   bool   // only the parser knows: the schema sees one value at a time, no engines, and no YAML
}

// refused shows every class of error in testdata/shop.yaml once.
var refused = map[string]wrong{
	"syntax":              {"{kind: own, share: 0.6, sync: unified}", "{kind: own, share: 0.6", `shop.yaml:20:1: YAML: ',' or '}' must be specified`, true},
	"no colon":            {"  for: 15m", "  for 15m", `shop.yaml:36:3: YAML: non-map value is specified: expected KEY: VALUE, with a colon and a space`, true},
	"tab":                 {"  for: 15m", "\tfor: 15m", `: expected spaces in the place of a tab`, true},
	"indent":              {"  for: 15m", " for: 15m", `shop.yaml:36:2: YAML: `, true},
	"duplicate key":       {"  for: 15m", "  policy: cart", `shop.yaml:36:3: YAML: mapping key "policy" already defined at [35:3]`, true},
	"unknown key":         {"  for: 15m", "  fro: 15m", `shop.yaml:36:3: unknown key "holds.fro": did you mean "for"? Valid: policy, for`, false},
	"unknown top key":     {"holds:", "hold:", `shop.yaml:34:1: unknown key "hold": did you mean "holds"?`, false},
	"missing key":         {"  for: 15m\n", "", "shop.yaml:34:1: holds.for: missing", false},
	"no value":            {"  for: 15m", "  for:", "shop.yaml:36:3: holds.for: no value", false},
	"not a section":       {"holds:\n  policy: checkout\n  for: 15m", "holds: 15m", `shop.yaml:34:8: holds: expected a section with keys, found "15m"`, false},
	"not a value":         {"  for: 15m", "  for: [15m]", "shop.yaml:36:8: holds.for: expected a time from 1s to 90d, as in 500ms, 15m or 1d12h, found a list of 1", false},
	"anchor":              {"  for: 15m", "  for: &f 15m", "shop.yaml:36:8: expected plain keys and values: anchors", true},
	"merge key":           {"  for: 15m", "  <<: {for: 15m}", "shop.yaml:36:3: expected a plain key", true},
	"second document":     {"  floor: 0.25", "  floor: 0.25\n---\nname: two", "shop.yaml:67:1: a second document", true},
	"word":                {"policy: checkout", "policy: chekout", `shop.yaml:35:11: holds.policy: "chekout" is not known: did you mean "checkout"? Valid: cart, checkout, payment`, false},
	"kind":                {"kind: own", "kind: mine", `shop.yaml:19:19: channels.shopify.kind: "mine" is not known: did you mean "own"?`, false},
	"sync":                {"share: 0.6, sync: unified", "share: 0.6, sync: polling", `shop.yaml:19:42: channels.shopify.sync: "polling" is for marketplaces: an own store asks the engine, which is unified`, false},
	"distribution":        {"exponential", "normal", `shop.yaml:50:17: storage.distribution: "normal" is not known`, false},
	"hand-off":            {"barging", "lifo", `shop.yaml:55:12: storage.handoff: "lifo" is not known: did you mean "fifo"?`, false},
	"channel":             {"  shopify:", "  shopfiy:", `shop.yaml:19:3: unknown key "channels.shopfiy": did you mean "shopify"?`, false},
	"not a channel":       {"  shopify:", "  pos:", `shop.yaml:19:3: unknown key "channels.pos": did you mean`, false},
	"engine":              {"memory/naive", "memory/niave", `shop.yaml:2:11: engines[0]: engine "memory/niave" is not known: did you mean "memory/naive"?`, true},
	"engine pattern":      {"memory/naive", "redis/*", `shop.yaml:2:11: engines[0]: engine "redis/*" is not known`, true},
	"no engines":          {"[memory/naive, memory/queue]", "[]", "shop.yaml:2:10: engines: expected at least one engine", false},
	"control":             {"control: naive", "control: navie", `shop.yaml:3:10: control: "navie" is not known: did you mean "naive"?`, true},
	"no control":          {"control: naive\n", "", "shop.yaml:1:1: control: missing", false},
	"name":                {"name: shop", "name: ../../shop", `shop.yaml:1:7: name: expected lower-case letters`, false},
	"negative":            {"arrivals_per_day: 100000", "arrivals_per_day: -1", `shop.yaml:10:21: demand.arrivals_per_day: expected a number above 0, at most 1e+09, found "-1"`, false},
	"absurd":              {"arrivals_per_day: 100000", "arrivals_per_day: 2e9", "shop.yaml:10:21: demand.arrivals_per_day", false},
	"not a number":        {"zipf: 0.9", "zipf: .nan", `shop.yaml:13:9: demand.zipf: expected a number from 0 to 5, found ".nan"`, true},
	"NaN in Go's words":   {"zipf: 0.9", "zipf: NaN", "shop.yaml:13:9: demand.zipf", false},
	"probability":         {"payment_retry: 0.6", "payment_retry: 60", "shop.yaml:29:18: shopper.payment_retry: expected a number from 0 to 1", false},
	"SKUs":                {"skus: 1000", "skus: 5000001", "shop.yaml:7:7: skus: expected a whole number from 1 to 5000000", false},
	"fraction":            {"skus: 1000", "skus: 10.5", "shop.yaml:7:7: skus: expected a whole number", false},
	"duration":            {"day: 24h", "day: 24 hours", "shop.yaml:6:6: day: expected a time from 1m to 90d", false},
	"overflowing days":    {"day: 24h", "day: 106752d", "shop.yaml:6:6: day: expected a time", false},
	"flag":                {"pressure: true", "pressure: yes", `shop.yaml:4:11: pressure: expected true or false, found "yes"`, false},
	"weights":             {"hourly: [1, 1,", "hourly: [1,", "shop.yaml:11:11: demand.hourly: expected a list of 24 weights, found a list of 23", false},
	"negative weight":     {"hourly: [1, 1,", "hourly: [1, -1,", "shop.yaml:11:15: demand.hourly[1]: expected a number from 0", false},
	"weightless":          {"line_units: [0.9, 0.1]", "line_units: [0, 0]", "shop.yaml:16:15: demand.line_units: expected at least one weight above 0", false},
	"factor":              {"factor: 12", "factor: 0.5", "shop.yaml:12:63: demand.spike.factor: expected a number from 1 to 1000", false},
	"shares":              {"share: 0.6", "share: 0.5", "shop.yaml:17:1: channels: shares sum to 0.9: expected 1", true},
	"spike too late":      {"at: 9h", "at: 24h", "shop.yaml:12:41: demand.spike.at: the spike's peak ends after 24h11m0s: expected it within the day of 24h0m0s", true},
	"long hold":           {"  for: 15m", "  for: 25h", "shop.yaml:36:8: holds.for: a hold lasts 25h0m0s: expected it within the day", true},
	"late receipt":        {"at: 13h", "at: 2d", "shop.yaml:44:12: stock.receipts[0].at: a receipt at 48h0m0s", true},
	"late cancellation":   {"cancel_after: 10m", "cancel_after: 30h", "shop.yaml:31:17: shopper.cancel_after: a buyer cancels after 30h0m0s", true},
	"hot SKUs":            {"skus: 5,", "skus: 5000,", "shop.yaml:14:15: demand.hot.skus: 5000, more than the scenario's 1000 SKUs", true},
	"zero tuning":         {"retries: 5", "retries: 0", "shop.yaml:61:12: tuning.retries: expected a whole number from 1 to 1000", false},
	"demand profile":      {"source: made up\n  arr", "profile: blackfirday\n  arr", `shop.yaml:9:12: demand.profile: "blackfirday" is not known: did you mean "blackfriday"? Valid: blackfriday, drop, even, steady`, false},
	"storage profile":     {"  about: a test", "  profile: rediss", `shop.yaml:46:12: storage.profile: "rediss" is not known: did you mean "redis"?`, false},
	"receipt is a word":   {"- {at: 13h, share: 0.05}", "- 13h", "shop.yaml:44:7: stock.receipts[0]: expected a section with keys", false},
	"receipts not a list": {"\n    - {at: 13h, share: 0.05}", " 13h", "shop.yaml:43:13: stock.receipts: expected a list", false},
}

func TestErrors(t *testing.T) {
	for name, c := range refused {
		t.Run(name, func(t *testing.T) {
			_, err := parse(t, c.old, c.new)
			refusedWith(t, err, c.want)
		})
	}
}

func refusedWith(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("accepted; want %s", want)
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestErrorsOfTheWholeFile(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"empty":    {"# nothing", "x.yaml: empty: expected YAML"},
		"a list":   {"- 1", "x.yaml:1:1: expected a section with keys, found a list of 1"},
		"a word":   {"hello", `x.yaml:1:1: expected a section with keys, found "hello"`},
		"encoding": {"name: \xff", "x.yaml: not UTF-8 text"},
		"size":     {strings.Repeat("#", maxBytes+1), "x.yaml: 65537 bytes: a scenario has at most 65536"},
		"nesting":  {strings.Repeat("[", 20000), "x.yaml: 20000 brackets: a scenario has at most 1000"},
	} {
		_, err := Parse("x.yaml", []byte(c.data), known, nil)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

func TestSeveralErrorsAtOnceInOrderOfTheFile(t *testing.T) {
	_, err := parse(t, "  for: 15m", "  fro: 15m", "zipff=1")
	var all Errors
	if !errors.As(err, &all) || len(all) != 3 {
		t.Fatalf("got %v, want three errors", err)
	}
	want := []string{"--set zipff=1: unknown key", "shop.yaml:34:1: holds.for: missing", "shop.yaml:36:3: unknown key"}
	for i, e := range all {
		if !strings.HasPrefix(e.Error(), want[i]) {
			t.Errorf("error %d: got %v, want %s", i, e, want[i])
		}
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"15m": 15 * time.Minute, "500ms": 500 * time.Millisecond, "2d": 48 * time.Hour, "1d12h": 36 * time.Hour, "0s": 0,
	} {
		if got, err := parseDuration(text); err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "d", "1d-5h", "-1d", "1.5d", "99999999999d", "1d25h", "1dd", "5"} {
		if got, err := parseDuration(text); err == nil {
			t.Errorf("%q: accepted as %v", text, got)
		}
	}
}

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{"chekout": "checkout", "CART": "cart", "pay": "cart", "paymnt": "payment"} {
		if got := Nearest(word, []string{"cart", "checkout", "payment"}); got != want {
			t.Errorf("%s: got %s, want %s", word, got, want)
		}
	}
	equal(t, "no words", Nearest("x", nil), "")
	for _, c := range []struct {
		a, b string
		want int
	}{{"kitten", "sitting", 3}, {"", "abc", 3}, {"abc", "", 3}, {"×2", "x2", 1}, {"same", "same", 0}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q): got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestExpand(t *testing.T) {
	for pattern, want := range map[string]int{"all": 12, "memory/*": 11, "*/naive": 2, "memory/queue": 1} {
		got, err := Expand([]string{pattern}, known)
		if err != nil || len(got) != want {
			t.Errorf("%s: got %v, %v, want %d engines", pattern, got, err, want)
		}
	}
	got, err := Expand([]string{"memory/queue", "memory/*"}, known)
	if err != nil || len(got) != 11 || got[0] != "memory/queue" {
		t.Errorf("a name and its pattern: got %v, %v, want eleven engines, queue first", got, err)
	}
	for half, want := range map[string]string{"queue": `did you mean "memory/queue"?`, "memory": `did you mean "memory/*"?`, "quee": `did you mean "memory/queue"?`} {
		if _, err := Expand([]string{half}, known); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", half, err, want)
		}
	}
	for _, pattern := range []string{"memory/", "memory/[", "ALL", ""} {
		if got, err := Expand([]string{pattern}, known); err == nil {
			t.Errorf("%q: got %v, want an error", pattern, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(read(f, "testdata/shop.yaml"), "holds.policy=cart")
	f.Add("a: [1, {b: c}]\n---\n- x", "stock.receipts[0].share=1")
	f.Add("demand: {profile: blackfriday}\nstorage: {profile: redis, rtt: 1d}", "demand.hourly[3]=.nan")
	f.Add("variants: [{name: a, set: {a.b: {c: [1]}}}, {name: a}]\nsync: {marketplaces: stream}", "variants[0].set.holds.for=1h")
	f.Add("x: |\n  y\n? [k]\n: v\n<<: *a", "a[0][1].b= ")
	f.Fuzz(func(t *testing.T, data, set string) {
		s, err := Parse("f.yaml", []byte(data), known, []string{set})
		if (s == nil) == (err == nil) {
			t.Fatalf("got %v and %v, want one of them", s, err)
		}
		if err != nil && err.Error() == "" {
			t.Fatal("an error without words")
		}
	})
}
