package result

import (
	"fmt"
	"slices"
	"strings"
)

// Part is a file that Merge merges, and its name for what Merge says of it.
type Part struct {
	Name string
	File *File
}

// part is one run of one file.
type part struct {
	file    string
	run     *Run
	segment segment
}

// runKey tells runs apart that are not parts of each other.
type runKey struct {
	engine, variant, mode, settings string
	seed                            uint64
}

func (r *Run) key() runKey { return runKey{r.Engine, r.Variant, r.Mode, r.Settings.String(), r.Seed} }

// name is how Merge calls a run.
func (r *Run) name() string {
	return strings.Join(strings.Fields(fmt.Sprintf("%s %s %s seed %d %s", r.Engine, r.Variant, r.Mode, r.Seed, r.Settings)), " ")
}

// Merge makes one file of several with the same demand. Runs that are segments of one distributed run become one run; all others
// stand side by side. The same run in two files is refused, for it would count twice, but for one that is a control in both. A segment
// that is missing or was cut short makes the run, and so the file, incomplete; so does a point of a sweep that is in no shard. The summaries of the file, and what it says beside published
// figures, are left empty: its runs have changed.
func Merge(parts []Part) (*File, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("nothing to merge")
	}
	merged := *parts[0].File
	merged.Runs, merged.Summaries, merged.Published, merged.Warnings, merged.Card.Servers = nil, nil, nil, nil, map[string]Server{}
	var order []runKey
	groups := map[runKey][]*part{}
	for _, p := range parts {
		if differs := DemandDiffers(parts[0].File, p.File); len(differs) > 0 {
			return nil, fmt.Errorf("%s and %s are not parts of one whole: they differ in %s", parts[0].Name, p.Name, strings.Join(differs, "; "))
		}
		if a, b := parts[0].File.Sweep.plan(), p.File.Sweep.plan(); a != b {
			return nil, fmt.Errorf("%s and %s are not parts of one sweep: %s and %s", parts[0].Name, p.Name, a, b)
		}
		merged.join(p.File)
		for i := range p.File.Runs {
			r := &p.File.Runs[i]
			if groups[r.key()] == nil {
				order = append(order, r.key())
			}
			groups[r.key()] = append(groups[r.key()], &part{file: p.Name, run: r})
		}
	}
	for _, key := range order {
		r, err := whole(groups[key])
		if err != nil {
			return nil, err
		}
		merged.Runs = append(merged.Runs, r)
		merged.Complete = merged.Complete && r.Complete
	}
	merged.joinShards(parts)
	return &merged, nil
}

// join takes over what files say beside their runs. Parts run at the same time, so the longest tells how long it took.
func (f *File) join(g *File) {
	f.Complete = f.Complete && g.Complete
	f.ElapsedS = max(f.ElapsedS, g.ElapsedS)
	for name, server := range g.Card.Servers {
		f.Card.Servers[name] = server
	}
	for _, w := range append(slices.Clone(g.Warnings), f.Card.otherThan(&g.Card)...) {
		if !slices.Contains(f.Warnings, w) {
			f.Warnings = append(f.Warnings, w)
		}
	}
}

// otherThan warns of what the parts do not share.
func (c *Card) otherThan(d *Card) []string {
	var warnings []string
	if c.Commit != d.Commit {
		warnings = append(warnings, fmt.Sprintf("Merged from results of different versions of doorbuster: %q and %q.", c.Commit, d.Commit))
	}
	if c.CPU != d.CPU || c.Cores != d.Cores {
		warnings = append(warnings, fmt.Sprintf("Merged from results of different machines: %s with %d cores and %s with %d.", c.CPU, c.Cores, d.CPU, d.Cores))
	}
	return warnings
}

// whole is the one run that all parts belong to.
func whole(parts []*part) (Run, error) {
	segmented := func(p *part) bool { return p.run.Segment != "" }
	switch {
	case slices.ContainsFunc(parts, segmented):
		if i := slices.IndexFunc(parts, func(p *part) bool { return !segmented(p) }); i >= 0 {
			return Run{}, fmt.Errorf("%s is a whole run in %s and a segment elsewhere", parts[i].run.name(), parts[i].file)
		}
		return assembled(parts)
	case len(parts) == 1:
		return *parts[0].run, nil
	}
	asked := slices.DeleteFunc(slices.Clone(parts), func(p *part) bool { return p.run.IsControl })
	switch len(asked) {
	case 0: // each shard runs the control for itself
		return *parts[0].run, nil
	case 1:
		return *asked[0].run, nil
	}
	return Run{}, fmt.Errorf("%s is in %s and in %s, and is no segment of a run: it would count twice", asked[0].run.name(), asked[0].file, asked[1].file)
}

// assembled is the run of which the parts are segments.
func assembled(parts []*part) (Run, error) {
	missing, err := sortSegments(parts)
	if err != nil {
		return Run{}, err
	}
	r, err := mergeSegments(parts)
	if err != nil {
		return Run{}, fmt.Errorf("%s: %w", parts[0].run.name(), err)
	}
	if len(missing) > 0 {
		// It keeps a segment, so that nobody merges it with one of its own parts as if it were a whole run.
		r.Segment = parts[0].segment.String()
		if n := len(parts); n > 1 {
			r.Segment = segment{parts[0].segment.from, parts[n-1].segment.to}.String()
		}
		r.Complete, r.Valid = false, false
		r.Invalid = append(r.Invalid, "Segments of the demand are missing: "+strings.Join(missing, ", ")+".")
		r.Verdict = judged(&r, parts)
	}
	return r, nil
}
