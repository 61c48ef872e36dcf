package workload

import (
	"slices"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// Movement is stock that moves without an order: a delivery, or goods that came back.
type Movement struct {
	At    time.Duration
	Kind  engines.Kind
	Lines []engines.Line
}

// deliveryLines is how many articles one delivery note names.
const deliveryLines = 50

// Feed yields the movements of the day, in the order of time.
type Feed struct {
	deliveries []Movement
	returns    func(*Movement) bool
	pending    Movement
	have       bool
}

// Feed is what comes in on this day for one seed.
func (d *Demand) Feed(seed uint64) *Feed {
	f := &Feed{deliveries: d.deliveries()}
	if d.log != nil {
		f.returns = d.loggedReturns()
	} else {
		f.returns = d.drawnReturns(seed)
	}
	f.have = f.returns(&f.pending)
	return f
}

// Next fills m, whose slice it uses again, and says whether there was a next one.
func (f *Feed) Next(m *Movement) bool {
	if len(f.deliveries) > 0 && (!f.have || f.deliveries[0].At <= f.pending.At) {
		m.copy(&f.deliveries[0])
		f.deliveries = f.deliveries[1:]
		return true
	}
	if !f.have {
		return false
	}
	m.copy(&f.pending)
	f.have = f.returns(&f.pending)
	return true
}

func (m *Movement) copy(from *Movement) {
	m.At, m.Kind, m.Lines = from.At, from.Kind, append(m.Lines[:0], from.Lines...)
}

// deliveries are the scenario's receipts, one note after the other, a second apart.
func (d *Demand) deliveries() []Movement {
	var all []Movement
	for _, r := range d.scenario.Stock.Receipts {
		var lines []engines.Line
		for sku, opening := range d.Opening {
			if qty := int32(float64(opening)*r.Share + 0.5); qty > 0 {
				lines = append(lines, engines.Line{SKU: engines.SKU(sku), Qty: qty})
			}
		}
		at := r.At
		for note := range slices.Chunk(lines, deliveryLines) {
			all = append(all, Movement{at, engines.Receive, note})
			at += time.Second
		}
	}
	slices.SortStableFunc(all, func(a, b Movement) int { return int(a.At - b.At) })
	return all
}

// returnLines is how many returned articles are booked at once, when they have been inspected.
const returnLines = 20

// drawnReturns are goods of earlier weeks' sales: an even Poisson stream of single units, booked in notes.
func (d *Demand) drawnReturns(seed uint64) func(*Movement) bool {
	r := newStream(seed, returnStream)
	hot := chanceOf(d.mix.hotWeight / (d.mix.hotWeight + d.mix.coldWeight)) // outside the burst
	perSecond := d.scenario.Stock.Returns * d.rate.mean * (d.mix.hotWeight + d.mix.coldWeight)
	var at time.Duration
	var lines []engines.Line
	return func(m *Movement) bool {
		lines = lines[:0]
		for perSecond > 0 && at < d.Length && len(lines) < returnLines {
			if at += time.Duration(r.ExpFloat64() / perSecond * 1e9); at < d.Length {
				lines = append(lines, engines.Line{SKU: engines.SKU(d.mix.part(r, hot).draw(r)), Qty: 1})
			}
		}
		fewBySKU(lines)
		*m = Movement{min(at, d.Length), engines.Return, lines}
		return len(lines) > 0
	}
}
