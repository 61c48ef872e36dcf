package reports

import "strings"

type term struct{ Name, Meaning string }

var glossary = []term{
	{"Promise", "The moment a customer is told that the order is accepted."},
	{"Oversold", "A promised unit that no sellable unit backs. It is counted from what customers were told and what was delivered to the shop, never from the engine's own counters. A range means that some answers were lost."},
	{"Refused falsely", "A customer was turned away although the stock was there: because too many wanted it at once, because someone else held it and never paid, or because it lay in another channel's pool."},
	{"Stranded", "Units left at close in a pool or a hold while buyers of the same article had been refused."},
	{"Fill rate", "Units promised and backed by stock, divided by units asked for. On a day that sells out it stays below 100 % whatever the strategy."},
	{"Sell-through", "Units sold that were there, divided by all units there were: opening stock, deliveries and returns."},
	{"Cancellation rate", "Orders that the seller must cancel for lack of stock, divided by orders promised. Marketplaces measure it over 7 to 60 days."},
	{"Control", "A strategy without protection that must oversell. If it doesn't, the day was too easy to prove anything, and the runs are invalid."},
	{"Simulated, measured", "Simulated figures come from simulated time: reproducible from the seed, as good as the storage profile is. Measured ones come from real servers in real time."},
	{"From the intended start", "Latency counted from the moment the customer wanted the answer, waiting included. Service time counts from the moment the operation was sent."},
	{"p99", "99 of 100 operations were at least as fast."},
	{"Event", "A line movement: one article in one operation that took effect."},
}

// shopGlossary is for pages that compare variants or shops.
var shopGlossary = []term{
	{"Let down", "An order that the seller accepted and then cancelled, or a customer who was told to wait and waited in vain."},
	{"Update latency", "The time from a sale, or any other movement of stock, until every channel that shows the article shows it."},
	{"Variant", "One way to run the same shop on the same demand: another synchronisation, another buffer, another hold policy."},
}

func wordsOf(name string) string { return strings.ReplaceAll(name, "_", " ") }

// ratesInWords say what each rate of a result is a share of.
var ratesInWords = map[string]string{
	"oversell":      "oversold, of units promised",
	"cancellation":  "to be cancelled, of orders promised",
	"conversion":    "promised, of orders asked",
	"false_refusal": "false, of refusals",
	"fill_rate":     "filled, of units asked",
	"sell_through":  "sold, of supply",
}

func rateInWords(name string) string {
	if words, ok := ratesInWords[name]; ok {
		return words
	}
	return wordsOf(name)
}

// checkMeanings say what it means to pass each check.
var checkMeanings = map[string]string{
	"oversold":        "stock is there for every unit promised",
	"versions":        "replies claim the stock that replaying gives",
	"conservation":    "what came in is still there or was shipped",
	"phantom":         "the books agree with what callers were told",
	"once":            "what is sent twice takes effect once",
	"holds":           "every hold ends once and in time",
	"pools":           "the pools add up to no more than there is",
	"refused_falsely": "nobody is turned away while stock is there",
	"liveness":        "every kind of operation works",
	"faults":          "what was injected did strike",
}
