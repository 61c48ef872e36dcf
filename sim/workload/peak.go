package workload

import "github.com/doorbuster/doorbuster/scenarios"

// PeakPerS is the highest rate of arrivals to expect in any second of the day, as arrivals a second; 0 of a log, whose rate is what it is.
func (d *Demand) PeakPerS() float64 {
	if d.log != nil {
		return 0
	}
	peak := 0.0
	for i := range d.rate.site {
		hot, cold := d.rate.at(i, d.mix.hotWeight, d.mix.coldWeight)
		peak = max(peak, hot+cold)
	}
	return peak
}

// OperationsPerArrival is how many operations one arrival asks for on average, if nobody is refused: its units, the end of its hold, and
// its parcel or its cancellation.
func (d *Demand) OperationsPerArrival() float64 {
	sh, all := d.scenario.Shopper, 0.0
	pays := payers(d.scenario)
	for _, c := range d.scenario.Channels {
		if c.Kind != scenarios.Own {
			all += 2 * c.Share
			continue
		}
		toCheckout, buys := 1-sh.LeaveAtCart, (1-sh.LeaveAtCart)*(1-sh.LeaveAtCheckout)*pays
		switch d.scenario.Holds.Policy {
		case scenarios.HoldAtCart:
			all += c.Share * (2 + buys)
		case scenarios.HoldAtCheckout:
			all += c.Share * (2*toCheckout + buys)
		default:
			all += c.Share * 2 * buys
		}
	}
	return all
}
