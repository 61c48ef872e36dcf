package reports

import (
	"fmt"

	"github.com/doorbuster/doorbuster/sim/result"
)

// published sets our figures beside those that were published elsewhere.
func (t *terminal) published(f *result.File) {
	if len(f.Published) == 0 {
		return
	}
	t.line("\npublished                                         theirs  ours, with its 95 %% interval over runs")
	for _, p := range f.Published {
		theirs := quantity(p.Value, p.Unit)
		if p.AtMost {
			theirs = "under " + theirs
		}
		t.line("%-36s %19s  %s", printable(p.Variant+" "+p.Figure), theirs, ours(p))
	}
}

// ours is our side of a published figure, in words.
func ours(p result.Published) string {
	switch p.Runs {
	case 0:
		return "not run, or no run is valid"
	case 1:
		return found(p.Mean, p.Unit) + " (one run: no interval)"
	}
	return fmt.Sprintf("%s (%s to %s, %d runs)", found(p.Mean, p.Unit), found(p.Low, p.Unit), found(p.High, p.Unit), p.Runs)
}

// found is a figure of ours: three digits, for it is as good as its interval.
func found(v float64, unit string) string {
	switch unit {
	case "share":
		return significant(100*v) + " %"
	case "change":
		return fmt.Sprintf("%+.1f %%", 100*v)
	}
	return significant(v) + " " + unit
}

// quantity is a figure as it was published.
func quantity(v float64, unit string) string {
	switch unit {
	case "share":
		return fmt.Sprintf("%.3g %%", 100*v)
	case "change":
		return fmt.Sprintf("%+.3g %%", 100*v)
	}
	return fmt.Sprintf("%.3g %s", v, unit)
}
