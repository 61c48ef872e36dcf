package result

import "fmt"

// DemandDiffers says in what the days of two files are not the same, each as "scale: 0.1 and 0.05"; nothing where every run of
// one can be held against the run of the same seed of the other. Scales are looked at where both files have runs of that mode:
// a virtual run has the scenario's, a wall run so much of it as it could bear.
func DemandDiffers(a, b *File) []string {
	var all []string
	look := func(what string, x, y any) {
		if x != y {
			all = append(all, fmt.Sprintf("%s: %v and %v", what, x, y))
		}
	}
	look("scenario", a.Scenario, b.Scenario)
	look("configuration", a.Demand.ConfigHash, b.Demand.ConfigHash)
	look("source of the demand", a.Demand.Source, b.Demand.Source)
	look("length of the day in s", a.Demand.DayS, b.Demand.DayS)
	look("spike factor", a.Demand.SpikeFactor, b.Demand.SpikeFactor)
	if a.first(Virtual) != nil && b.first(Virtual) != nil {
		look("scale", a.Demand.Scale, b.Demand.Scale)
		look("SKUs", a.Demand.SKUs, b.Demand.SKUs)
	}
	if x, y := a.first(Wall), b.first(Wall); x != nil && y != nil {
		look("duration of wall runs in s", x.Wall.DurationS, y.Wall.DurationS)
		look("scale of wall runs", x.Wall.Scale, y.Wall.Scale)
		look("SKUs of wall runs", x.Wall.SKUs, y.Wall.SKUs)
		look("share of the demand in wall runs", x.Wall.DemandShare, y.Wall.DemandShare)
	}
	return all
}

// first is the first run of a mode that somebody asked for; nil: there is none.
func (f *File) first(mode string) *Run {
	for i := range f.Runs {
		if f.Runs[i].Mode == mode && !f.Runs[i].IsControl {
			return &f.Runs[i]
		}
	}
	return nil
}
