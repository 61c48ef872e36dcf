package scenarios

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSet(t *testing.T) {
	s, err := parse(t, "", "", "holds.policy=cart", "faults.pause_share=0.002", "stock.receipts[0].share=0.2",
		"channels.amazon.share=0.25", "channels.shopify.share=0.75", "demand.hourly[3]=7", "demand.line_units=[1, 2, 3]",
		"skus=2000", "skus=3000")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "policy", s.Holds.Policy, HoldAtCart)
	equal(t, "pause", s.Faults.PauseShare, 0.002)
	equal(t, "receipt", s.Stock.Receipts[0], Receipt{At: 13 * time.Hour, Share: 0.2})
	equal(t, "amazon", s.Channels[0].Share, 0.25)
	equal(t, "the fourth hour", s.Demand.Hourly[3], 7)
	equal(t, "the fifth hour", s.Demand.Hourly[4], 1)
	equal(t, "the last of two", s.SKUs, 3000)
	if !slices.Equal(s.Demand.LineUnits, []float64{1, 2, 3}) {
		t.Errorf("units: got %v", s.Demand.LineUnits)
	}
}

func TestSetMakesASectionThatTheFileLeftOut(t *testing.T) {
	s, err := parse(t, "tuning:\n  lock_wait: 2s\n  retries: 5\n  backoff: 2ms\n  lease: 5s\n  batch_max: 64\n  floor: 0.25", "",
		"tuning.lease=3s")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "tuning", s.Tuning, Tuning{Lease: 3 * time.Second})
}

func TestSetAChannelToNothing(t *testing.T) {
	s, err := parse(t, "", "", "channels.amazon.share=0", "channels.shopify.share=1")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "channels", len(s.Channels), 1)
	equal(t, "the one left", s.Channels[0].Name, "shopify")
}

func TestSetErrors(t *testing.T) {
	for set, want := range map[string]string{
		"holds.policy=crat":         `--set holds.policy=crat: holds.policy: "crat" is not known: did you mean "cart"?`,
		"holds.polcy=cart":          `--set holds.polcy=cart: unknown key "holds.polcy": did you mean "policy"?`,
		"orders_per_day=100":        `--set orders_per_day=100: unknown key "orders_per_day": did you mean "demand.orders_per_day"?`,
		"stock.every=1h":            `--set stock.every=1h: unknown key "stock.every": did you mean "cover"?`, // several sections have one
		"holdz.policy=cart":         `--set holdz.policy=cart: unknown key "holdz": did you mean "holds"?`,
		"holds.for":                 "--set holds.for: expected KEY=VALUE",
		"=1":                        "--set =1: expected KEY=VALUE",
		"holds..for=1":              "--set holds..for=1: expected KEY=VALUE",
		"stock.receipts[1].share=1": "--set stock.receipts[1].share=1: stock.receipts has no entry [1]: it is a list of 1",
		"skus[0]=1":                 `--set skus[0]=1: skus has no entry [0]: it is "1000"`,
		"skus.few=1":                `--set skus.few=1: skus has no keys: it is "1000"`,
		"skus=":                     "--set skus=: empty: expected YAML",
		"skus=[1":                   "--set skus=[1:1:1: YAML: sequence end token ']' not found",
		"channels.amazon.share=0.3": "shop.yaml:17:1: channels: shares sum to 0.9: expected 1 (with --set channels.amazon.share=0.3)",
		"holds={policy: cart}":      "--set holds={policy: cart}: holds.for: missing",
		"storage.profile=mysql":     `--set storage.profile=mysql: storage.profile: "mysql" is not known`,
	} {
		_, err := parse(t, "", "", set)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// TestSettingsThatDoNotFitTheFileAreNamed has the place in the file where the values meet, and the settings that made them clash.
func TestSettingsThatDoNotFitTheFileAreNamed(t *testing.T) {
	for want, set := range map[string][]string{
		"shop.yaml:17:1: channels: shares sum to 1.2: expected 1 (with --set channels.amazon.share=0.5 and --set channels.shopify.share=0.7)": {
			"channels.amazon.share=0.5", "channels.shopify.share=0.7", "holds.for=20m"},
		"(with --set skus=4)": {"skus=4"},
		"(with --set day=2h)": {"day=2h"},
	} {
		_, err := parse(t, "", "", set...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	_, err := parse(t, "", "", "demand.hot.skus=9000")
	if want := "--set demand.hot.skus=9000: demand.hot.skus: 9000, more than the scenario's 1000 SKUs"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
