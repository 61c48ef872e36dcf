package scenarios

import (
	"slices"
	"strings"
	"testing"
)

func TestVariantsAreWholeScenarios(t *testing.T) {
	s := market(t)
	whole := s.Whole()
	equal(t, "variants", len(whole), 2)
	before, after := whole[0], whole[1]
	equal(t, "names", before.Variant+" "+after.Variant, "before after")
	equal(t, "the scenario as it stands", s.Variant, "")
	equal(t, "its first channel", s.Channels[0].Allocation, 0.6)
	equal(t, "before is as it stands", before.Overflow, s.Overflow)
	equal(t, "etsy before", before.Channels[3].Sync, Webhook)
	equal(t, "etsy after", after.Channels[3].Sync, Stream)
	equal(t, "overflow after", after.Overflow.Policy, Reject)
	equal(t, "what overflow had beside it", after.Overflow.Stay, 0.25)
	equal(t, "allocation after", after.Channels[0].Allocation, 0.5)
	equal(t, "arrivals", after.Demand.ArrivalsPerDay, before.Demand.ArrivalsPerDay)
	equal(t, "about", s.Variants[0].About, "as it stands")
	equal(t, "a variant's own variants", len(after.Whole()), 1)
	if after.Whole()[0] != after {
		t.Error("a variant is not its own only one")
	}
	want := []string{"sync.marketplaces=stream", "overflow.policy=reject", "channels.amazon.allocation=0.5"}
	if got := s.Variants[1].Set; !slices.Equal(got, want) {
		t.Errorf("settings %q, want %q", got, want)
	}
}

func TestAScenarioWithoutVariantsIsItsOwn(t *testing.T) {
	for _, set := range [][]string{{"variants=[]", "published=[]"}} {
		s := market(t, set...)
		if whole := s.Whole(); len(whole) != 1 || whole[0] != s {
			t.Errorf("got %d scenarios, want the one itself", len(whole))
		}
	}
}

// TestTheCommandLineWinsInEveryVariant, over what the variant says itself.
func TestTheCommandLineWinsInEveryVariant(t *testing.T) {
	for _, v := range market(t, "sync.marketplaces=polling", "holds.policy=cart").Whole() {
		equal(t, v.Variant+": etsy", v.Channels[3].Sync, Polling)
		equal(t, v.Variant+": hold", v.Holds.Policy, HoldAtCart)
	}
}

// TestAVariantMayNameAProfile, which goes below what the file says.
func TestAVariantMayNameAProfile(t *testing.T) {
	whole := market(t, "variants[1].set={storage.profile: redis}").Whole()
	equal(t, "servers before", whole[0].Storage.Servers, 16)
	equal(t, "servers after", whole[1].Storage.Servers, 1)
}

// TestSettingsOfAVariantCanBeGivenAsTheyAre: each, given to --set, says the same as in the file.
func TestSettingsOfAVariantCanBeGivenAsTheyAre(t *testing.T) {
	set := `variants=[{name: odd, set: {stock.receipts: [{at: 1h, share: 0.5}], idle.text: 'a: "b" #c', idle.nothing: null, idle.none: {}}}]`
	_, overlays, err := overlaysOf(t, set)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, s := range overlays[0].settings {
		texts = append(texts, s.value.setting)
	}
	want := []string{"stock.receipts=[{at: 1h, share: 0.5}]", `idle.text="a: \"b\" #c"`, "idle.nothing=null", "idle.none={}"}
	if !slices.Equal(texts, want) {
		t.Fatalf("got %q\nwant %q", texts, want)
	}
	again, err := readSettings(texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range again {
		equal(t, "read again", s.value.flow(), overlays[0].settings[i].value.flow())
		equal(t, "its kind", s.value.kind, overlays[0].settings[i].value.kind)
	}
}

func overlaysOf(t *testing.T, set string) (*Scenario, []overlay, error) {
	t.Helper()
	root, err := readTree("market.yaml", []byte(read(t, "testdata/market.yaml")), "")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := readSettings([]string{set, "published=[]"})
	if err != nil {
		t.Fatal(err)
	}
	return (&file{root: root, known: known}).resolve(settings)
}

func TestTooManyVariants(t *testing.T) {
	_, err := parseMarket(t, "", "", "variants=["+strings.Repeat("{name: a}, ", maxVariants+1)+"]")
	refusedWith(t, err, "variants: expected at most 20 variants, found 21")
}

// TestErrorsOfSeveralVariants has one for each.
func TestErrorsOfSeveralVariants(t *testing.T) {
	_, err := parseMarket(t, "    about: as it stands", "    set: {holds.for: 2d}", "variants[1].set.buffers.policy=dinamic")
	refusedWith(t, err, "market.yaml:49:11: variant before: holds.for: a hold lasts 48h0m0s")
	refusedWith(t, err, "variant after: buffers.policy: \"dinamic\" is not known")
}
