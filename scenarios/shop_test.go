package scenarios

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// parseMarket parses testdata/market.yaml with old replaced by new.
func parseMarket(t *testing.T, old, new string, set ...string) (*Scenario, error) {
	t.Helper()
	text := read(t, "testdata/market.yaml")
	if !strings.Contains(text, old) {
		t.Fatalf("testdata/market.yaml has no %q to replace", old)
	}
	return Parse("market.yaml", []byte(strings.Replace(text, old, new, 1)), known, set)
}

func market(t *testing.T, set ...string) *Scenario {
	t.Helper()
	s, err := parseMarket(t, "", "", set...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryFieldOfTheShopIsRead(t *testing.T) {
	s := market(t)
	equal(t, "push", s.Sync.Push, "delta")
	equal(t, "polling", s.Sync.Polling, PollingSync{5 * time.Minute})
	equal(t, "webhook", s.Sync.Webhook, WebhookSync{3 * time.Second, 0.01, 0.02, 7, 2 * time.Hour, 0})
	equal(t, "stream", s.Sync.Stream, StreamSync{50 * time.Millisecond, 900})
	equal(t, "redistribution", s.Sync.Allocated.Redistribute, Manually)
	if at := s.Sync.Allocated.At; !slices.Equal(at, []time.Duration{6 * time.Hour, 18 * time.Hour}) {
		t.Errorf("redistributed at %v", at)
	}
	equal(t, "imports", s.Sync.Imports, Imports{7 * time.Second, 5 * time.Minute, 0.001, 0.03, 0, 12 * time.Hour})
	equal(t, "amazon", s.Channels[0], Channel{0, "amazon", Marketplace, 0.2, Allocated, 0.6})
	equal(t, "shopify, which says nothing of sync", s.Channels[2].Sync, Unified)
	equal(t, "etsy, which says nothing of sync", s.Channels[3].Sync, Webhook)
	equal(t, "overflow", s.Overflow, Overflow{Pending, 6 * time.Hour, 0.25})
	equal(t, "buffers", s.Buffers, Buffers{DynamicBuffer, 4, 1.5})
	equal(t, "fulfilment", s.Fulfilment.Rule, LowestPenalty)
	equal(t, "restock", s.Restock, Restock{true, 2 * time.Hour, 72 * time.Hour, 0.5, 0.3, 240 * time.Hour})
	equal(t, "floor", s.Floor, Floor{0.1, 10 * time.Minute, "absolute", 12 * time.Hour, 30 * time.Minute})
	if want := map[string]float64{"amazon": 5, "etsy": 0}; !maps.Equal(s.Costs.Penalty, want) {
		t.Errorf("penalties %v, want %v", s.Costs.Penalty, want)
	}
	c := s.Costs
	equal(t, "currency", c.Currency, "EUR")
	for what, pair := range map[string][2]float64{
		"order value": {c.OrderValue, 50}, "margin": {c.Margin, 0.4}, "refund": {c.Refund, 2}, "expedite": {c.Expedite, 9},
		"expedite share": {c.ExpediteShare, 0.2}, "repurchase": {c.Repurchase, 60}, "loss": {c.RepurchaseLoss, 0.35},
		"unit": {c.UnitHolding, 0.2}, "orders": {c.OrdersADayOfAShop, 5000},
	} {
		equal(t, what, pair[0], pair[1])
	}
	equal(t, "first figure", s.Published[0], Published{"before", "rates.cancellation", 0.032, UnitShare, false, "a paper"})
	equal(t, "second figure", s.Published[1], Published{"after", "update_latency_ms.p99", 500, UnitMS, true, "a paper"})
}

// TestThePlainShop is what scenarios had before there was a shop around the engine.
func TestThePlainShop(t *testing.T) {
	s, err := parse(t, "", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range s.Channels {
		equal(t, c.Name, c.Sync, Unified)
	}
	equal(t, "overflow", s.Overflow, Overflow{Policy: Reject})
	equal(t, "buffers", s.Buffers, Buffers{Policy: NoBuffer})
	equal(t, "fulfilment", s.Fulfilment.Rule, LatestFirst)
	equal(t, "restock", s.Restock, Restock{})
	equal(t, "floor", s.Floor, Floor{})
	equal(t, "currency", s.Costs.Currency, "")
}

func TestASectionThatIsThereHasDefaults(t *testing.T) {
	s, err := parse(t, "", "", "restock={}", "floor={till_share: 0.2}", "cost.refund=7", "overflow={policy: pending, deadline: 1h}")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "restock", s.Restock, defaultRestock())
	equal(t, "the till's reports", s.Floor.TillReportEvery, 15*time.Minute)
	equal(t, "who waits", s.Overflow.Stay, 0.5)
	equal(t, "refund", s.Costs.Refund, 7)
	equal(t, "currency", s.Costs.Currency, "USD")
	equal(t, "loss", s.Costs.RepurchaseLoss, 0.4)
	equal(t, "restock switched off", market(t, "restock.enabled=false").Restock.On, false)
}

// TestOrdersBecomeArrivals: half of the arrivals are on marketplaces and order; of the carts 45 % × 67 % × 93.4 % do.
func TestOrdersBecomeArrivals(t *testing.T) {
	pays := 0.85 / (1 - 0.15*0.6)
	want := 500 / (0.5 + 0.5*0.45*0.67*pays)
	if got := market(t).Demand.ArrivalsPerDay; math.Abs(got-want) > 1e-9 {
		t.Errorf("500 orders are %g arrivals, want %g", got, want)
	}
	if got := market(t, "demand.orders_per_day=1000").Demand.ArrivalsPerDay; math.Abs(got-2*want) > 1e-9 {
		t.Errorf("1000 orders are %g arrivals, want %g", got, 2*want)
	}
}

func TestAScenarioMayLastAQuarter(t *testing.T) {
	equal(t, "day", market(t, "day=90d").Day, 90*24*time.Hour)
	_, err := parseMarket(t, "", "", "day=91d")
	refusedWith(t, err, "--set day=91d: day: expected a time from 1m to 90d")
}

// refusedShops shows every class of error in testdata/market.yaml once.
var refusedShops = map[string]wrong{
	"own store that is polled": {"share: 0.5}", "share: 0.5, sync: polling}", `market.yaml:24:42: channels.shopify.sync: "polling" is for marketplaces`, false},
	"unknown sync":             {"sync: allocated, allocation: 0.6", "sync: alocated, allocation: 0.6", `market.yaml:21:49: channels.amazon.sync: "alocated" is not known: did you mean "allocated"? Valid: unified, polling, webhook, stream, allocated`, false},
	"no sync":                  {"  marketplaces: webhook\n", "", "market.yaml:22:3: channels.etsy.sync: missing: a marketplace says how it learns what to display, or sync.marketplaces", false},
	"no allocation":            {"allocated, allocation: 0.6", "allocated", "market.yaml:21:3: channels.amazon.allocation: missing: sync allocated needs it", false},
	"no allocation of all":     {"marketplaces: webhook", "marketplaces: allocated", "market.yaml:23:3: channels.etsy.allocation: missing: sync.marketplaces allocated needs it", true},
	"allocation of no use":     {"sync: allocated, allocation: 0.6", "sync: stream, allocation: 0.6", "market.yaml:21:69: channels.amazon.allocation: only a channel with sync allocated has one: this one's is stream", false},
	"allocation of all stock":  {"allocation: 0.6", "allocation: 1.6", "market.yaml:21:72: channels.amazon.allocation: expected a number above 0, at most 1", false},
	"allocations above stock":  {"allocation: 0.6", "allocation: 0.7", "market.yaml:20:1: channels: allocations sum to 1.1: expected at most 1, the stock that there is", true},
	"shares":                   {"share: 0.1}", "share: 0.2}", "market.yaml:20:1: channels: shares sum to 1.1: expected 1", true},
	"polling interval of 0":    {"{every: 5m}", "{every: 0s}", `market.yaml:15:20: sync.polling.every: expected a time from 1s to 90d, as in 500ms, 15m or 1d12h, found "0s"`, false},
	"negative delay":           {"delay: 3s", "delay: -3s", "market.yaml:16:20: sync.webhook.delay: expected a time from 0s", false},
	"loss above 1":             {"loss: 0.01", "loss: 1.5", "market.yaml:16:30: sync.webhook.loss: expected a number from 0 to 1", false},
	"no capacity":              {"capacity_per_s: 900", "capacity_per_s: 0", "market.yaml:17:41: sync.stream.capacity_per_s: expected a number above 0", false},
	"push":                     {"push: delta", "push: deltas", `market.yaml:14:9: sync.push: "deltas" is not known: did you mean "delta"?`, false},
	"unknown key of sync":      {"polling: {every", "poling: {every", `market.yaml:15:3: unknown key "sync.poling": did you mean "polling"?`, false},
	"manual without times":     {"manual, at: [6h, 18h]", "manual", "market.yaml:18:3: sync.allocated.at: missing: redistribute manual needs it", false},
	"no times":                 {"[6h, 18h]", "[]", "market.yaml:18:41: sync.allocated.at: expected a list of 1 to 500 entries, found a list of 0", false},
	"time of another day":      {"[6h, 18h]", "[6h, 25h]", "market.yaml:18:46: sync.allocated.at[1]: expected a time from 0s to 23h59m59s", true},
	"time after the day":       {"day: 24h", "day: 12h", "market.yaml:18:46: sync.allocated.at[1]: shares are divided at 18h0m0s: expected it within the day of 12h0m0s", true},
	"pending without deadline": {"pending, deadline: 6h", "pending", "market.yaml:30:1: overflow.deadline: missing: policy pending needs it", false},
	"overflow policy":          {"policy: pending", "policy: wait", `market.yaml:30:20: overflow.policy: "wait" is not known`, false},
	"static without units":     {"policy: dynamic, units: 4", "policy: static", "market.yaml:31:1: buffers.units: missing: policy static needs it", false},
	"dynamic without z":        {"units: 4, z: 1.5", "units: 4", "market.yaml:31:1: buffers.z: missing: policy dynamic needs it", false},
	"rule":                     {"rule: lowest_penalty", "rule: cheapest", `market.yaml:32:20: fulfilment.rule: "cheapest" is not known`, false},
	"lead time below 0":        {"lead_time: 3d", "lead_time: -3d", `market.yaml:33:48: restock.lead_time: expected a time from 0s to 365d, as in 500ms, 15m or 1d12h, found "-3d"`, false},
	"unknown key of restock":   {"lead_time: 3d", "leadtime: 3d", `market.yaml:33:37: unknown key "restock.leadtime": did you mean "lead_time"?`, false},
	"till share":               {"till_share: 0.1", "till_share: 10", "market.yaml:34:21: floor.till_share: expected a number from 0 to 1", false},
	"negative cost":            {"refund: 2", "refund: -2", "market.yaml:39:11: cost.refund: expected a number from 0", false},
	"currency":                 {"currency: EUR", "currency: euro", "market.yaml:36:13: cost.currency: expected three capital letters, as in USD", false},
	"penalty of no channel":    {"etsy: 0}", "ettsy: 0}", `market.yaml:42:24: unknown key "cost.penalty.ettsy": did you mean "etsy"?`, false},
	"two kinds of demand":      {"orders_per_day: 500", "orders_per_day: 500\n  arrivals_per_day: 9", "market.yaml:11:19: demand.orders_per_day: arrivals_per_day is there too: expected one of them", false},
	"no demand":                {"  orders_per_day: 500\n", "", "market.yaml:9:1: demand.arrivals_per_day: missing: or orders_per_day in its place", false},
	"orders without end":       {"orders_per_day: 500", "orders_per_day: 999999999", "market.yaml:11:19: demand.orders_per_day: 9.99999999e+08 orders are 1.56e+09 arrivals", true},
	"shopper profile":          {"profile: consumer", "profile: customer", `market.yaml:26:12: shopper.profile: "customer" is not known: did you mean "consumer"?`, false},
	"variant without a name":   {"- name: before\n    about", "- about", "market.yaml:48:5: variants[0].name: missing", false},
	"variant's name":           {"- name: before", "- name: Before", "market.yaml:48:11: variants[0].name: expected lower-case letters", false},
	"variant twice":            {"- name: after", "- name: before", `market.yaml:50:11: variants[1].name: "before" is the name of another variant`, true},
	"variant that is a word":   {"\n      sync.marketplaces: stream", " fast", "market.yaml:51:10: YAML", true},
	"settings that are a list": {"\n      sync.marketplaces: stream\n      overflow: {policy: reject}\n      channels.amazon.allocation: 0.5", " [fast]", "market.yaml:51:10: variants[1].set: expected keys as --set takes them, as in holds.policy: cart, found a list of 1", false},
	"variant's key":            {"sync.marketplaces: stream", "sync..marketplaces: stream", `market.yaml:52:7: "sync..marketplaces": expected a key as --set takes it`, false},
	"variant's unknown key":    {"sync.marketplaces: stream", "sync.marketplace: stream", `market.yaml:52:7: variant after: unknown key "sync.marketplace": did you mean "marketplaces"?`, true},
	"variant's unknown word":   {"sync.marketplaces: stream", "sync.marketplaces: steam", `market.yaml:52:7: variant after: sync.marketplaces: "steam" is not known: did you mean "stream"?`, true},
	"variant's nested value":   {"{policy: reject}", "{policy: refuse}", `market.yaml:53:18: variant after: overflow.policy: "refuse" is not known`, true},
	"variant's other demand":   {"sync.marketplaces: stream", "demand.zipf: 1", "market.yaml:52:7: demand.zipf: variants meet the same demand and are judged together", true},
	"variant's other shares":   {"channels.amazon.allocation: 0.5", "channels.amazon.share: 0.5", "market.yaml:54:7: channels.amazon.share: variants meet the same demand", true},
	"variant that doesn't fit": {"channels.amazon.allocation: 0.5", "channels.amazon.allocation: 0.9", "market.yaml:50:5: variant after: channels: allocations sum to 1.3: expected at most 1, the stock that there is (with channels.amazon.allocation=0.9)", true},
	"figure's name":            {"rates.cancellation", "3.2 %", "market.yaml:56:31: published[0].figure: expected a figure's name", false},
	"figure's unit":            {"unit: share", "unit: percent", `market.yaml:56:71: published[0].unit: "percent" is not known`, false},
	"figure of no variant":     {"{variant: before", "{variant: befor", `market.yaml:56:15: published[0].variant: "befor" is not known: did you mean "before"? Valid: before, after`, true},
	"figure without variant":   {"{variant: before, ", "{", "market.yaml:56:5: published[0].variant: missing: expected one of before, after", true},
}

func TestErrorsOfTheShop(t *testing.T) {
	for name, c := range refusedShops {
		t.Run(name, func(t *testing.T) {
			_, err := parseMarket(t, c.old, c.new)
			refusedWith(t, err, c.want)
		})
	}
}

func TestSettingsOfTheShop(t *testing.T) {
	s := market(t, "sync.polling.every=90s", "channels.etsy.sync=polling", "cost.penalty.walmart=4", "sync.allocated.at[1]=20h", "published[0].value=0.04")
	equal(t, "interval", s.Sync.Polling.Every, 90*time.Second)
	equal(t, "etsy", s.Channels[3].Sync, Polling)
	equal(t, "penalty", s.Costs.Penalty["walmart"], 4)
	equal(t, "the second time", s.Sync.Allocated.At[1], 20*time.Hour)
	equal(t, "figure", s.Published[0].Value, 0.04)
	for set, want := range map[string]string{
		"sync.polling.every=0s":          "--set sync.polling.every=0s: sync.polling.every: expected a time from 1s",
		"channels.etsy.sync=allocated":   "market.yaml:23:3: channels.etsy.allocation: missing: sync allocated needs it (with --set channels.etsy.sync=allocated)",
		"overflow={policy: pending}":     "--set overflow={policy: pending}: overflow.deadline: missing: policy pending needs it",
		"variants[1].set.holds.for=1d1h": "--set variants[1].set.holds.for=1d1h: variant after: holds.for: a hold lasts 25h0m0s: expected it within the day",
	} {
		_, err := parseMarket(t, "", "", set)
		refusedWith(t, err, want)
	}
}
