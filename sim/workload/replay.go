package workload

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// replayJitter is how far copies of a logged order are spread: logs keep time by the minute.
const replayJitter = time.Minute

// NewReplay makes a real order log the demand: its clock and its popularity stay, each order comes amplify times (1 to 1,000) within a minute of its own
// time. Who orders through which channel is drawn by the scenario's shares. Nobody abandons a logged order: it was paid.
func NewReplay(sc *scenarios.Scenario, log *Log, amplify int) *Demand {
	d := &Demand{
		Names:    func(s engines.SKU) string { return log.SKUs[s] },
		Length:   log.Span() + replayJitter,
		Scale:    1,
		scenario: sc, log: log, amplify: max(1, amplify),
	}
	units, lines := make([]int64, len(log.SKUs)), make([]int64, len(log.SKUs))
	total := int64(0)
	for _, o := range log.Orders {
		bySKU(o.Lines)
		if o.Return {
			continue
		}
		for _, l := range o.Lines {
			units[l.SKU] += int64(l.Qty) * int64(d.amplify)
			lines[l.SKU]++
			total++
		}
	}
	d.Hot = mostAsked(lines, sc.Demand.Hot.SKUs)
	d.Opening = make([]int64, len(units))
	hotLines := int64(0)
	for i, u := range units {
		cover := sc.Stock.Cover
		if d.Hot[i] {
			cover = sc.Stock.HotCover
			hotLines += lines[i]
		}
		d.Opening[i] = max(sc.Stock.Minimum, int64(math.Round(float64(u)*cover)))
	}
	if total > 0 {
		d.HotShare = float64(hotLines) / float64(total)
	}
	d.HotShareAtScale1 = d.HotShare
	return d
}

// mostAsked marks the n SKUs that stand in most lines.
func mostAsked(lines []int64, n int) []bool {
	order := make([]int, len(lines))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(lines[b] - lines[a]) })
	hot := make([]bool, len(lines))
	for _, i := range order[:min(n, len(order))] {
		hot[i] = true
	}
	return hot
}

// bySKU brings lines into the order in which a Plan and a Movement have them.
func bySKU(lines []engines.Line) {
	slices.SortStableFunc(lines, func(a, b engines.Line) int { return cmp.Compare(a.SKU, b.SKU) })
}

// sales is the number of logged orders that buy.
func (l *Log) sales() int {
	n := 0
	for i := range l.Orders {
		if !l.Orders[i].Return {
			n++
		}
	}
	return n
}

// replay is the arrivals of a log.
type replay struct {
	d      *Demand
	who    *shoppers
	visits []visit
	plan   Plan
	n      uint64
}

type visit struct {
	at    time.Duration
	order uint32
}

func newReplay(d *Demand, seed uint64) *replay {
	r := &replay{d: d, who: newShoppers(d.scenario, seed)}
	jitter := newStream(seed, replayStream)
	for i := range d.log.Orders {
		if d.log.Orders[i].Return {
			continue
		}
		for range d.amplify {
			at := d.log.Orders[i].At + time.Duration(jitter.Float64()*float64(replayJitter))
			r.visits = append(r.visits, visit{at, uint32(i)})
		}
	}
	slices.SortStableFunc(r.visits, func(a, b visit) int { return int(a.at - b.at) })
	return r
}

// Next implements Arrivals.
func (r *replay) Next() *Plan {
	if r.n == uint64(len(r.visits)) {
		return nil
	}
	v, p := r.visits[r.n], &r.plan
	r.n++
	r.who.come(p, r.n, v.at)
	p.Lines = append(p.Lines[:0], r.d.log.Orders[v.order].Lines...)
	if p.Own {
		r.paid(p)
	}
	p.Asks = true
	r.who.later(p)
	return p
}

// paid is the way of an order that is known to have been paid: it begins at checkout.
func (r *replay) paid(p *Plan) {
	p.LeavesAtCart, p.LeavesAtCheckout, p.Pays, p.FailedPayments = false, false, true, 0
	p.CartAfter, p.CheckoutAfter = 0, 0
	p.PayAfter = think(r.who.basket, r.who.PayTime, r.who.ThinkSigma)
}

// loggedReturns are the log's credit notes, as goods that come back; amplified as the orders are.
func (d *Demand) loggedReturns() func(*Movement) bool {
	i := 0
	return func(m *Movement) bool {
		for ; i < len(d.log.Orders); i++ {
			o := &d.log.Orders[i]
			if !o.Return {
				continue
			}
			*m = Movement{o.At, engines.Return, slices.Clone(o.Lines)}
			for j := range m.Lines {
				m.Lines[j].Qty = int32(min(int64(m.Lines[j].Qty)*int64(d.amplify), math.MaxInt32))
			}
			i++
			return true
		}
		return false
	}
}
