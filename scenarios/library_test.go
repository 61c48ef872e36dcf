package scenarios

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func load(t *testing.T, name string, set ...string) *Scenario {
	t.Helper()
	s, err := Load(name, known, set)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// theLibrary is each scenario with how many runs of a seed it is: engines × variants.
var theLibrary = map[string]int{
	"blackfriday": 11, "steady": 10, "casestudy": 2, "flashsale": 2, "hold-policies": 3, "channel-sync": 6, "buffers": 3, "restock": 3, "my-shop": 2,
}

func TestEveryScenarioOfTheLibraryParses(t *testing.T) {
	infos := List()
	equal(t, "scenarios", len(infos), len(theLibrary))
	for _, info := range infos {
		s := load(t, info.Name)
		equal(t, "name in the file", s.Name, info.Name)
		equal(t, "about", s.About, info.About)
		if info.About == "" {
			t.Errorf("%s says nothing about itself", info.Name)
		}
		equal(t, info.Name+": runs of a seed", len(s.Engines)*len(s.Whole()), theLibrary[info.Name])
		for _, v := range s.Whole() {
			equal(t, info.Name+" "+v.Variant+": articles", v.SKUs, s.SKUs)
		}
	}
}

func TestTheLibraryTellsEditorsOfTheSchema(t *testing.T) {
	for name := range theLibrary {
		if !strings.HasPrefix(read(t, name+".yaml"), "# yaml-language-server: $schema=scenario.schema.json\n") {
			t.Errorf("%s.yaml doesn't begin with its schema", name)
		}
	}
}

func TestEveryProfileParsesAndNamesItsSource(t *testing.T) {
	for _, name := range stems("profiles/demand/*.yaml") {
		s := load(t, "steady", "demand.profile="+name)
		equal(t, "profile", s.Demand.Profile, name)
		if s.Demand.Source == "" || s.Demand.Spike.Baseline == "" {
			t.Errorf("demand profile %s: no source or baseline", name)
		}
	}
	for _, name := range stems("profiles/storage/*.yaml") {
		s := load(t, "steady", "storage.profile="+name)
		equal(t, "profile", s.Storage.Profile, name)
		if s.Storage.Source == "" {
			t.Errorf("storage profile %s: no source", name)
		}
	}
	for _, name := range stems("profiles/shopper/*.yaml") {
		s := load(t, "hold-policies", "shopper.profile="+name)
		equal(t, "profile", s.Shopper.Profile, name)
	}
	equal(t, "redis", load(t, "steady", "storage.profile=redis").Storage.Service, 12*time.Microsecond)
}

// TestBasketsAreAsTheProfilesSay: mean 2.0 lines, median 1.
func TestBasketsAreAsTheProfilesSay(t *testing.T) {
	for _, name := range []string{"blackfriday", "steady"} {
		d := load(t, name).Demand
		mean, sum := 0.0, 0.0
		for i, w := range d.BasketLines {
			mean += float64(i+1) * w
			sum += w
		}
		if mean /= sum; math.Abs(mean-2) > 1e-9 {
			t.Errorf("%s: a basket has %g lines on average, want 2", name, mean)
		}
		if d.BasketLines[0]/sum < 0.5 {
			t.Errorf("%s: %g of baskets have one line: the median is above 1", name, d.BasketLines[0]/sum)
		}
	}
}

func TestAScenarioOverridesItsProfiles(t *testing.T) {
	plain := load(t, "blackfriday")
	equal(t, "factor of the profile", plain.Demand.Spike.Factor, 12)
	if strings.Contains(plain.Demand.Source, "itself") {
		t.Errorf("nothing was replaced, but the source says %q", plain.Demand.Source)
	}
	s := load(t, "blackfriday", "demand.spike.factor=6", "demand.hourly[0]=1", "storage.rtt=2ms", "storage.profile=redis")
	equal(t, "factor", s.Demand.Spike.Factor, 6)
	equal(t, "ramp, of the profile", s.Demand.Spike.Ramp, time.Minute)
	equal(t, "rtt", s.Storage.RTT, 2*time.Millisecond)
	equal(t, "servers, of the profile", s.Storage.Servers, 1)
	for text, want := range map[string]string{
		s.Demand.Source:  " (the scenario sets hourly, spike.factor itself)",
		s.Storage.Source: " (the scenario sets rtt itself)",
	} {
		if !strings.HasSuffix(text, want) {
			t.Errorf("source %q: want it to end in %q", text, want)
		}
	}
}

func TestSteadyNeedsNoControl(t *testing.T) {
	s := load(t, "steady")
	equal(t, "pressure", s.Pressure, false)
	equal(t, "control", s.Control, "")
	equal(t, "factor", s.Demand.Spike.Factor, 1)
}

func TestLoadAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.yml")
	if err := os.WriteFile(file, []byte(read(t, "testdata/shop.yaml")), 0o600); err != nil {
		t.Fatal(err)
	}
	equal(t, "name", load(t, file).Name, "shop")
	if err := os.WriteFile(file, []byte("name: mine\nskuz: 1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(file, known, nil); err == nil || !strings.Contains(err.Error(), file+":2:1: unknown key \"skuz\"") {
		t.Errorf("got %v, want the file, line and column of skuz", err)
	}
}

func TestLoadWhatIsNotThere(t *testing.T) {
	for name, want := range map[string]string{
		"blackfridy":  `scenario "blackfridy" is not known: did you mean "blackfriday"? Valid: blackfriday, buffers, casestudy, channel-sync, flashsale, hold-policies, my-shop, restock, steady, or a path that ends in .yaml`,
		"nofile.yaml": "scenario: open nofile.yaml:",
	} {
		if _, err := Load(name, known, nil); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}

func TestHash(t *testing.T) {
	hash := load(t, "blackfriday").Hash()
	equal(t, "length", len(hash), 12)
	equal(t, "read again", load(t, "blackfriday").Hash(), hash)
	equal(t, "the same value set", load(t, "blackfriday", "holds.for=900s").Hash(), hash)
	equal(t, "other engines", load(t, "blackfriday", "engines=[memory/queue]").Hash(), hash)
	for _, set := range []string{"holds.for=16m", "demand.hourly[5]=9", "storage.rtt=2ms", "channels.etsy.sync=unified"} {
		if same := load(t, "blackfriday", set).Hash() == hash; same != (set == "channels.etsy.sync=unified") {
			t.Errorf("%s: hash unchanged is %v", set, same)
		}
	}
}

func TestHashCoversVariants(t *testing.T) {
	whole := load(t, "casestudy")
	for what, set := range map[string]string{
		"a setting of a variant": "variants[1].set.holds.for=20m",
		// The file's own value: the scenario as it stands remains, the variant that says otherwise doesn't.
		"a setting that holds in every variant": "sync.marketplaces=polling",
		"one variant less":                      "variants=[{name: before}]",
	} {
		sets := []string{set, "published=[]"}
		if load(t, "casestudy", sets...).Hash() == whole.Hash() {
			t.Errorf("%s leaves the hash as it was", what)
		}
	}
	equal(t, "other words", load(t, "casestudy", "published=[]", "variants[0].about=other words").Hash(), whole.Hash())
	before, after := whole.Whole()[0], whole.Whole()[1]
	if before.Hash() == after.Hash() || before.Hash() == whole.Hash() {
		t.Error("a variant has the hash of another, or of the whole")
	}
}
