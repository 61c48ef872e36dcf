package result

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
)

// mergeSegments makes one run of segments that had the same engine, seed and stock. Counts add up. What a part saw of the shop as a whole
// (a peak, units left at close) is the largest that a part saw. Oversold units are at least the sum of what each part oversold by its own promises alone,
// and at most every unit promised: no part knows the promises of the others.
func mergeSegments(parts []*part) (Run, error) {
	r := *parts[0].run
	r.Segment, r.Invalid, r.Errors, r.Channels, r.Hot, r.Examples, r.Warnings = "", nil, nil, nil, nil, nil, nil
	r.Units, r.Orders, r.Funnel, r.Load, r.Series = Units{}, Orders{}, Funnel{}, Load{}, Series{}
	r.Contention, r.Events, r.Operations, r.ElapsedS, r.Error = map[string]int64{}, 0, 0, 0, ""
	r.Orders.RefusedBy, r.Orders.FalseBy = map[string]int64{}, map[string]int64{}
	r.Wall.InFlightLimit, r.Wall.PeakPerS = 0, 0
	var sold float64
	for _, p := range parts {
		if err := agree(parts[0].run, p); err != nil {
			return r, err
		}
		r.addCounts(p)
		r.Units.add(&p.run.Units)
		r.Load.add(&p.run.Load)
		r.Series.add(&p.run.Series)
		sold += p.run.Rates.SellThrough * float64(p.run.Units.Supply)
	}
	r.Units.Supply += r.Units.Opening // all parts opened with the same stock: it counts once
	r.Units.Oversold.Max = r.Units.Promised
	for _, perS := range r.Series.OperationsPerS {
		r.Load.PeakPerS = max(r.Load.PeakPerS, perS)
	}
	r.Rate(sold)
	slices.SortStableFunc(r.Hot, func(a, b HotSKU) int { return cmp.Compare(b.Asked, a.Asked) })
	r.Checks = mergeChecks(parts)
	r.Verdict = judged(&r, parts)
	r.Warnings = append(r.Warnings, fmt.Sprintf(
		"Merged from %d segments: percentiles over time and of the generator's lag are the highest of any segment, oversold units a range that holds the true number.", len(parts)))
	return r, r.mergeLatency(parts)
}

// agree refuses parts that can't be of one run.
func agree(first *Run, p *part) error {
	switch {
	case p.run.Shop.Modelled:
		return fmt.Errorf("segment %v in %s has a shop around its engine, whose channels and buyers of goods act for all orders at once: such a run can't be dealt out", p.segment, p.file)
	case first.Units.Opening != p.run.Units.Opening && !blankRun(first) && !blankRun(p.run):
		return fmt.Errorf("segment %v in %s opened with %d units, another with %d: segments of one run sell from one stock", p.segment, p.file, p.run.Units.Opening, first.Units.Opening)
	case first.PromisesNoOversell != p.run.PromisesNoOversell:
		return fmt.Errorf("segment %v in %s has another promise of its engine: were they made by different versions?", p.segment, p.file)
	case first.Series.IntervalS != p.run.Series.IntervalS && first.Series.IntervalS != 0 && p.run.Series.IntervalS != 0:
		return fmt.Errorf("segment %v in %s has a series of every %v s, another of every %v s", p.segment, p.file, p.run.Series.IntervalS, first.Series.IntervalS)
	}
	return nil
}

// blankRun says whether a run ended before it had counted anything.
func blankRun(r *Run) bool { return !r.Complete && r.Orders.Asked == 0 }

func (r *Run) addCounts(p *part) {
	from := p.run
	r.Complete, r.Valid = r.Complete && from.Complete, r.Valid && from.Valid
	r.IsControl = r.IsControl && from.IsControl
	for _, why := range from.Invalid {
		r.Invalid = append(r.Invalid, fmt.Sprintf("Segment %v: %s", p.segment, why))
	}
	if from.Error != "" && r.Error == "" {
		r.Error = fmt.Sprintf("segment %v: %s", p.segment, from.Error)
	}
	addAll(reflect.ValueOf(&r.Orders).Elem(), reflect.ValueOf(from.Orders))
	addAll(reflect.ValueOf(&r.Funnel).Elem(), reflect.ValueOf(from.Funnel))
	addAll(reflect.ValueOf(r.Contention), reflect.ValueOf(from.Contention))
	r.Events, r.Operations, r.ElapsedS = r.Events+from.Events, r.Operations+from.Operations, max(r.ElapsedS, from.ElapsedS)
	r.Wall.InFlightLimit += from.Wall.InFlightLimit
	r.Wall.PeakPerS += from.Wall.PeakPerS
	r.Errors = addNamed(r.Errors, from.Errors, func(e RunError) string { return e.Message }, addError)
	r.Channels = addNamed(r.Channels, from.Channels, func(c Channel) string { return c.Name }, addChannel)
	r.Hot = addNamed(r.Hot, from.Hot, func(h HotSKU) string { return h.SKU }, addHot)
	r.Examples = append(r.Examples, from.Examples...)
	for _, w := range from.Warnings {
		if !slices.Contains(r.Warnings, w) {
			r.Warnings = append(r.Warnings, w)
		}
	}
}

// addAll adds every number of from, in its structs and maps, to the same of to.
func addAll(to, from reflect.Value) {
	switch from.Kind() {
	case reflect.Struct:
		for i := range from.NumField() {
			addAll(to.Field(i), from.Field(i))
		}
	case reflect.Map:
		for entries := from.MapRange(); entries.Next(); {
			sum := entries.Value().Int()
			if had := to.MapIndex(entries.Key()); had.IsValid() {
				sum += had.Int()
			}
			to.SetMapIndex(entries.Key(), reflect.ValueOf(sum))
		}
	case reflect.Int64:
		to.SetInt(to.Int() + from.Int())
	default:
		panic("a count of the kind " + from.Kind().String()) // of a field that was added to the format
	}
}

// addNamed adds each of from to the one of its name in to, or to the end.
func addNamed[T any](to, from []T, name func(T) string, add func(to *T, from T)) []T {
	for _, x := range from {
		if i := slices.IndexFunc(to, func(y T) bool { return name(y) == name(x) }); i >= 0 {
			add(&to[i], x)
		} else {
			to = append(to, x)
		}
	}
	return to
}

func addError(to *RunError, from RunError) {
	to.Count += from.Count
	to.FirstMS, to.LastMS = min(to.FirstMS, from.FirstMS), max(to.LastMS, from.LastMS)
}

func addChannel(to *Channel, from Channel) {
	to.Asked, to.Promised, to.PromisedUnits = to.Asked+from.Asked, to.Promised+from.Promised, to.PromisedUnits+from.PromisedUnits
	to.Refused, to.Cancelled = to.Refused+from.Refused, to.Cancelled+from.Cancelled
	to.CancellationRate = quotient(to.Cancelled, to.Promised)
}

func addHot(to *HotSKU, from HotSKU) {
	to.Supply = max(to.Supply, from.Supply)
	to.Asked, to.Promised, to.Oversold = to.Asked+from.Asked, to.Promised+from.Promised, to.Oversold+from.Oversold
	if from.SoldOutMS >= 0 && (to.SoldOutMS < 0 || from.SoldOutMS < to.SoldOutMS) {
		to.SoldOutMS = from.SoldOutMS
	}
}

func (u *Units) add(v *Units) {
	u.Opening = max(u.Opening, v.Opening)
	u.Supply += v.Supply - v.Opening
	u.Received, u.Returned = u.Received+v.Received, u.Returned+v.Returned
	u.Asked, u.Promised = u.Asked+v.Asked, u.Promised+v.Promised
	u.Oversold.Min += v.Oversold.Min
	addAll(reflect.ValueOf(&u.Oversold.ByCause).Elem(), reflect.ValueOf(v.Oversold.ByCause))
	u.OvercommittedPeak, u.HeldBeyondPeak = max(u.OvercommittedPeak, v.OvercommittedPeak), max(u.HeldBeyondPeak, v.HeldBeyondPeak)
	u.Stranded, u.LeftAtClose = max(u.Stranded, v.Stranded), max(u.LeftAtClose, v.LeftAtClose)
}

// add joins what generators did. A percentile of all lies at the highest of the parts at the most; so do peaks at their sum.
func (l *Load) add(m *Load) {
	l.Planned, l.Started, l.Dropped = l.Planned+m.Planned, l.Started+m.Started, l.Dropped+m.Dropped
	l.LagMSP50, l.LagMSP99, l.LagMSMax = max(l.LagMSP50, m.LagMSP50), max(l.LagMSP99, m.LagMSP99), max(l.LagMSMax, m.LagMSMax)
	l.PoolPeak, l.QueuePeak, l.CoroutinesPeak = l.PoolPeak+m.PoolPeak, l.QueuePeak+m.QueuePeak, l.CoroutinesPeak+m.CoroutinesPeak
	l.StorageBusy = max(l.StorageBusy, m.StorageBusy)
}
