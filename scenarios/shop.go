package scenarios

import "time"

// How a channel learns what to display.
const (
	Unified   = "unified"   // it asks the engine before it promises: an idealisation for a marketplace
	Polling   = "polling"   // it is sent every quantity at a fixed interval
	Webhook   = "webhook"   // a message a movement, which may be late, lost or sent twice
	Stream    = "stream"    // a message a movement through an ordered log of stated capacity
	Allocated = "allocated" // it displays its share of stock
)

// What becomes of an order that is refused.
const (
	Reject  = "reject"
	Pending = "pending" // the customer is told to wait
)

// Policies of a display's buffer.
const (
	NoBuffer      = "none"
	StaticBuffer  = "static"  // the same units of every SKU
	DynamicBuffer = "dynamic" // z·σ·√L of the observed demand of a SKU, over the channel's lag L
)

// When allocated shares are divided anew.
const (
	Never    = "none"
	Manually = "manual" // at stated times
	ByRule   = "rule"   // when a channel has run dry and another has units
)

// Who is cancelled when fulfilment finds that there is less than was promised.
const (
	LatestFirst   = "latest_first"
	LowestPenalty = "lowest_penalty" // the channel whose cancellation costs the seller least
)

// Sync says how marketplaces learn what to display, and how their orders come to us. Each channel names its kind; the
// figures are shared by all channels of that kind. Delays are means of exponential times, one way.
type Sync struct {
	Push      string // absolute: the quantity; delta: the change
	Polling   PollingSync
	Webhook   WebhookSync
	Stream    StreamSync
	Allocated AllocatedSync
	Imports   Imports
}

// PollingSync is a job that sends every quantity at an interval.
type PollingSync struct{ Every time.Duration }

// WebhookSync sends a message for each movement.
type WebhookSync struct {
	Delay         time.Duration
	Loss          float64       // share of messages that never arrive
	Duplicates    float64       // share that arrive twice, the second time late
	DisabledAfter int           // losses in a row after which the receiver stops listening; 0: never
	EnabledAfter  time.Duration // until somebody notices
	ThrottleS     float64       // messages a second that each channel takes, at scale 1; others wait their turn. 0: any number
}

// StreamSync carries each movement through an ordered log.
type StreamSync struct {
	Delay     time.Duration
	CapacityS float64 // movements a second at scale 1; beyond it they queue
}

// AllocatedSync divides stock among the channels that are so synchronised.
type AllocatedSync struct {
	Redistribute string
	At           []time.Duration // Manually: of the day
}

// Imports is how the orders that a marketplace accepted by itself reach us. A lost one is found when the day's orders are reconciled.
type Imports struct {
	Delay          time.Duration
	Every          time.Duration // fetched in batches at this interval; 0: as they come
	Loss           float64
	Duplicates     float64
	Broken         float64 // share beside which a message comes that can't be used: malformed, of an unknown SKU, from the future, or a copy
	ReconcileEvery time.Duration
}

// Overflow says what becomes of an order that is refused: of one that a marketplace had promised, and of a shopper in an own store.
type Overflow struct {
	Policy   string
	Deadline time.Duration // Pending: how long the customer is kept waiting
	Stay     float64       // share of an own store's shoppers who wait rather than go
}

// Buffers are the units that a marketplace's display holds back.
type Buffers struct {
	Policy string
	Units  int64   // StaticBuffer
	Z      float64 // DynamicBuffer: how many standard deviations
}

// Fulfilment finds, when an order is picked, whether its units are there.
type Fulfilment struct{ Rule string }

// Restock orders more from a supplier when projected stock falls to the reorder point,
// ROP = mean daily sales × lead time × (1 + Safety).
type Restock struct {
	On        bool
	Every     time.Duration // how often stock is looked through
	LeadTime  time.Duration // mean
	LeadSigma float64       // of its logarithm
	Safety    float64       // share of the demand over the lead time
	CoverFor  time.Duration // what is ordered: this much of mean sales
}

// Floor is what happens in the house that no channel sees: the till sells from the shelf and reports absolute counts, the
// warehouse counts.
type Floor struct {
	TillShare       float64 // sales at the till ÷ arrivals
	TillReportEvery time.Duration
	TillPush        string        // absolute: a count of what was sold of, as found on the shelf; delta: the sales
	CountEvery      time.Duration // the warehouse's absolute snapshot of every SKU; 0: none
	CountDelay      time.Duration // from its counting to its arrival: sales in between are overwritten
}

// Costs turn counts into money, in one currency.
type Costs struct {
	Currency          string
	OrderValue        float64            // mean
	Margin            float64            // share of the order's value
	Refund            float64            // a cancelled order: payment fees and handling
	Expedite          float64            // an order that is saved by expedited stock
	ExpediteShare     float64            // of the orders found short
	Penalty           map[string]float64 // by channel: what a cancellation costs there beside the refund
	Repurchase        float64            // value of a customer's next twelve months
	RepurchaseLoss    float64            // by how much it falls after a cancellation
	UnitHolding       float64            // a unit left over
	OrdersADayOfAShop float64            // the shop whose size money is shown for; 0: as run
}

// Units of published figures.
const (
	UnitShare  = "share"
	UnitMS     = "ms"
	UnitChange = "change" // of the variant's figure relative to the first variant's: −0.99 is 99 % less
)

// Variant is the same demand under other settings.
type Variant struct {
	Name  string
	About string
	Set   []string // KEY=VALUE, as on the command line
}

// Published is a figure from elsewhere that the report shows beside ours.
type Published struct {
	Variant string
	Figure  string // as a threshold names it: rates.cancellation
	Value   float64
	Unit    string
	AtMost  bool // it was published as "under" Value
	Source  string
}

// Plain says whether nothing stands around the engine: every channel asks it, and whoever is refused goes.
func (s *Scenario) Plain() bool {
	for _, c := range s.Channels {
		if c.Kind == Marketplace && c.Sync != Unified {
			return false
		}
	}
	return s.Overflow.Policy != Pending && !s.Restock.On && s.Floor.TillShare == 0 && s.Floor.CountEvery == 0
}
