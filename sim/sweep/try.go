package sweep

import (
	"fmt"
	"time"
)

// What Try looks at: the first points, as long as there is time. Points come mixed up, so these have nearly every value of a sweep of ordinary size.
const (
	tryPoints = 2000
	tryTime   = 2 * time.Second
)

// Try reads the scenario at the first points: to learn after hours that a value makes none would waste them.
func Try(o *Options) error {
	began, n := time.Now(), 0
	for p := range o.Plan.All() {
		if n == tryPoints || time.Since(began) > tryTime {
			return nil
		}
		if _, err := o.Load(Sets(p.Settings)); err != nil {
			return fmt.Errorf("point %s: %w", p.Settings, err)
		}
		n++
	}
	return nil
}
