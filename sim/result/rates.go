package result

// Rate works the rates out from the counts; sold is the units that customers keep: promised, backed and not cancelled.
func (r *Run) Rate(sold float64) {
	expired := r.Orders.Cancelled.PendingExpired
	r.Rates = Rates{
		Oversell:     quotient(r.Units.Oversold.Min, r.Units.Promised),
		Cancellation: quotient(r.Orders.Cancelled.SellerOversold+expired, r.Orders.Promised+expired),
		Conversion:   quotient(r.Orders.Promised, r.Orders.Asked),
		FalseRefusal: quotient(r.Orders.RefusedFalsely, r.Orders.Refused),
		FillRate:     quotient(max(0, r.Units.Promised-r.Units.Oversold.Min), r.Units.Asked),
	}
	if r.Units.Supply > 0 {
		r.Rates.SellThrough = min(1, sold/float64(r.Units.Supply))
	}
}

// quotient of nothing to nothing is 0.
func quotient(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
