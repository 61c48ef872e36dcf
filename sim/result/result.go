// Package result is the result file: its format, its reader and its writer. It is the spine of the project: one command
// writes it, and every report reads it, any number of times. Its JSON Schema is result.schema.json, beside this file.
package result

// SchemaName is what a result file says it is. A reader accepts this version only.
const SchemaName = "doorbuster/result/v1"

// Verdicts of runs and checks.
const (
	Pass       = "pass"
	Fail       = "fail"
	Unknown    = "unknown"     // cut short, crashed, or nothing was proven
	NotChecked = "not_checked" // the engine or the scenario gives nothing to check
)

// Modes of a run.
const (
	Virtual = "virtual" // simulated time, reproducible from the seed
	Wall    = "wall"    // real time, real contention
)

// File is one result file.
type File struct {
	Schema   string  `json:"schema"`
	Scenario string  `json:"scenario"`
	About    string  `json:"about"`
	Complete bool    `json:"complete"` // false: cut short; runs that did not end are unknown
	ElapsedS float64 `json:"elapsed_s"`
	Card     Card    `json:"card"`
	Demand   Demand  `json:"demand"`
	Runs     []Run   `json:"runs"`
	// Summaries hold, for each engine and variant, its rates over all its runs that are valid and complete.
	Summaries []Summary   `json:"summaries"`
	Published []Published `json:"published"` // figures from elsewhere, to stand beside ours
	Sweep     Sweep       `json:"sweep"`
	Warnings  []string    `json:"warnings"` // of the whole file
}

// Card says where and with what a result was made. It is not reproducible.
type Card struct {
	Commit  string            `json:"commit"`
	Go      string            `json:"go"`
	OS      string            `json:"os"`
	CPU     string            `json:"cpu"`
	Cores   int               `json:"cores"`
	Started string            `json:"started"` // RFC 3339
	Command string            `json:"command"`
	Servers map[string]Server `json:"servers"` // those that wall runs used, by backend
}

// Server is a server that wall runs used, and what their figures owe to it.
type Server struct {
	Version  string            `json:"version"`
	Private  bool              `json:"private"`  // started for this command, on this machine
	FsyncUS  float64           `json:"fsync_us"` // measured: median of writing and syncing 8 KiB where a private server keeps its data; 0: not known
	Settings map[string]string `json:"settings"` // of its durability and size, as it says itself
}

// Demand describes the day that every run of the file met.
type Demand struct {
	Scale            float64  `json:"scale"`
	SKUs             int      `json:"skus"`
	SKUsAtScale1     int      `json:"skus_at_scale_1"`
	DayS             float64  `json:"day_s"`
	Baseline         string   `json:"baseline"` // what the spike is a multiple of
	SpikeFactor      float64  `json:"spike_factor"`
	SpikeFromS       float64  `json:"spike_from_s"`
	SpikeToS         float64  `json:"spike_to_s"`
	HotSKUs          int      `json:"hot_skus"`
	HotShare         float64  `json:"hot_share"`            // share of demanded lines that name a hot SKU, expected
	HotShareAtScale1 float64  `json:"hot_share_at_scale_1"` // the same without sampling SKUs
	Source           string   `json:"source"`               // "synthetic", or the name of the replayed log
	HoldPolicy       string   `json:"hold_policy"`          // cart, checkout, payment
	Sync             string   `json:"sync"`                 // unified, …
	Storage          string   `json:"storage"`              // the storage profile of virtual runs, in words
	StorageSource    string   `json:"storage_source"`
	Control          string   `json:"control"`  // the strategy that must oversell
	Pressure         bool     `json:"pressure"` // whether it must
	ConfigHash       string   `json:"config_hash"`
	Idealisations    []string `json:"idealisations"` // what the scenario leaves out, in words
}

// Run is one engine on one variant of the demand with one seed.
type Run struct {
	Engine             string      `json:"engine"`
	About              string      `json:"about"`
	Variant            string      `json:"variant"`
	Mode               string      `json:"mode"`
	Seed               uint64      `json:"seed"`
	Settings           Settings    `json:"settings"` // of a point of a sweep: what was set in the scenario for this run; else empty
	Segment            string      `json:"segment"`  // the share of the demand that this part of a distributed run issued, as 1/4:1/2; empty: all of it
	PromisesNoOversell bool        `json:"promises_no_oversell"`
	Unsafe             string      `json:"unsafe"`     // why it doesn't promise
	IsControl          bool        `json:"is_control"` // ran only to show that the demand can make an engine oversell
	Complete           bool        `json:"complete"`
	Valid              bool        `json:"valid"`
	Invalid            []string    `json:"invalid"` // why it is not valid
	Verdict            string      `json:"verdict"` // on what the engine promises
	Error              string      `json:"error"`   // what stopped the run, if anything did
	Errors             []RunError  `json:"errors"`  // what the engine said instead of an answer, by kind
	Units              Units       `json:"units"`
	Orders             Orders      `json:"orders"`
	Rates              Rates       `json:"rates"`
	Funnel             Funnel      `json:"funnel"`
	LatencyMS          LatencyMS   `json:"latency_ms"` // of operations served
	RefusedMS          LatencyMS   `json:"refused_ms"` // of operations refused
	Histograms         Histograms  `json:"histograms"`
	UpdateLatencyMS    Percentiles `json:"update_latency_ms"` // from a movement until every channel displays it; zeros where all ask the engine
	Shop               Shop        `json:"shop"`
	Load               Load        `json:"load"`
	Wall               WallDay     `json:"wall"` // of wall runs; zeros in virtual time
	// Contention holds counters by name: lock_waits, retries …
	Contention map[string]int64 `json:"contention"`
	Events     int64            `json:"events"` // line movements: one SKU in one operation that took effect (Transfer not counted)
	Operations int64            `json:"operations"`
	ElapsedS   float64          `json:"elapsed_s"`
	Channels   []Channel        `json:"channels"`
	Checks     []Check          `json:"checks"`
	Series     Series           `json:"series"`
	Hot        []HotSKU         `json:"hot"` // the SKUs most asked for
	Examples   []Example        `json:"examples"`
	Warnings   []string         `json:"warnings"`
}

// Summary is what the runs of one engine on one variant have in common.
type Summary struct {
	Engine  string `json:"engine"`
	Variant string `json:"variant"`
	Mode    string `json:"mode"`
	// Settings are those of the runs: points of a sweep are not taken together.
	Settings Settings       `json:"settings"`
	Runs     int            `json:"runs"`
	Rates    []RateInterval `json:"rates"`
}

// RateInterval is a rate over several runs, with its 95 % interval.
type RateInterval struct {
	Name   string  `json:"name"` // as in Rates
	Mean   float64 `json:"mean"` // over runs; of the pooled counts where the method is clopper-pearson
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Events int64   `json:"events"` // pooled over runs
	Trials int64   `json:"trials"`
	// Method is t (Student's t over runs, which must be two at least), clopper-pearson (exact binomial, for events too rare for the mean
	// of runs to say how rare; it takes trials for independent, which those of one day are not quite), or none (one run: nothing is
	// known of other days).
	Method string `json:"method"`
}

// Methods of a RateInterval.
const (
	StudentT       = "t"
	ClopperPearson = "clopper-pearson"
	NoInterval     = "none"
)

// Units counts units.
type Units struct {
	Supply            int64    `json:"supply"` // opening + received + returned ± adjusted
	Opening           int64    `json:"opening"`
	Received          int64    `json:"received"`
	Returned          int64    `json:"returned"`
	Asked             int64    `json:"asked"`
	Promised          int64    `json:"promised"`
	Oversold          Oversold `json:"oversold"`
	OvercommittedPeak int64    `json:"overcommitted_peak"` // the most units promised beyond supply at one time
	HeldBeyondPeak    int64    `json:"held_beyond_peak"`   // the same with unpaid holds
	Stranded          int64    `json:"stranded"`           // left at close in a pool or a hold while buyers of the SKU had been refused for it
	LeftAtClose       int64    `json:"left_at_close"`
}

// Oversold is a range, since operations whose answer was lost may have happened.
type Oversold struct {
	Min     int64   `json:"min"`
	Max     int64   `json:"max"`
	ByCause ByCause `json:"by_cause"`
}

// ByCause says whose fault the oversold units are.
type ByCause struct {
	Engine  int64 `json:"engine"`  // it granted what it didn't have
	Display int64 `json:"display"` // a channel promised on a stale number
	Loss    int64 `json:"loss"`    // shrinkage, a late count
}

// Orders counts orders.
type Orders struct {
	Asked          int64            `json:"asked"`
	Promised       int64            `json:"promised"`
	Refused        int64            `json:"refused"`
	RefusedFalsely int64            `json:"refused_falsely"`
	FalseBy        map[string]int64 `json:"refused_falsely_by"` // contended, held_then_unsold, other_pool, buffer
	RefusedBy      map[string]int64 `json:"refused_by"`         // sold out, contended, …
	Oversold       int64            `json:"oversold"`           // promised orders with at least one oversold unit when promised
	Pending        int64            `json:"pending"`
	Unknown        int64            `json:"unknown"`
	Cancelled      Cancelled        `json:"cancelled"`
}

// Cancelled counts cancelled orders by who cancelled.
type Cancelled struct {
	SellerOversold int64 `json:"seller_oversold"`
	Buyer          int64 `json:"buyer"`
	Payment        int64 `json:"payment"`
	PendingExpired int64 `json:"pending_expired"`
}

// Rates are shares between 0 and 1.
type Rates struct {
	Oversell     float64 `json:"oversell"`      // oversold.min ÷ units promised
	Cancellation float64 `json:"cancellation"`  // (seller_oversold + pending_expired) ÷ (promised + pending that expired)
	Conversion   float64 `json:"conversion"`    // orders promised ÷ orders asked
	FalseRefusal float64 `json:"false_refusal"` // refused falsely ÷ refused
	FillRate     float64 `json:"fill_rate"`     // units promised and backed ÷ units asked
	SellThrough  float64 `json:"sell_through"`  // units promised and backed ÷ supply
}

// Funnel counts shoppers of the own stores and buyers of the marketplaces, from arrival to promise.
type Funnel struct {
	Arrived         int64 `json:"arrived"`
	Carts           int64 `json:"carts"`
	Checkouts       int64 `json:"checkouts"`
	PaymentAttempts int64 `json:"payment_attempts"`
	PaymentFailures int64 `json:"payment_failures"`
	LeftAtCart      int64 `json:"left_at_cart"`
	LeftAtCheckout  int64 `json:"left_at_checkout"`
	Promised        int64 `json:"promised"`
}

// LatencyMS holds percentiles in milliseconds: from the intended start (what a customer feels) and from the actual start.
type LatencyMS struct {
	Intended Percentiles `json:"intended"`
	Service  Percentiles `json:"service"`
}

// Percentiles of one distribution; Count is the number of samples.
type Percentiles struct {
	Count int64   `json:"count"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p999"`
	Max   float64 `json:"max"`
}

// Histograms are HDR histograms of microseconds, in HdrHistogram's compressed V2 encoding, base64.
type Histograms struct {
	IntendedServed  string `json:"intended_served"`
	IntendedRefused string `json:"intended_refused"`
	ServiceServed   string `json:"service_served"`
	ServiceRefused  string `json:"service_refused"`
}

// Load says what the generator did.
type Load struct {
	Planned        int64   `json:"planned"` // operations of shoppers that the demand asked for
	Started        int64   `json:"started"`
	Dropped        int64   `json:"dropped"`
	PeakPerS       float64 `json:"peak_per_s"` // operations a second, in the busiest minute
	LagMSP50       float64 `json:"lag_ms_p50"` // actual start − intended start of the generator; 0 in virtual time
	LagMSP99       float64 `json:"lag_ms_p99"`
	LagMSMax       float64 `json:"lag_ms_max"`
	PoolPeak       int     `json:"pool_peak"`  // most operations inside the engine at once
	QueuePeak      int     `json:"queue_peak"` // most operations waiting to enter
	CoroutinesPeak int     `json:"coroutines_peak"`
	StorageBusy    float64 `json:"storage_busy_peak"` // busiest minute's share of storage capacity in use
}

// WallDay is how a wall run fitted the scenario's day in, and what it was held to. Times of a wall run, in its series too, are real.
type WallDay struct {
	DurationS     float64 `json:"duration_s"` // that the day was mapped onto, its timers included
	Pace          float64 `json:"pace"`       // seconds of the day in one second
	Scale         float64 `json:"scale"`      // share of the SKUs
	SKUs          int     `json:"skus"`
	DemandShare   float64 `json:"demand_share"`    // of each SKU's demand and stock that was run
	PeakPerS      float64 `json:"peak_per_s"`      // operations a second at the peak, as planned
	InFlightLimit int     `json:"in_flight_limit"` // operations inside the engine at once; what was due beyond was dropped; 0: a load generator's virtual users were the limit
	TimeoutS      float64 `json:"timeout_s"`       // of an operation
	LagLimitMS    float64 `json:"lag_limit_ms"`    // of lag_ms_p99, for a valid run
	DroppedLimit  float64 `json:"dropped_limit"`   // share of the operations planned, for a valid run
}

// RunError is one kind of error, with # for the numbers in it.
type RunError struct {
	Message string  `json:"message"`
	Count   int64   `json:"count"`
	FirstMS float64 `json:"first_ms"` // since the start of the run
	LastMS  float64 `json:"last_ms"`
}

// Channel is what became of one channel's orders.
type Channel struct {
	Name             string  `json:"name"`
	Kind             string  `json:"kind"` // own, marketplace
	Asked            int64   `json:"asked"`
	Promised         int64   `json:"promised"`
	PromisedUnits    int64   `json:"promised_units"`
	Refused          int64   `json:"refused"`
	Cancelled        int64   `json:"cancelled"` // by the seller
	CancellationRate float64 `json:"cancellation_rate"`
}

// Check is one checker's answer.
type Check struct {
	Name      string `json:"name"`
	Promised  bool   `json:"promised"` // whether the engine promises to pass it
	Verdict   string `json:"verdict"`
	Detail    string `json:"detail"`
	Limit     string `json:"limit"`
	Actual    string `json:"actual"`
	NotSeen   string `json:"not_seen"` // what this check can't see
	Replay    string `json:"replay"`   // the command that shows it again
	Evidence  int64  `json:"evidence"` // how many things were compared
	FirstAtMS int64  `json:"first_at_ms"`
}

// Series are values for equal intervals of the day, for charts. All slices have the same length.
type Series struct {
	IntervalS      float64   `json:"interval_s"`
	Asked          []int64   `json:"asked"`          // orders
	Promised       []int64   `json:"promised"`       // orders
	SoldOut        []int64   `json:"sold_out"`       // orders refused: not enough units
	OtherRefused   []int64   `json:"other_refused"`  // orders refused for another reason
	SupplyUnits    []int64   `json:"supply_units"`   // of the hot SKUs, at the end of the interval
	PromisedUnits  []int64   `json:"promised_units"` // of the hot SKUs: promised and not cancelled
	OversoldUnits  []int64   `json:"oversold_units"` // of all SKUs, cumulative
	P50MS          []float64 `json:"p50_ms"`         // served, from the intended start
	P99MS          []float64 `json:"p99_ms"`         // served, from the intended start
	RefusedP99MS   []float64 `json:"refused_p99_ms"` // refused, from the intended start
	InEngine       []int64   `json:"in_engine"`      // operations inside the engine at the end of the interval
	Waiting        []int64   `json:"waiting"`        // operations waiting to enter it
	OperationsPerS []float64 `json:"operations_per_s"`
}

// HotSKU is what became of one of the SKUs most asked for.
type HotSKU struct {
	SKU       string `json:"sku"`
	Supply    int64  `json:"supply"`
	Asked     int64  `json:"asked"` // units
	Promised  int64  `json:"promised"`
	Oversold  int64  `json:"oversold"`
	SoldOutMS int64  `json:"sold_out_at_ms"` // first refusal as sold out; -1: never
}

// Example is the timeline of one promise that could not be kept.
type Example struct {
	Order   uint64   `json:"order"`
	SKU     string   `json:"sku"`
	Channel string   `json:"channel"`
	AtMS    int64    `json:"at_ms"`
	Story   []string `json:"story"`
}
