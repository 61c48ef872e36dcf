package workload

import (
	"math"
	"slices"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// maxPaymentRetries bounds how often a shopper tries to pay again.
const maxPaymentRetries = 2

// shoppers draws what a shopper does, from the scenario's figures.
type shoppers struct {
	*scenarios.Shopper
	sellers                []seller // by what channels draws
	channels, lines, units alias

	leavesAtCart, leavesAtCheckout, saysSo chance
	failsToPay, retries                    chance
	cancels, resends, opensSecondTab       chance
	holdsCarts, holdsNothing               bool // else stock is held at checkout

	scrambled                                  uint64 // number of the shopper who came last, for their streams:
	basket, behaviour, cancellation, secondTab *stream
}

// seller is a channel, as a plan has it.
type seller struct {
	channel engines.Channel
	own     bool
}

func newShoppers(sc *scenarios.Scenario, seed uint64) *shoppers {
	sh := &sc.Shopper
	s := &shoppers{
		Shopper: sh,
		lines:   newAlias(sc.Demand.BasketLines, 1), units: newAlias(sc.Demand.LineUnits, 1),
		leavesAtCart: chanceOf(sh.LeaveAtCart), leavesAtCheckout: chanceOf(sh.LeaveAtCheckout), saysSo: chanceOf(0.5),
		failsToPay: chanceOf(sh.PaymentFailure), retries: chanceOf(sh.PaymentRetry),
		cancels: chanceOf(sh.CancelShare), resends: chanceOf(sh.ResendShare), opensSecondTab: chanceOf(sh.SecondTab),
		holdsCarts: sc.Holds.Policy == scenarios.HoldAtCart, holdsNothing: sc.Holds.Policy == scenarios.HoldAtPayment,
		basket: newStream(seed, basketStream), behaviour: newStream(seed, behaviourStream),
		cancellation: newStream(seed, cancelStream), secondTab: newStream(seed, tabStream),
	}
	var shares []float64
	for _, c := range sc.Channels {
		shares = append(shares, c.Share)
		s.sellers = append(s.sellers, seller{engines.Channel(c.Index), c.Kind == scenarios.Own})
	}
	s.channels = newAlias(shares, 0)
	return s
}

// come begins the plan of a shopper: who they buy from is drawn by the stream that then draws their basket.
func (s *shoppers) come(p *Plan, number uint64, at time.Duration) {
	s.scrambled = scramble(number)
	c := s.sellers[s.channels.draw(s.basket.set(s.scrambled))]
	p.Shopper, p.At, p.Channel, p.Own = number, at, c.channel, c.own
}

// fill draws the lines, from a mixture in which doorbusters have the given chance.
func (s *shoppers) fill(p *Plan, m *mixture, hot chance) {
	r := s.basket
	n := int(s.lines.draw(r))
	p.Lines = slices.Grow(p.Lines[:0], n)[:n]
	lines := p.Lines
	for i := range lines {
		sku := engines.SKU(m.part(r, hot).draw(r))
		lines[i] = engines.Line{SKU: sku, Qty: int32(s.units.draw(r))}
	}
	fewBySKU(lines)
}

// fewBySKU is bySKU for lines that were drawn, of which there are too few for more than insertion.
func fewBySKU(lines []engines.Line) {
	for next := 1; next < len(lines); next++ {
		l, i := lines[next], next
		for ; i > 0 && lines[i-1].SKU > l.SKU; i-- {
			lines[i] = lines[i-1]
		}
		lines[i] = l
	}
}

// behave draws what the shopper of an own store does, and says whether the engine is asked for units.
func (s *shoppers) behave(p *Plan) bool {
	r := s.behaviour.set(s.scrambled)
	p.LeavesAtCart = r.happens(s.leavesAtCart)
	if p.LeavesAtCart && !s.holdsCarts {
		return false // how they would have gone on is never asked
	}
	p.CartAfter = think(r, s.BrowseTime, s.ThinkSigma)
	p.LeavesAtCheckout = r.happens(s.leavesAtCheckout)
	p.SaysSo = r.happens(s.saysSo)
	p.CheckoutAfter = think(r, s.CartTime, s.ThinkSigma)
	p.PayAfter = think(r, s.PayTime, s.ThinkSigma)
	p.FailedPayments, p.Pays = 0, true
	for p.Pays && r.happens(s.failsToPay) {
		p.FailedPayments++
		p.Pays = p.FailedPayments <= maxPaymentRetries && r.happens(s.retries)
	}
	return !s.holdsNothing || p.Buys()
}

// later draws what the shopper does after the promise, and whether their client repeats itself.
func (s *shoppers) later(p *Plan) {
	r := s.cancellation.set(s.scrambled)
	p.CancelAfter = 0
	if r.happens(s.cancels) {
		p.CancelAfter = time.Duration(r.ExpFloat64()*float64(s.CancelAfter)) + 1
	}
	p.Resend = r.happens(s.resends)
	p.SecondTab = p.Own && s.opensSecondTab > 0 && s.secondTab.set(s.scrambled).happens(s.opensSecondTab)
}

// think draws a log-normal time with the given median.
func think(r *stream, median time.Duration, sigma float64) time.Duration {
	return time.Duration(float64(median) * math.Exp(sigma*r.NormFloat64()))
}
