//go:build !linux

package driver

import "time"

// sleepPrecisely sleeps as precisely as Go's timers do, which is measured as the generator's lag.
func sleepPrecisely(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // the pace of the load is what this is for
}
