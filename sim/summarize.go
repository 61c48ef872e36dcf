package sim

import "github.com/doorbuster/doorbuster/sim/result"

// Summarize works out f's summaries from its runs, where they have changed since Run gave them.
func Summarize(f *result.File) { f.Summaries = summarize(f.Runs) }
