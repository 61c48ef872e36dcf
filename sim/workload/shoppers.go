package workload

import (
	"math"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
)

// maxPaymentRetries bounds how often a shopper tries to pay again.
const maxPaymentRetries = 2

// shoppers draws what a shopper does, from the scenario's figures.
type shoppers struct {
	sc       *scenarios.Scenario
	seed     uint64
	channels alias
	lines    alias
	units    alias
	random   *stream
}

func newShoppers(sc *scenarios.Scenario, seed uint64) *shoppers {
	s := &shoppers{sc: sc, seed: seed, random: newStream()}
	var shares []float64
	for _, c := range sc.Channels {
		shares = append(shares, c.Share)
	}
	s.channels = newAlias(shares)
	s.lines = newAlias(sc.Demand.BasketLines)
	s.units = newAlias(sc.Demand.LineUnits)
	return s
}

// channel draws who the shopper buys from, with the stream that draws their basket.
func (s *shoppers) channel(r *stream, p *Plan) {
	c := s.sc.Channels[s.channels.draw(r)]
	p.Channel, p.Own = engines.Channel(c.Index), c.Kind == scenarios.Own
}

// basket draws the lines, from a mixture in which doorbusters have the given share.
func (s *shoppers) basket(r *stream, p *Plan, m *mixture, hotShare float64) {
	p.Lines = p.Lines[:0]
	for range s.lines.draw(r) + 1 {
		l := engines.Line{SKU: m.draw(r, hotShare), Qty: int32(s.units.draw(r) + 1)}
		i := len(p.Lines)
		p.Lines = append(p.Lines, l)
		for ; i > 0 && p.Lines[i-1].SKU > l.SKU; i-- {
			p.Lines[i] = p.Lines[i-1]
		}
		p.Lines[i] = l
	}
}

// behave draws what the shopper of an own store does.
func (s *shoppers) behave(p *Plan) {
	sh := &s.sc.Shopper
	r := s.random.set(s.seed, p.Shopper, behaviourStream)
	p.LeavesAtCart = r.Float64() < sh.LeaveAtCart
	if !p.Asks(s.sc.Holds.Policy) && p.LeavesAtCart {
		return // how they would have gone on is never asked
	}
	p.CartAfter = think(r, sh.BrowseTime, sh.ThinkSigma)
	p.LeavesAtCheckout = r.Float64() < sh.LeaveAtCheckout
	p.SaysSo = r.Float64() < 0.5
	p.CheckoutAfter = think(r, sh.CartTime, sh.ThinkSigma)
	p.PayAfter = think(r, sh.PayTime, sh.ThinkSigma)
	p.FailedPayments, p.Pays = 0, true
	for r.Float64() < sh.PaymentFailure {
		p.FailedPayments++
		if p.FailedPayments > maxPaymentRetries || r.Float64() >= sh.PaymentRetry {
			p.Pays = false
			return
		}
	}
}

// later draws what the shopper does after the promise, and whether their client repeats itself.
func (s *shoppers) later(p *Plan) {
	sh := &s.sc.Shopper
	r := s.random.set(s.seed, p.Shopper, cancelStream)
	p.CancelAfter = 0
	if r.Float64() < sh.CancelShare {
		p.CancelAfter = time.Duration(r.ExpFloat64()*float64(sh.CancelAfter)) + 1
	}
	p.Resend = r.Float64() < sh.ResendShare
	p.SecondTab = p.Own && sh.SecondTab > 0 && s.random.set(s.seed, p.Shopper, tabStream).Float64() < sh.SecondTab
}

// think draws a log-normal time with the given median.
func think(r *stream, median time.Duration, sigma float64) time.Duration {
	return time.Duration(float64(median) * math.Exp(sigma*r.NormFloat64()))
}
