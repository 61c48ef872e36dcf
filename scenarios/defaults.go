package scenarios

import "time"

// What a section of the shop takes for keys that it leaves out. A section that a scenario leaves out altogether changes
// nothing: orders are refused, displays hold nothing back, nothing is bought, nobody sells at a till, nothing is priced.
// "Assumed" means that no source was found, and that a result which hangs on it is a result of the assumption.

func defaultSync() Sync {
	return Sync{
		Push:    "absolute",                           // as marketplaces take it: Amazon's listings have a quantity, not a change
		Polling: PollingSync{Every: 15 * time.Minute}, // the case study's, before
		Webhook: WebhookSync{
			Delay:         2 * time.Second, // "seconds": the article
			Loss:          0.001,           // assumed
			Duplicates:    0.01,            // assumed; that there are any: delivery is at least once
			DisabledAfter: 5,               // WooCommerce
			EnabledAfter:  time.Hour,       // assumed
		},
		Stream: StreamSync{
			Delay:     80 * time.Millisecond, // assumed: its 99th percentile is 370 ms, so that a log with room stays under the case study's 500
			CapacityS: 8000,                  // assumed: the case study's 50 million a day at 12 times their rate are 6,944 a second
		},
		Allocated: AllocatedSync{Redistribute: Never},
		Imports: Imports{
			Delay:          5 * time.Second, // assumed
			Loss:           0.0005,          // assumed
			Duplicates:     0.01,            // assumed; that there are any: delivery is at least once
			ReconcileEvery: 24 * time.Hour,  // assumed: when the books of the day are closed
		},
	}
}

// A pending order's deadline has no default: it is a promise of the shop's own.
func defaultOverflow() Overflow { return Overflow{Policy: Reject, Stay: 0.5} } // assumed

func defaultRestock() Restock {
	return Restock{
		On:        true,
		Every:     time.Hour,           // assumed
		LeadTime:  7 * 24 * time.Hour,  // the article's example
		LeadSigma: 0.25,                // assumed
		Safety:    0.2,                 // the article's example
		CoverFor:  14 * 24 * time.Hour, // assumed: two lead times
	}
}

// There is no till unless a share is stated, and no count unless its interval is.
func defaultFloor() Floor {
	return Floor{
		TillPush:        "absolute",       // as tills of Square's kind send them
		TillReportEvery: 15 * time.Minute, // assumed
		CountDelay:      time.Hour,        // "minutes to hours": how warehouses send their 846 snapshots
	}
}

func defaultCosts() Costs {
	return Costs{
		Currency:       "USD",
		OrderValue:     80,   // assumed
		Margin:         0.3,  // assumed
		Refund:         4,    // assumed: fees that a payment provider keeps, and a clerk's minutes
		Expedite:       15,   // assumed
		ExpediteShare:  0.1,  // assumed
		Repurchase:     120,  // assumed
		RepurchaseLoss: 0.40, // the case study: 40 % lower in twelve months
		UnitHolding:    0.5,  // assumed
	}
}
