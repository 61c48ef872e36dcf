package result

// Shop is what stands around the engine: channels that promise on what they display, the shelf, customers who wait, the supplier.
type Shop struct {
	Modelled          bool             `json:"modelled"`     // false: nothing stands around it; all that follows is 0
	TillUnits         int64            `json:"till_units"`   // sold at the till
	Purchases         int64            `json:"purchases"`    // purchase orders
	ToldWhen          int64            `json:"told_when"`    // refused orders whose customers were told "available in n days"
	ToldDays          float64          `json:"told_days"`    // the mean of these n
	PutOff            int64            `json:"put_off"`      // orders that were promised and then told to wait
	Waiting           int64            `json:"waiting"`      // orders that wait at close
	NeverShown        int64            `json:"never_shown"`  // movements that some channel never displayed
	Pushes            int64            `json:"pushes"`       // quantities sent to channels
	PushesLost        int64            `json:"pushes_lost"`  // of these
	OutOfOrder        int64            `json:"out_of_order"` // quantities that overwrote a newer one
	ErasedUnits       int64            `json:"erased_units"` // channels' own sales that a quantity put back on offer
	ImportsLost       int64            `json:"imports_lost"` // orders found by reconciliation
	ImportsDuplicated int64            `json:"imports_duplicated"`
	Quarantined       map[string]int64 `json:"quarantined"`   // messages that were put aside, by reason
	UpdateP99MS       []float64        `json:"update_p99_ms"` // of the movements of each interval of the series
	Pending           []int64          `json:"pending"`       // orders told to wait, by interval
	Cancelled         []int64          `json:"cancelled"`     // orders cancelled by the seller or that waited in vain, by interval
	Money             Money            `json:"money"`
}

// Money is what a day's disappointments cost, for a shop of the stated size.
type Money struct {
	Currency      string  `json:"currency"`
	Scale         float64 `json:"scale"`     // of the shop that it is for ÷ the one that was run
	Cancelled     float64 `json:"cancelled"` // orders
	Refunds       float64 `json:"refunds"`
	Expedite      float64 `json:"expedite"`
	Penalties     float64 `json:"penalties"`
	Repurchase    float64 `json:"repurchase"`     // what disappointed customers won't buy in the next twelve months
	RefusedMargin float64 `json:"refused_margin"` // of orders that were refused although their units were there
	Stranded      float64 `json:"stranded"`
	Total         float64 `json:"total"`
}

// Published is a figure from elsewhere, with ours beside it: the mean over valid runs, with its 95 % interval by Student's t. Of one run the interval
// is not known, and is the mean.
type Published struct {
	Variant string  `json:"variant"`
	Figure  string  `json:"figure"` // a field of a run
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`    // share, ms, change: of the first variant's figure
	AtMost  bool    `json:"at_most"` // it was published as "under"
	Source  string  `json:"source"`
	Mean    float64 `json:"mean"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	Runs    int     `json:"runs"` // of ours; 0: there was none
}
