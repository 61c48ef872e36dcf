package driver

// SleepPrecisely is what the driver waits with, for the benchmark that compares it with nothing but waiting.
var SleepPrecisely = sleepPrecisely
