// Package scenarios reads scenario files: a day of demand, the shop that meets it, and how it is to be judged.
// The scenarios that come with doorbuster stand beside this file as YAML, their demand and storage figures under profiles/.
package scenarios

import "time"

// Sources are the nine systems that move stock, in the order in which engines.Channel numbers them.
// The first six are channels that sell.
var Sources = []string{"amazon", "ebay", "walmart", "shopify", "woocommerce", "etsy", "wms", "pos", "oms"}

// selling are the channels among the sources.
var selling = Sources[:6]

// Kinds of channel.
const (
	Own         = "own"         // asks the engine at checkout: carts and holds exist there
	Marketplace = "marketplace" // takes the order itself
)

// Hold policies: when stock is set aside.
const (
	HoldAtCart     = "cart"
	HoldAtCheckout = "checkout"
	HoldAtPayment  = "payment" // no hold: the order sells at once when it is paid
)

// Scenario is a parsed and checked scenario. Rates and counts are those of scale 1.
type Scenario struct {
	Name         string
	About        string
	Engines      []string // names, or patterns such as memory/*
	Control      string   // the strategy that must oversell for a run to be valid
	Pressure     bool     // false: the day is not meant to sell out, and needs no control
	DefaultScale float64  // share of the SKUs that is run unless --scale says otherwise
	WallPeakPerS float64  // operations a second at the peak of a wall run
	Day          time.Duration
	SKUs         int
	Demand       Demand
	Channels     []Channel // by index in Sources; those without a share are absent
	Shopper      Shopper
	Holds        Holds
	Stock        Stock
	Storage      Storage
	Faults       Faults
	Tuning       Tuning
	Sync         Sync
	Overflow     Overflow
	Buffers      Buffers
	Fulfilment   Fulfilment
	Restock      Restock
	Floor        Floor
	Costs        Costs
	Variant      string      // the name of the variant that this is; empty: the scenario as it stands
	Variants     []Variant   // none: the scenario as it stands
	Published    []Published // figures to stand beside ours
	Idealised    []string    // what the scenario leaves out, in words

	whole []*Scenario // one for each of Variants
}

// Demand is how many come, when, and for what.
type Demand struct {
	Profile        string    // name of the demand profile that filled what the scenario left open
	Source         string    // where its figures are from
	ArrivalsPerDay float64   // shoppers who put something in a cart, and marketplace orders, at scale 1; of each 24 h if the day is longer
	Hourly         []float64 // 24 relative weights
	Spike          Spike
	Zipf           float64 // exponent of popularity by rank
	Hot            Hot
	BasketLines    []float64 // weight of baskets with 1, 2, 3 … lines
	LineUnits      []float64 // weight of lines with 1, 2, 3 … units
}

// Spike is when the doors open: the site's rate rises to Factor × the mean rate of the day without its spike.
type Spike struct {
	Baseline string // in words: what Factor multiplies
	At       time.Duration
	Ramp     time.Duration // from the day's rate up to the peak
	Factor   float64
	Hold     time.Duration
	HalfLife time.Duration // of the decay after Hold
}

// Hot are the doorbusters: the most popular SKUs, which gain Burst times their share while the spike lasts.
type Hot struct {
	SKUs     int
	Burst    float64
	Hold     time.Duration // from Spike.At
	HalfLife time.Duration
}

// Channel is one that sells.
type Channel struct {
	Index int // in Sources
	Name  string
	Kind  string // Own, Marketplace
	Share float64
	Sync  string // how it learns what to display; an own store asks the engine
	// Allocation is the share of stock that an allocated channel displays.
	Allocation float64
}

// Shopper is what a shopper of an own store does; medians of log-normal think times, probabilities.
type Shopper struct {
	Profile         string // name of the profile that filled what the scenario left open
	BrowseTime      time.Duration
	CartTime        time.Duration
	PayTime         time.Duration
	ThinkSigma      float64 // of the logarithm of each think time
	LeaveAtCart     float64
	LeaveAtCheckout float64 // half of them say so (Release), half just go (Expire)
	PaymentFailure  float64 // per attempt
	PaymentRetry    float64 // tries again after a failure
	CancelShare     float64 // of promised orders
	CancelAfter     time.Duration
	ResendShare     float64 // of operations: the caller sends the same operation twice
	SecondTab       float64 // of shoppers of an own store: they begin a second checkout of the same cart, and leave it
}

// Holds says when stock is held and for how long.
type Holds struct {
	Policy string
	For    time.Duration
}

// Stock is what the day begins with and what comes in.
type Stock struct {
	Cover     float64 // opening stock of a SKU ÷ the units that the day is expected to ask of the engine
	HotCover  float64 // the same for hot SKUs
	Minimum   int64
	ShipAfter time.Duration // from promise to leaving the house
	Receipts  []Receipt
	Returns   float64 // returned lines ÷ arrivals of the day without its spike, of earlier weeks' sales
}

// Receipt is a delivery: Share × the opening stock of every SKU.
type Receipt struct {
	At    time.Duration
	Share float64
}

// Storage is a storage profile of virtual runs: latency, capacity, and the time a row is written by one alone.
type Storage struct {
	Profile      string
	About        string
	Source       string
	RTT          time.Duration // network, there and back
	Service      time.Duration // mean time on a server
	Distribution string        // of the service time: exponential, constant
	Servers      int           // round trips served at once
	RowWrite     time.Duration // serial section of one stock key while it is written
	Pool         int           // operations inside the engine at once; others queue before it
	PoolWait     time.Duration // how long they queue before they are refused as contended
	Handoff      string        // of a lock: fifo, barging
}

// Faults are injected into a run; the zero value injects none.
type Faults struct {
	PauseShare float64       // of operations: the caller is paused once, between two round trips
	PauseFor   time.Duration // a long garbage collection, a stopped machine
}

// Tuning is what the shop sets in its engine; zero fields take the engine's defaults.
type Tuning struct {
	LockWait time.Duration
	Retries  int
	Backoff  time.Duration
	Lease    time.Duration
	BatchMax int
	Floor    float64
}
