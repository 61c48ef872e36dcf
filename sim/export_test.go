package sim

import "github.com/doorbuster/doorbuster/sim/driver"

// Limits of wall runs, for tests that wait for them.
func Limits() *driver.Limits { return &limits }
