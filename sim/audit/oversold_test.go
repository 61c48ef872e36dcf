package audit

import (
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

func TestOversoldPassesWhenStockSuffices(t *testing.T) {
	s := tell(t, Config{}, 3)
	s.at(1).sell(1, x(0, 2)).done()
	s.at(2).reserve(2, x(0, 1)).done()
	s.at(3).confirm(2).done()
	s.at(4).sell(3, x(0, 1)).soldOut()
	got := s.close()
	s.want(got, "oversold", Pass)
	equal(t, "oversold", got.Oversold, Range{})
	equal(t, "peak", got.OvercommittedPeak, 0)
}

func TestOversoldCountsUnitsBeyondStock(t *testing.T) {
	s := tell(t, Config{}, 3, 100)
	s.at(1).sell(1, x(0, 2)).on(1).done()
	s.at(2).sell(2, x(0, 2), x(1, 5)).on(1).done() // one unit too many
	s.at(3).sell(3, x(0, 2)).on(2).done()          // two more
	got := s.close()
	c := s.want(got, "oversold", Fail)
	equal(t, "first", c.FirstAt, 2*time.Second)
	equal(t, "oversold", got.Oversold, Range{3, 3})
	equal(t, "cause", got.ByCause, ByCause{Engine: 3})
	equal(t, "orders", got.OrdersOversold, 2)
	equal(t, "peak", got.OvercommittedPeak, 3)
	equal(t, "of SKU 0", got.OversoldBySKU[0], 3)
	equal(t, "seller cancels", got.SellerOversold, 2)
	equal(t, "on channel 1", got.SellerOversoldBy[1], 1)
	equal(t, "on channel 2", got.SellerOversoldBy[2], 1)
	equal(t, "examples", len(got.Examples), 2)
	equal(t, "example", got.Examples[0].Order, 2)
	for _, e := range got.Examples {
		equal(t, "how it ends", e.Story[len(e.Story)-1], "At the close the order was promised, and there is no unit for it: the seller has to cancel.")
	}
	equal(t, "series", func() int64 { o := s.log.Series().OversoldUnits; return o[len(o)-1] }(), 3)
}

// The books of an engine that promises the last unit twice may balance: conservation alone catches nothing.
func TestOversoldBehindBooksThatBalance(t *testing.T) {
	s := tell(t, Config{}, 1)
	s.at(1).sell(1, x(0, 1)).done()
	s.at(1).sell(2, x(0, 1)).done()
	s.books[0] = &engines.Stock{Available: -1, Committed: 2}
	got := s.close()
	s.want(got, "conservation", Pass)
	s.want(got, "oversold", Fail)
}

// Counting by the time of answers would accuse: order 2 is told yes while order 1 still looks sold.
func TestOversoldDoesNotAccuseUnderConcurrency(t *testing.T) {
	s := tell(t, Config{}, 1)
	s.at(1).sell(1, x(0, 1)).done()
	cancel := s.at(2).cancel(1)
	s.at(3).sell(2, x(0, 1)).done()
	s.at(4)
	cancel.done()
	got := s.at(5).close()
	s.want(got, "oversold", Pass)
	equal(t, "oversold", got.Oversold, Range{})
}

func TestOversoldCountsArrivalsWhenAskedFor(t *testing.T) {
	s := tell(t, Config{}, 0)
	receipt := s.at(1).feed(engines.Receive, x(0, 1))
	s.at(2).sell(1, x(0, 1)).done()
	s.at(3)
	receipt.done()
	s.want(s.close(), "oversold", Pass)

	s = tell(t, Config{}, 0)
	s.at(1).sell(1, x(0, 1)).done() // it had not even been asked for
	s.at(2).feed(engines.Receive, x(0, 1)).done()
	got := s.close()
	s.want(got, "oversold", Fail)
	equal(t, "seller cancels", got.SellerOversold, 0) // the receipt came in time for fulfilment
}

func TestOversoldPromiseAgainAfterARefusedCancellation(t *testing.T) {
	s := tell(t, Config{}, 1)
	s.at(1).sell(1, x(0, 1)).done()
	s.at(2).ship(1).done()
	s.at(3).cancel(1).notFound() // too late: it was shipped
	s.at(4).sell(2, x(0, 1)).done()
	equal(t, "oversold", s.close().Oversold, Range{1, 1})
}

func TestOversoldBlamesLosses(t *testing.T) {
	s := tell(t, Config{}, 4)
	s.at(1).reserve(1, x(0, 3)).done()
	s.at(2).feed(engines.Adjust, x(0, -2)).done() // one unit of the hold lost its backing
	s.at(3).confirm(1).done()
	s.at(4).sell(2, x(0, 1)).done() // this one the engine should have refused
	got := s.close()
	s.want(got, "oversold", Fail)
	equal(t, "cause", got.ByCause, ByCause{Engine: 1, Loss: 1})
}

func TestOversoldForgetsLossesOfHoldsThatEnded(t *testing.T) {
	s := tell(t, Config{}, 3)
	s.at(1).reserve(1, x(0, 3)).done()
	s.at(2).feed(engines.Count, x(0, 1)).done()
	s.at(3).release(1).done()
	s.at(4).sell(2, x(0, 2)).done()
	equal(t, "cause", s.close().ByCause, ByCause{Engine: 1})
}

func TestOversoldBlamesALateCount(t *testing.T) {
	s := tell(t, Config{}, 3)
	count := s.at(1).feed(engines.Count, x(0, 1))
	sale := s.at(2).sell(1, x(0, 2))
	s.at(3)
	count.done()
	s.at(4)
	sale.done()
	equal(t, "cause", s.close().ByCause, ByCause{Loss: 1})
}

func TestHeldBeyondPeakIsShownApart(t *testing.T) {
	s := tell(t, Config{}, 2)
	s.at(1).reserve(1, x(0, 2)).done()
	s.at(2).reserve(2, x(0, 1)).done()
	s.at(3).release(1).done()
	s.at(4).confirm(2).done()
	got := s.close()
	s.want(got, "oversold", Pass)
	equal(t, "held beyond", got.HeldBeyondPeak, 1)
	equal(t, "peak", got.OvercommittedPeak, 0)
}

func TestSellerCancelsTheLatestOrders(t *testing.T) {
	s := tell(t, Config{}, 1)
	for order := engines.OrderID(1); order <= 4; order++ {
		s.at(float64(order)).sell(order, x(0, 1)).on(engines.Channel(order % 3)).done()
	}
	s.at(5).cancel(4).done()
	s.at(6).cancel(1).done()
	got := s.close()
	equal(t, "oversold", got.Oversold, Range{3, 3})
	equal(t, "seller cancels", got.SellerOversold, 1) // of 2 and 3, for the one unit
	equal(t, "order 3, channel 0", got.SellerOversoldBy[0], 1)
}

func TestLostPromises(t *testing.T) {
	sellTwo := func(truth engines.Outcome, mute error) (*story, Verdicts) {
		s := tell(t, Config{}, 1)
		s.mute = mute
		s.at(1).sell(1, x(0, 1)).lost(truth)
		s.at(2).sell(2, x(0, 1)).done()
		return s, s.close()
	}
	s, got := sellTwo(engines.Done, nil)
	s.want(got, "oversold", Fail)
	equal(t, "made", got.Oversold, Range{1, 1})
	equal(t, "seller cancels", got.SellerOversold, 1)

	s, got = sellTwo(engines.Unknown, nil)
	s.want(got, "oversold", Pass)
	equal(t, "never made", got.Oversold, Range{})

	s, got = sellTwo(engines.Done, errLost)
	s.want(got, "oversold", Unknown)
	equal(t, "not settled", got.Oversold, Range{0, 1})
}

func TestLostPromiseSettledBySendingAgain(t *testing.T) {
	s := tell(t, Config{}, 1)
	c := s.at(1).sell(1, x(0, 1)).lost(engines.Done)
	s.at(2)
	c.again(engines.Done)
	s.mute = errLost
	got := s.close()
	s.want(got, "oversold", Pass)
	equal(t, "oversold", got.Oversold, Range{})
	equal(t, "unknown orders", s.log.Totals().Unknown, 0)
	equal(t, "promised orders", s.log.Totals().Promised, 1)
}

func TestLostPromisesThatFitAreNoDoubt(t *testing.T) {
	s := tell(t, Config{}, 3)
	s.at(1).sell(1, x(0, 1)).lost(engines.Done)
	s.at(2).sell(2, x(0, 1)).lost(engines.SoldOut)
	s.at(3).sell(3, x(0, 2)).done() // with both it would be one too many
	s.want(s.close(), "oversold", Pass)
}

func TestLostArrivals(t *testing.T) {
	sellOnArrival := func(truth engines.Outcome) Verdicts {
		s := tell(t, Config{}, 1)
		s.at(1).feed(engines.Receive, x(0, 1)).lost(truth)
		s.at(2).sell(1, x(0, 2)).done()
		return s.close()
	}
	equal(t, "it came", sellOnArrival(engines.Done).Oversold, Range{})
	equal(t, "it never came", sellOnArrival(engines.Unknown).Oversold, Range{0, 1})
}

func TestLostPromiseOfACancelledOrderStaysInDoubt(t *testing.T) {
	s := tell(t, Config{}, 1)
	s.at(1).sell(1, x(0, 1)).lost(engines.Done)
	s.at(2).sell(2, x(0, 1)).done()
	s.at(3).cancel(1).done()
	equal(t, "oversold", s.close().Oversold, Range{0, 1})
}

func TestNothingPromisedProvesNothing(t *testing.T) {
	s := tell(t, Config{}, 1)
	s.at(1).sell(1, x(0, 2)).soldOut()
	s.want(s.close(), "oversold", Unknown)
}
