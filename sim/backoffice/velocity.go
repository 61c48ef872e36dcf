package backoffice

import (
	"math"
	"time"
)

// velocity is an amount a second, averaged with weights that fall exponentially with age. The time in which they fall to 1/e is the
// memory that each call is given.
type velocity struct {
	perS float64 // as of at
	at   time.Duration
}

// add notes an amount.
func (v *velocity) add(at time.Duration, amount float64, memory time.Duration) {
	v.perS = v.now(at, memory) + amount*float64(time.Second)/float64(memory)
	v.at = at
}

// now is the velocity at a time that is not before the last amount's.
func (v *velocity) now(at, memory time.Duration) float64 {
	return v.perS * math.Exp(-float64(at-v.at)/float64(memory))
}
