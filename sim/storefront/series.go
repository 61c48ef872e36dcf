package storefront

import "time"

// Series are values for equal intervals of the day. All slices have the same length.
type Series struct {
	Interval      time.Duration
	Asked         []int64 // orders
	Promised      []int64 // orders
	SoldOut       []int64 // orders refused for want of units
	OtherRefused  []int64 // orders
	Pending       []int64 // orders told to wait
	Cancelled     []int64 // orders cancelled by the seller, or that waited in vain
	SupplyUnits   []int64 // of the hot SKUs, at the end of the interval
	PromisedUnits []int64 // of the hot SKUs: owed, at the end of the interval
	OversoldUnits []int64 // of all SKUs, cumulative
}

// series gathers one interval at a time.
type series struct {
	done Series
	edge time.Duration

	asked, promised, soldOut, otherRefused, pending, cancelled int64
	there, owed, oversold                                      int64 // now; oversold: so far
}

func newSeries(day, interval time.Duration) series {
	n := int(day/interval) + 64
	fresh := func() []int64 { return make([]int64, 0, n) }
	return series{edge: interval, done: Series{
		Interval: interval, Asked: fresh(), Promised: fresh(), SoldOut: fresh(), OtherRefused: fresh(), Pending: fresh(),
		Cancelled: fresh(), SupplyUnits: fresh(), PromisedUnits: fresh(), OversoldUnits: fresh(),
	}}
}

// reach closes the intervals that end at t or before.
func (b *Book) reach(t time.Duration) {
	for s := &b.series; t >= s.edge; s.edge += s.done.Interval {
		d := &s.done
		d.Asked, d.Promised = append(d.Asked, s.asked), append(d.Promised, s.promised)
		d.SoldOut, d.OtherRefused = append(d.SoldOut, s.soldOut), append(d.OtherRefused, s.otherRefused)
		d.Pending, d.Cancelled = append(d.Pending, s.pending), append(d.Cancelled, s.cancelled)
		d.SupplyUnits, d.PromisedUnits = append(d.SupplyUnits, s.there), append(d.PromisedUnits, s.owed)
		d.OversoldUnits = append(d.OversoldUnits, s.oversold)
		s.asked, s.promised, s.soldOut, s.otherRefused, s.pending, s.cancelled = 0, 0, 0, 0, 0, 0
	}
}

// Series are the intervals up to a time, the last one cut short there.
func (b *Book) Series(upTo time.Duration) Series {
	b.reach(upTo)
	return b.series.done
}
