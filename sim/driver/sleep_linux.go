package driver

import (
	"syscall"
	"time"
)

// prSetTimerSlack is PR_SET_TIMERSLACK: by how much, in nanoseconds, the kernel may let a sleep of the calling thread end late to
// save itself a wake-up. The default is 50 µs.
const prSetTimerSlack = 29

// sleepPrecisely sleeps as precisely as the kernel does, or shorter if a signal comes. Go's own timers are late by half a millisecond at
// the median, since they are waited for together with the network. The thread is asked for each time, for it may be another one.
func sleepPrecisely(d time.Duration) {
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, prSetTimerSlack, 1, 0) // where it is refused, sleeps are later, which is measured
	ts := syscall.NsecToTimespec(int64(d))
	_ = syscall.Nanosleep(&ts, nil) // the caller looks at the clock again
}
