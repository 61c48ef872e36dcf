package reports

import (
	"fmt"

	"github.com/doorbuster/doorbuster/sim/result"
)

// hottest is the SKU of its first run that was asked for most; nil if the result names none.
func (s *score) hottest() *result.HotSKU {
	var most *result.HotSKU
	for i := range s.First().Hot {
		if h := &s.First().Hot[i]; most == nil || h.Asked > most.Asked {
			most = h
		}
	}
	return most
}

// soldOutAt is the time of the scenario's day at which the hottest SKU was first refused as sold out.
func (s *score) soldOutAt() string {
	h := s.hottest()
	switch {
	case h == nil:
		return "–"
	case h.SoldOutMS < 0:
		return "never"
	}
	at := float64(h.SoldOutMS) / 1000 * pace(s.First())
	if day := int(at / oneDay); day > 0 {
		return fmt.Sprintf("day %d %s", day+1, clock(at-float64(day)*oneDay))
	}
	return clock(at)
}
